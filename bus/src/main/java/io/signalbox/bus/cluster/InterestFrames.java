package io.signalbox.bus.cluster;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.cluster.InterestFrame.Ask;
import io.signalbox.bus.cluster.InterestFrame.Change;
import io.signalbox.bus.cluster.InterestFrame.Delta;
import io.signalbox.bus.cluster.InterestFrame.Probe;
import io.signalbox.bus.cluster.InterestFrame.Snapshot;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of interest. Their bodies:
 *
 * <pre>
 *   INTEREST_DELTA     8 sequence, changes
 *   INTEREST_ASK       8 request, 4 part
 *   INTEREST_SNAPSHOT  8 request, 8 sequence, 4 part, 1 whether it is the last, changes
 *   INTEREST_PROBE     8 sequence, 8 hash, 4 number of patterns
 *   changes            4 number, then for each: pattern (2 bytes of length, UTF-8), 1 whether there are plain subscribers,
 *                      2 number of groups, then for each: name (2 bytes of length, UTF-8), 4 members
 * </pre>
 */
final class InterestFrames {
    private InterestFrames() {}

    static FrameKind kind(InterestFrame frame) {
        return switch (frame) {
            case Delta ignored -> FrameKind.INTEREST_DELTA;
            case Ask ignored -> FrameKind.INTEREST_ASK;
            case Snapshot ignored -> FrameKind.INTEREST_SNAPSHOT;
            case Probe ignored -> FrameKind.INTEREST_PROBE;
        };
    }

    static byte[] encode(InterestFrame frame, long from, long to) {
        ByteBuffer out = FrameHeader.frame(kind(frame), from, to, size(frame));
        switch (frame) {
            case Delta delta -> putChanges(out.putLong(delta.sequence()), delta.changes());
            case Ask ask -> out.putLong(ask.request()).putInt(ask.part());
            case Snapshot snapshot -> {
                out.putLong(snapshot.request()).putLong(snapshot.sequence());
                out.putInt(snapshot.part()).put((byte) (snapshot.last() ? 1 : 0));
                putChanges(out, snapshot.changes());
            }
            case Probe probe ->
                out.putLong(probe.sequence()).putLong(probe.hash()).putInt(probe.patterns());
        }
        return out.array();
    }

    private static int size(InterestFrame frame) {
        return switch (frame) {
            case Delta delta -> 8 + size(delta.changes());
            case Ask ignored -> 12;
            case Snapshot snapshot -> 21 + size(snapshot.changes());
            case Probe ignored -> 20;
        };
    }

    private static int size(List<Change> changes) {
        int size = 4;
        for (Change change : changes) {
            size += FrameText.size(change.pattern()) + 3;
            for (PatternInterest.Group group : change.now().groups()) {
                size += FrameText.size(group.name()) + 4;
            }
        }
        return size;
    }

    private static void putChanges(ByteBuffer out, List<Change> changes) {
        out.putInt(changes.size());
        for (Change change : changes) {
            FrameText.write(out, change.pattern());
            out.put((byte) (change.now().plain() ? 1 : 0));
            out.putShort((short) change.now().groups().size());
            for (PatternInterest.Group group : change.now().groups()) {
                FrameText.write(out, group.name());
                out.putInt(group.members());
            }
        }
    }

    static InterestFrame decode(FrameKind kind, ByteBuffer body) throws CodecException {
        try {
            return switch (kind) {
                case INTEREST_DELTA -> new Delta(body.getLong(), changes(body));
                case INTEREST_ASK -> new Ask(body.getLong(), body.getInt());
                case INTEREST_SNAPSHOT ->
                    new Snapshot(body.getLong(), body.getLong(), body.getInt(), body.get() != 0, changes(body));
                case INTEREST_PROBE -> new Probe(body.getLong(), body.getLong(), body.getInt());
                case GREETING, MESSAGES, STATUS -> throw new IllegalArgumentException(kind + " is no interest");
            };
        } catch (BufferUnderflowException e) {
            throw new CodecException(Code.MALFORMED, "a truncated " + kind + " from a peer", e);
        }
    }

    private static List<Change> changes(ByteBuffer body) throws CodecException {
        int count = body.getInt();
        if (count < 0 || count > body.remaining()) {
            throw new CodecException(Code.MALFORMED, count + " changes in " + body.remaining() + " bytes from a peer");
        }
        List<Change> changes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String pattern = AddressPattern.parse(FrameText.read(body)).text();
            changes.add(new Change(pattern, interest(body)));
        }
        return changes;
    }

    private static PatternInterest interest(ByteBuffer body) throws CodecException {
        boolean plain = body.get() != 0;
        int count = Short.toUnsignedInt(body.getShort());
        List<PatternInterest.Group> groups = new ArrayList<>(Math.min(count, 16));
        for (int i = 0; i < count; i++) {
            String name = FrameText.read(body);
            int members = body.getInt();
            if (members < 1) {
                throw new CodecException(Code.MALFORMED, members + " members of a group of a peer");
            }
            groups.add(new PatternInterest.Group(name, members));
        }
        return PatternInterest.of(plain, groups);
    }
}
