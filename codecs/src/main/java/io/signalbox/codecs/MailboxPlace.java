package io.signalbox.codecs;

/**
 * Where a durable message waits in its receiver's mailbox, in the lane of its priority. Nodes write it behind the message,
 * in fields that the wire reserves for them.
 *
 * @param history of the store in which the position is one
 * @param position 0: it waits nowhere
 * @param predecessor position of what was put in before it and still waits; 0: none
 * @param attempt 1: it was never handed out; more: its receiver may have it already
 */
public record MailboxPlace(long history, long position, long predecessor, int attempt) {
    public static final MailboxPlace NONE = new MailboxPlace(0, 0, 0, 0);

    static final int POSITION = 100 << 3 | WireReader.VARINT;
    static final int PREDECESSOR = 101 << 3 | WireReader.VARINT;
    static final int ATTEMPT = 102 << 3 | WireReader.VARINT;
    static final int HISTORY = 104 << 3 | WireReader.VARINT;

    /** The message, and behind it this. */
    byte[] appendTo(byte[] message) {
        int size = fieldSize(POSITION, position)
                + fieldSize(PREDECESSOR, predecessor)
                + fieldSize(ATTEMPT, attempt)
                + fieldSize(HISTORY, history);
        byte[] out = new byte[message.length + size];
        System.arraycopy(message, 0, out, 0, message.length);
        int at = field(out, message.length, POSITION, position);
        at = field(out, at, PREDECESSOR, predecessor);
        at = field(out, at, ATTEMPT, attempt);
        field(out, at, HISTORY, history);
        return out;
    }

    private static int fieldSize(int tag, long value) {
        return WireWriter.varintSize(tag) + WireWriter.varintSize(value);
    }

    private static int field(byte[] out, int at, int tag, long value) {
        return WireWriter.varint(out, WireWriter.varint(out, at, tag), value);
    }
}
