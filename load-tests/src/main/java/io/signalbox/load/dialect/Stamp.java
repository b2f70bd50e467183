package io.signalbox.load.dialect;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What the generator writes at the beginning of a payload, so that the receiver knows the message again.
 *
 * @param intendedNanos when it should have been sent, in {@link System#nanoTime}, which processes of one machine share
 * @param worker number of the generator process that sent it
 * @param run number of the repetition
 * @param from index of the sending agent
 * @param to index of the agent it is for; {@link #TO_ALL}: everybody
 * @param number grows with each message that the worker sends in a run
 */
public record Stamp(long intendedNanos, int worker, int run, Kind kind, int from, int to, int number) {
    /** Bytes that a stamp takes; no payload is shorter. */
    public static final int BYTES = 24;

    public static final int TO_ALL = -1;

    /** What the receiver is to do with it. */
    public enum Kind {
        ONE_WAY,
        REQUEST,
        REPLY,
        /** Is acknowledged to its sender under {@link Stamp#ref}, and by its receiver. */
        DURABLE
    }

    private static final Kind[] KINDS = Kind.values();
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    /** Writes it to the first {@link #BYTES} bytes. */
    public void write(byte[] payload) {
        LONG.set(payload, 0, intendedNanos);
        INT.set(payload, 8, from);
        INT.set(payload, 12, to);
        INT.set(payload, 16, number);
        payload[20] = (byte) worker;
        payload[21] = (byte) run;
        payload[22] = (byte) kind.ordinal();
        payload[23] = 0;
    }

    /** Whether what was written to a payload is durable. */
    static boolean isDurable(byte[] payload) {
        return payload[22] == Kind.DURABLE.ordinal();
    }

    /** That of what was written to a payload. */
    static long ref(byte[] payload) {
        return (long) payload[21] << 32 | (int) INT.get(payload, 16);
    }

    /** By which its answer is known, with {@link #run(long)} and {@link #number(long)} in it. */
    public long ref() {
        return (long) run << 32 | number;
    }

    public static int run(long ref) {
        return (int) (ref >>> 32);
    }

    public static int number(long ref) {
        return (int) ref;
    }

    public static Stamp read(byte[] bytes, int offset) {
        return new Stamp(
                (long) LONG.get(bytes, offset),
                bytes[offset + 20],
                bytes[offset + 21],
                KINDS[bytes[offset + 22]],
                (int) INT.get(bytes, offset + 8),
                (int) INT.get(bytes, offset + 12),
                (int) INT.get(bytes, offset + 16));
    }
}
