package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.sun.management.ThreadMXBean;
import io.signalbox.codecs.proto.Entry;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No input gets anything out of a decoder but its one error, nor memory beyond the limit. */
class DecoderFuzzTest {
    private static final int LIMIT = 64 * 1024;
    private static final int ROUNDS = 30_000;

    /** In all, most of it garbage at once: the smallest entry, of 3 bytes, becomes objects of 200. */
    private static final long MOST_ALLOCATED = 96L * LIMIT;

    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "null",
            "true",
            "-1",
            "1e999",
            "0.5",
            "\"\"",
            "{}",
            "[]",
            "\\ud83d",
            "\\u0000",
            "\0",
            "\ufeff",
            "\"payload\":",
            "\"contentType\":\"text/plain\",",
            "\"message\":{",
            "\"ref\":\"x\",",
            "/*",
            " ");

    @FunctionalInterface
    private interface Decoder {
        void decode(byte[] input) throws CodecException;
    }

    private record Fuzzed(String name, Decoder decoder) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Fuzzed> decoders() {
        return Stream.of(
                new Fuzzed("frames", DecoderFuzzTest::readFrame),
                new Fuzzed("messages", input -> new MessageReader().read(input, 0, input.length)),
                new Fuzzed("JSON", input -> JsonCodec.toFrame(input, LIMIT)));
    }

    private static void readFrame(byte[] input) throws CodecException {
        FrameReader frame = new FrameReader().reset(input, 0, input.length);
        MessageReader message = new MessageReader();
        while (frame.next()) {
            if (frame.kind() == EntryKind.MESSAGE) {
                message.read(input, frame.bodyOffset(), frame.bodyLength());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void shouldRaiseItsOneErrorOnly(Fuzzed fuzzed) {
        int refused = 0;
        for (long seed = 0; seed < ROUNDS; seed++) {
            byte[] input = input(fuzzed, new Random(seed), seed);
            try {
                fuzzed.decoder().decode(input);
            } catch (CodecException expected) {
                assertThat(expected.code()).isIn(Code.MALFORMED, Code.TOO_LARGE);
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ": " + HexFormat.of().formatHex(input), e);
            }
        }
        assertThat(refused).as("the inputs are broken ones").isGreaterThan(ROUNDS / 4);
    }

    private static byte[] input(Fuzzed fuzzed, Random random, long seed) {
        if (random.nextInt(10) == 0) {
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] valid = fuzzed.name().equals("JSON")
                ? json(seed)
                : new RandomFrames(seed).next().toByteArray();
        return switch (random.nextInt(3)) {
            case 0 -> truncated(valid, random);
            case 1 -> fuzzed.name().equals("JSON") ? restructured(valid, random) : mutated(valid, random);
            default -> mutated(valid, random);
        };
    }

    private static byte[] json(long seed) {
        Entry entry = new RandomFrames(seed).entry();
        FieldDescriptor body =
                entry.getOneofFieldDescriptor(Entry.getDescriptor().getOneofs().getFirst());
        byte[] encoded = ((Message) entry.getField(body)).toByteArray();
        return JsonCodec.entryToJson(entry.getAgent(), entry.getRef(), body.getNumber(), encoded);
    }

    private static byte[] mutated(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        for (int i = random.nextInt(6); i >= 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            bytes[at] = (byte) (random.nextBoolean() ? random.nextInt() : bytes[at] ^ 1 << random.nextInt(8));
        }
        return bytes;
    }

    /** Puts pieces of JSON where none belong, or takes some out, so that more than the tokens is at stake. */
    private static byte[] restructured(byte[] valid, Random random) {
        String text = new String(valid, StandardCharsets.UTF_8);
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(text.length() + 1);
            int to = random.nextBoolean() ? at : Math.min(text.length(), at + random.nextInt(6));
            text = text.substring(0, at) + PIECES.get(random.nextInt(PIECES.size())) + text.substring(to);
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] truncated(byte[] valid, Random random) {
        byte[] bytes = new byte[random.nextInt(valid.length + 1)];
        System.arraycopy(valid, 0, bytes, 0, bytes.length);
        return bytes;
    }

    static Stream<byte[]> bombs() {
        return Stream.of(
                        "[".repeat(LIMIT),
                        "{\"message\":".repeat(LIMIT / 11),
                        "{\"message\":{\"payload\":" + "[".repeat(LIMIT / 2),
                        "{\"message\":{\"headers\":{" + "\"a\":\"\",".repeat(LIMIT / 8),
                        "{\"ref\":" + "9".repeat(LIMIT - 100) + "}",
                        "{\"progress\":{\"percent\":1e" + "9".repeat(1000) + "}}",
                        "{\"" + "x".repeat(LIMIT - 10),
                        "\"" + "\\u0000".repeat(LIMIT / 6),
                        "[" + "{\"ping\":{}},".repeat(LIMIT / 13) + "{}]",
                        "[" + "{},".repeat(LIMIT / 3 - 2) + "{}]",
                        "{\"renew\":{\"assignments\":[" + "{\"token\":1},".repeat(LIMIT / 13) + "{}]}}",
                        "{\"" + "x".repeat(LIMIT / 2) + "\":{\"" + "x".repeat(LIMIT / 3),
                        "{\"message\":{\"durability\":\"" + "x".repeat(LIMIT / 2) + "\"}}",
                        "x".repeat(LIMIT * 2))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("bombs")
    void shouldNotAllocateBeyondTheLimitForAText(byte[] bomb) {
        assertAllocatesLittle(() -> JsonCodec.toFrame(bomb, LIMIT));
    }

    @Test
    void shouldNotAllocateForLengthsThatLie() {
        byte[] lie = {0x0a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07, 0x1a, 0x02};
        assertAllocatesLittle(() -> readFrame(lie));
        assertAllocatesLittle(() -> new MessageReader().read(lie, 0, lie.length));
    }

    /** The hot path: entries are walked where they stand. */
    @Test
    void shouldAllocateNothingPerEntryOfAFrame() {
        byte[] frame = new byte[200_000];
        int length = 0;
        while (length < frame.length - FrameWriter.MAX_PREFIX) {
            length = FrameWriter.prefix(frame, length, 1, length, EntryKind.PING, 0);
        }
        int end = length;
        FrameReader reader = new FrameReader();
        Action walk = () -> {
            reader.reset(frame, 0, end);
            while (reader.next()) {
                assertHasBody(reader);
            }
        };

        assertThat(allocated(walk)).isLessThan(10_000);
    }

    private static void assertHasBody(FrameReader reader) {
        if (reader.kind() != EntryKind.PING) {
            throw new AssertionError(reader.kind());
        }
    }

    /** Fields that are not needed for routing cost nothing, however large they are. */
    @Test
    void shouldAllocateOnlyForTheFieldsThatRoutingNeeds() {
        byte[] message = io.signalbox.codecs.proto.Message.newBuilder()
                .setAddress("agent/a")
                .setType("t".repeat(50_000))
                .putHeaders("h".repeat(50_000), "v".repeat(50_000))
                .setPayload(ByteString.copyFrom(new byte[500_000]))
                .build()
                .toByteArray();
        MessageReader reader = new MessageReader();

        assertThat(allocated(() -> reader.read(message, 0, message.length))).isLessThan(10_000);
    }

    private interface Action {
        void run() throws CodecException;
    }

    private static void assertAllocatesLittle(Action action) {
        assertThat(allocated(action)).isLessThan(MOST_ALLOCATED);
    }

    private static long allocated(Action action) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        run(action); // loads classes, which would count too
        long before = threads.getCurrentThreadAllocatedBytes();
        run(action);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static void run(Action action) {
        try {
            action.run();
        } catch (CodecException expected) {
            assertThat(expected.code()).isIn(Code.MALFORMED, Code.TOO_LARGE);
        }
    }
}
