package io.signalbox.load.dialect;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.FrameWriter;
import io.signalbox.codecs.proto.Ack;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What the agents of one connection have to acknowledge to Signalbox: for each all up to its highest delivery. Not thread-safe. */
final class Acknowledgements {
    private static final int UP_TO_TAG = Ack.UP_TO_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
    private static final int MAX_BODY = 11;

    private final long[] highest;
    private final boolean[] owes;
    private final int[] debtors;
    private int count;

    Acknowledgements(int agents) {
        this.highest = new long[agents];
        this.owes = new boolean[agents];
        this.debtors = new int[agents];
    }

    /**
     * One more is to be acknowledged, maybe again.
     *
     * @param agent counted from 0 on this connection
     */
    void delivered(int agent, long number) {
        highest[agent] = Math.max(highest[agent], number);
        if (!owes[agent]) {
            owes[agent] = true;
            debtors[count++] = agent;
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Bytes that suffice for {@link #writeTo}. */
    int maxBytes() {
        return count * (FrameWriter.MAX_PREFIX + MAX_BODY);
    }

    /** Writes a frame with all of them, after which none is left; returns its length. */
    int writeTo(byte[] frame) {
        int at = 0;
        for (int i = 0; i < count; i++) {
            int agent = debtors[i];
            int body = 1 + CodedOutputStream.computeUInt64SizeNoTag(highest[agent]);
            at = FrameWriter.prefix(frame, at, agent + 1, 0, EntryKind.ACK, body);
            CodedOutputStream content = CodedOutputStream.newInstance(frame, at, body);
            try {
                content.writeUInt32NoTag(UP_TO_TAG);
                content.writeUInt64NoTag(highest[agent]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            at += body;
            owes[agent] = false;
        }
        count = 0;
        return at;
    }
}
