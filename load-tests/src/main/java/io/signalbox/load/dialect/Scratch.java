package io.signalbox.load.dialect;

import io.netty.buffer.ByteBuf;

/** Arrays of a thread to work in without garbage: the generator must not be what is measured. */
final class Scratch {
    private static final int INITIAL = 4096;
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    private byte[] reading = new byte[INITIAL];
    private byte[] writing = new byte[INITIAL];

    private Scratch() {}

    /** What is read, copied; valid until the thread reads again. Writing does not touch it. */
    static byte[] copy(ByteBuf in, int from, int length) {
        Scratch mine = OF_THREAD.get();
        mine.reading = grown(mine.reading, length);
        in.getBytes(from, mine.reading, 0, length);
        return mine.reading;
    }

    /** At least {@code length} bytes to write to; valid until the thread asks again. */
    static byte[] toWrite(int length) {
        Scratch mine = OF_THREAD.get();
        mine.writing = grown(mine.writing, length);
        return mine.writing;
    }

    private static byte[] grown(byte[] array, int length) {
        return array.length >= length ? array : new byte[Integer.highestOneBit(length) * 2];
    }
}
