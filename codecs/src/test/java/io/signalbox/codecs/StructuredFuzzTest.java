package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/**
 * Frames whose fields are doubled, dropped, swapped, retyped and renumbered, on every level, and stay well-formed at most:
 * what the readers take, the generated classes take, and both read the same.
 */
class StructuredFuzzTest {
    private static final int ROUNDS = 20_000;

    /** One field as it stands: its tag and its value, a length included. */
    private record Field(int tag, ByteString value) {
        boolean hasBytes() {
            return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
        }

        ByteString content() {
            return value.substring(CodedOutputStream.computeUInt32SizeNoTag(contentSize()));
        }

        private int contentSize() {
            try {
                return value.newCodedInput().readRawVarint32();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        static Field ofBytes(int tag, ByteString content) {
            return new Field(
                    tag, written(out -> out.writeUInt32NoTag(content.size())).concat(content));
        }
    }

    private interface Writing {
        void write(CodedOutputStream out) throws IOException;
    }

    private static ByteString written(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            writing.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteString.copyFrom(bytes.toByteArray());
    }

    private static List<Field> fields(ByteString bytes) throws IOException {
        List<Field> fields = new ArrayList<>();
        CodedInputStream in = bytes.newCodedInput();
        while (!in.isAtEnd()) {
            int tag = in.readTag();
            int from = in.getTotalBytesRead();
            in.skipField(tag);
            fields.add(new Field(tag, bytes.substring(from, in.getTotalBytesRead())));
        }
        return fields;
    }

    private static ByteString joined(List<Field> fields) {
        ByteString bytes = ByteString.EMPTY;
        for (Field field : fields) {
            bytes = bytes.concat(written(out -> out.writeUInt32NoTag(field.tag())))
                    .concat(field.value());
        }
        return bytes;
    }

    /** Breaks the structure at one place, mostly not the outermost. */
    private static ByteString mutated(ByteString bytes, Random random, int depth) throws IOException {
        List<Field> fields = fields(bytes);
        if (fields.isEmpty()) {
            return bytes;
        }
        int at = random.nextInt(fields.size());
        Field field = fields.get(at);
        if (field.hasBytes() && depth > 0 && random.nextInt(4) > 0) {
            Optional<ByteString> inner = inner(field, random, depth);
            if (inner.isPresent()) {
                fields.set(at, Field.ofBytes(field.tag(), inner.get()));
                return joined(fields);
            }
        }
        List<IntConsumer> mutations = List.of(
                i -> fields.add(random.nextInt(fields.size() + 1), field),
                fields::remove,
                i -> Collections.shuffle(fields, random),
                i -> fields.set(i, new Field(field.tag() + 8 * (random.nextInt(5) - 2), field.value())),
                i -> fields.set(i, new Field(field.tag() & ~7 | random.nextInt(8), field.value())),
                i -> fields.set(i, new Field(field.tag(), varint(random))),
                i -> fields.set(i, new Field(field.tag() & ~7, varint(random))),
                i -> fields.set(i, new Field(field.tag() & ~7 | 1, ByteString.copyFrom(new byte[8]))),
                i -> fields.set(i, Field.ofBytes(field.tag() & ~7 | 2, ByteString.copyFrom(new byte[] {(byte) 0xc3}))));
        mutations.get(random.nextInt(mutations.size())).accept(at);
        return joined(fields);
    }

    private static Optional<ByteString> inner(Field field, Random random, int depth) {
        try {
            return Optional.of(mutated(field.content(), random, depth - 1));
        } catch (IOException textThatHasNoFields) {
            return Optional.empty();
        }
    }

    private static ByteString varint(Random random) {
        long value = random.nextLong() >>> random.nextInt(64);
        return written(out -> out.writeUInt64NoTag(value));
    }

    @Test
    void shouldReadMessagesAsTheGeneratedClassDoesOrNotAtAll() throws Exception {
        int taken = 0;
        int refused = 0;
        for (long seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            ByteString bytes = mutated(new RandomFrames(seed).message().toByteString(), random, 2);
            try {
                EncodedMessage read = read(bytes.toByteArray());
                assertSame(read, parsed(bytes, seed), seed);
                taken++;
            } catch (CodecException expected) {
                refused++;
            }
        }
        assertThat(taken).as("some stay valid").isGreaterThan(ROUNDS / 4);
        assertThat(refused).as("some do not").isGreaterThan(ROUNDS / 20);
    }

    private static EncodedMessage read(byte[] bytes) throws CodecException {
        MessageReader reader = new MessageReader();
        reader.read(bytes, 0, bytes.length);
        return reader.copied();
    }

    private static Message parsed(ByteString bytes, long seed) {
        try {
            return Message.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("seed " + seed + ": taken, but no message: " + hex(bytes), e);
        }
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    private static void assertSame(EncodedMessage read, Message parsed, long seed) {
        assertThat(read.address()).as("seed %d", seed).isEqualTo(parsed.getAddress());
        assertThat(read.replyTo()).as("seed %d", seed).isEqualTo(parsed.getReplyTo());
        assertThat(read.durability()).as("seed %d", seed).isEqualTo(parsed.getDurabilityValue());
        assertThat(read.priority()).as("seed %d", seed).isEqualTo(parsed.hasPriority() ? parsed.getPriority() : 5);
        assertThat(read.payload()).as("seed %d", seed).isEqualTo(parsed.getPayload());
        assertThat(JsonCodec.messageEntryToJson(1, read)).as("seed %d", seed).isNotEmpty();
        long expiry = parsed.getTime() + Integer.toUnsignedLong(parsed.getTtlMs()) * 1000;
        assertThat(read.expired(expiry)).as("seed %d", seed).isFalse();
        assertThat(read.expired(expiry + 1)).as("seed %d", seed).isEqualTo(parsed.getTtlMs() != 0);
    }

    @Test
    void shouldReadFramesAsTheGeneratedClassDoesOrNotAtAll() throws Exception {
        int taken = 0;
        for (long seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            // Bodies stay whole: the frame's reader does not look into them, the generated class does.
            ByteString bytes = mutated(new RandomFrames(seed).next().toByteString(), random, 1);
            Optional<List<String>> read = read(bytes);
            Optional<List<String>> oracle = oracle(bytes);
            if (read.isPresent() && oracle.isPresent()) {
                taken++;
                assertThat(read).as("seed %d: %s", seed, hex(bytes)).isEqualTo(oracle);
            }
        }
        assertThat(taken).as("some stay valid").isGreaterThan(ROUNDS / 4);
    }

    private static Optional<List<String>> read(ByteString bytes) {
        byte[] frame = bytes.toByteArray();
        FrameReader reader = new FrameReader().reset(frame, 0, frame.length);
        List<String> entries = new ArrayList<>();
        try {
            while (reader.next()) {
                entries.add(reader.agent() + " " + reader.ref() + " " + reader.kind());
            }
            return Optional.of(entries);
        } catch (CodecException refused) {
            return Optional.empty();
        }
    }

    private static Optional<List<String>> oracle(ByteString bytes) {
        try {
            return Optional.of(Frame.parseFrom(bytes).getEntriesList().stream()
                    .map(entry -> entry.getAgent() + " " + entry.getRef() + " "
                            + entry.getBodyCase().getNumber())
                    .toList());
        } catch (InvalidProtocolBufferException refused) {
            return Optional.empty();
        }
    }

    /** An entry whose body comes twice is refused where the generated class would merge the two. */
    @Test
    void shouldRefuseTwoBodiesOfAnyKinds() {
        List<Entry> entries = Samples.entries()
                .map(entry -> entry.toBuilder().setRef(0).build())
                .toList();
        for (Entry first : entries) {
            for (Entry second : entries) {
                ByteString both = first.toByteString().concat(second.toByteString());

                assertThat(read(joined(List.of(Field.ofBytes(1 << 3 | 2, both)))))
                        .as("%s and %s", first.getBodyCase(), second.getBodyCase())
                        .isEmpty();
            }
        }
    }
}
