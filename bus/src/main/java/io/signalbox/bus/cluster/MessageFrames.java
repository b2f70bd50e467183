package io.signalbox.bus.cluster;

import io.signalbox.bus.cluster.LinkFlow.Batch;
import io.signalbox.bus.cluster.LinkFlow.Position;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.MessageReader;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames that carry messages, and the status of a link. Body of {@link FrameKind#MESSAGES}:
 *
 * <pre>
 *   8  messages sent before     8  bytes of entries sent before     8  bytes granted
 *   4  number of messages, then for each an entry:
 *      1  target: bit 0 plain, bit 1 any one
 *      2  number of groups, then for each the pattern and the name (2 bytes of length, UTF-8)
 *      4  length, then the encoded message
 * </pre>
 *
 * Body of {@link FrameKind#STATUS}: the first three of these. Not thread-safe; meant to be reused.
 */
final class MessageFrames {
    static final int STATUS_SIZE = 24;
    static final int COUNT = 4;
    private static final int PLAIN = 1;
    private static final int ONE = 2;

    private final MessageReader reader = new MessageReader();

    /** What the sender has sent, and what it lets the receiver send. */
    record Status(Position position, long grant) {}

    /** Of the entry. */
    static int size(Parcel parcel) {
        int size = 7 + parcel.message().size();
        for (Target.Group group : parcel.target().groups()) {
            size += FrameText.size(group.pattern()) + FrameText.size(group.name());
        }
        return size;
    }

    static byte[] encode(Batch batch, long grant, long from, long to) {
        int entries = 0;
        for (Parcel parcel : batch.parcels()) {
            entries += size(parcel);
        }
        ByteBuffer out = FrameHeader.frame(FrameKind.MESSAGES, from, to, STATUS_SIZE + COUNT + entries);
        putStatus(out, new Position(batch.firstSequence(), batch.firstByte()), grant);
        out.putInt(batch.parcels().size());
        for (Parcel parcel : batch.parcels()) {
            putEntry(out, parcel);
        }
        return out.array();
    }

    private static void putEntry(ByteBuffer out, Parcel parcel) {
        Target target = parcel.target();
        out.put((byte) ((target.plain() ? PLAIN : 0) | (target.one() ? ONE : 0)));
        out.putShort((short) target.groups().size());
        for (Target.Group group : target.groups()) {
            FrameText.write(out, group.pattern());
            FrameText.write(out, group.name());
        }
        byte[] bytes = parcel.message().bytes();
        out.putInt(bytes.length).put(bytes);
    }

    static byte[] encode(Position position, long grant, long from, long to) {
        ByteBuffer out = FrameHeader.frame(FrameKind.STATUS, from, to, STATUS_SIZE);
        putStatus(out, position, grant);
        return out.array();
    }

    private static void putStatus(ByteBuffer out, Position position, long grant) {
        out.putLong(position.sequence()).putLong(position.bytes()).putLong(grant);
    }

    static Status status(ByteBuffer body) throws CodecException {
        if (body.remaining() < STATUS_SIZE) {
            throw malformed("a status of " + body.remaining() + " bytes");
        }
        return new Status(new Position(body.getLong(), body.getLong()), body.getLong());
    }

    /** After the status: all messages of the frame, each with its own bytes. */
    List<Parcel> parcels(ByteBuffer body) throws CodecException {
        try {
            int count = body.getInt();
            if (count < 0 || count > body.remaining()) {
                throw malformed(count + " messages in " + body.remaining() + " bytes");
            }
            List<Parcel> parcels = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                parcels.add(parcel(body));
            }
            return parcels;
        } catch (BufferUnderflowException e) {
            throw malformed("a truncated batch");
        }
    }

    private Parcel parcel(ByteBuffer body) throws CodecException {
        Target target = target(body);
        int length = body.getInt();
        if (length < 0 || length > body.remaining()) {
            throw malformed("a message longer than its frame");
        }
        reader.read(body.array(), body.arrayOffset() + body.position(), length);
        body.position(body.position() + length);
        return new Parcel(reader.copied(), target);
    }

    private static Target target(ByteBuffer body) throws CodecException {
        int flags = body.get();
        int count = Short.toUnsignedInt(body.getShort());
        if (flags == ONE && count == 0) {
            return Target.ONE;
        }
        if ((flags & ~PLAIN) != 0) {
            throw malformed("a target with flags " + flags);
        }
        List<Target.Group> groups = new ArrayList<>(Math.min(count, 16));
        for (int i = 0; i < count; i++) {
            groups.add(new Target.Group(FrameText.read(body), FrameText.read(body)));
        }
        return Target.of((flags & PLAIN) != 0, groups);
    }

    private static CodecException malformed(String fault) {
        return new CodecException(Code.MALFORMED, fault + " from a peer");
    }
}
