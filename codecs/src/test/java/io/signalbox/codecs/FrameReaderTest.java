package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.UnknownFieldSet;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Message;
import io.signalbox.codecs.proto.Ping;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader written by hand, against the generated classes. */
class FrameReaderTest {
    private record Read(int agent, long ref, int kind, ByteString body) {}

    private static List<Read> read(byte[] frame) throws CodecException {
        return read(frame, 0, frame.length);
    }

    private static List<Read> read(byte[] buffer, int offset, int length) throws CodecException {
        FrameReader reader = new FrameReader().reset(buffer, offset, length);
        List<Read> entries = new ArrayList<>();
        while (reader.next()) {
            entries.add(new Read(
                    reader.agent(),
                    reader.ref(),
                    reader.kind(),
                    ByteString.copyFrom(buffer, reader.bodyOffset(), reader.bodyLength())));
        }
        return entries;
    }

    private static List<Read> oracle(Frame frame) {
        return frame.getEntriesList().stream().map(FrameReaderTest::oracle).toList();
    }

    private static Read oracle(Entry entry) {
        FieldDescriptor body =
                entry.getOneofFieldDescriptor(Entry.getDescriptor().getOneofs().getFirst());
        return body == null
                ? new Read(entry.getAgent(), entry.getRef(), 0, ByteString.EMPTY)
                : new Read(
                        entry.getAgent(),
                        entry.getRef(),
                        body.getNumber(),
                        ((com.google.protobuf.Message) entry.getField(body)).toByteString());
    }

    @Test
    void shouldReadWhatTheGeneratedClassesWrite() throws CodecException {
        for (long seed = 0; seed < 3_000; seed++) {
            Frame frame = new RandomFrames(seed).next();

            assertThat(read(frame.toByteArray())).as("seed %d", seed).isEqualTo(oracle(frame));
        }
    }

    @Test
    void shouldReadAConcatenationAsOneBatch() throws CodecException {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        List<Read> expected = new ArrayList<>();
        RandomFrames frames = new RandomFrames(7);
        for (int i = 0; i < 50; i++) {
            Frame frame = frames.next();
            batch.writeBytes(frame.toByteArray());
            expected.addAll(oracle(frame));
        }

        assertThat(read(batch.toByteArray())).isEqualTo(expected);
    }

    @Test
    void shouldStayWithinItsPartOfTheBuffer() throws CodecException {
        byte[] frame = new RandomFrames(11).next().toByteArray();
        byte[] buffer = new byte[frame.length + 20];
        java.util.Arrays.fill(buffer, (byte) 0xff);
        System.arraycopy(frame, 0, buffer, 10, frame.length);

        assertThat(read(buffer, 10, frame.length)).isEqualTo(read(frame));
    }

    @Test
    void shouldSkipFieldsOfLaterVersions() throws CodecException {
        UnknownFieldSet later = UnknownFieldSet.newBuilder()
                .addField(
                        99,
                        UnknownFieldSet.Field.newBuilder().addVarint(1L << 60).build())
                .addField(100, UnknownFieldSet.Field.newBuilder().addFixed32(5).build())
                .addField(101, UnknownFieldSet.Field.newBuilder().addFixed64(5).build())
                .addField(
                        102,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFromUtf8("later"))
                                .build())
                .build();
        Entry entry = Entry.newBuilder()
                .setAgent(3)
                .setUnknownFields(later)
                .setPing(Ping.getDefaultInstance())
                .build();
        Frame frame =
                Frame.newBuilder().addEntries(entry).setUnknownFields(later).build();

        assertThat(read(frame.toByteArray())).containsExactly(new Read(3, 0, EntryKind.PING, ByteString.EMPTY));
    }

    @Test
    void shouldTellAnEntryWithoutABody() throws CodecException {
        Frame frame =
                Frame.newBuilder().addEntries(Entry.newBuilder().setRef(9)).build();

        assertThat(read(frame.toByteArray())).containsExactly(new Read(0, 9, 0, ByteString.EMPTY));
    }

    @Test
    void shouldRefuseAnEntryWithTwoBodies() {
        Entry ping = Entry.newBuilder().setPing(Ping.getDefaultInstance()).build();
        byte[] twice = Frame.newBuilder()
                .addEntries(Entry.newBuilder().build())
                .build()
                .toByteArray();
        byte[] body = ping.toByteString().concat(ping.toByteString()).toByteArray();
        byte[] frame = new byte[2 + body.length];
        frame[0] = twice[0];
        frame[1] = (byte) body.length;
        System.arraycopy(body, 0, frame, 2, body.length);

        assertThatThrownBy(() -> read(frame))
                .isInstanceOfSatisfying(
                        CodecException.class, e -> assertThat(e.code()).isEqualTo(Code.MALFORMED));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 13})
    void shouldRefuseATruncatedFrame(int missing) {
        byte[] frame = Frame.newBuilder()
                .addEntries(Entry.newBuilder().setMessage(Message.newBuilder().setAddress("agent/somebody")))
                .build()
                .toByteArray();

        assertThatThrownBy(() -> read(frame, 0, frame.length - missing)).isInstanceOf(CodecException.class);
    }

    @Test
    void shouldWritePrefixesThatMakeFrames() throws Exception {
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            int agent = random.nextInt() & (random.nextBoolean() ? 0 : Integer.MAX_VALUE);
            long ref = random.nextBoolean() ? 0 : random.nextLong();
            byte[] body = Message.newBuilder()
                    .setPayload(ByteString.copyFrom(new byte[random.nextInt(20_000)]))
                    .build()
                    .toByteArray();
            byte[] out = new byte[FrameWriter.MAX_PREFIX + body.length];
            int at = FrameWriter.prefix(out, 0, agent, ref, EntryKind.MESSAGE, body.length);
            System.arraycopy(body, 0, out, at, body.length);

            Frame frame = Frame.parseFrom(ByteString.copyFrom(out, 0, at + body.length));

            assertThat(frame.getEntriesList())
                    .containsExactly(Entry.newBuilder()
                            .setAgent(agent)
                            .setRef(ref)
                            .setMessage(Message.parseFrom(body))
                            .build());
        }
    }
}
