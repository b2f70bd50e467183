package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protobuf's primitives, read and written by hand, against Protobuf's own. */
class WireReaderTest {
    private static final HexFormat HEX = HexFormat.of();

    private static WireReader reader(String hex) {
        byte[] bytes = HEX.parseHex(hex);
        WireReader reader = new WireReader();
        reader.reset(bytes, 0, bytes.length);
        return reader;
    }

    /** Around every power of two, which is around every length of a varint too. */
    static LongStream edges() {
        return IntStream.range(0, 64)
                .boxed()
                .flatMapToLong(bit -> LongStream.of((1L << bit) - 1, 1L << bit, ~(1L << bit)));
    }

    private static byte[] encoded(long value) throws IOException {
        byte[] out = new byte[CodedOutputStream.computeUInt64SizeNoTag(value)];
        CodedOutputStream.newInstance(out).writeUInt64NoTag(value);
        return out;
    }

    @ParameterizedTest
    @MethodSource("edges")
    void shouldWriteVarintsAsProtobufDoes(long value) throws IOException {
        byte[] expected = encoded(value);
        byte[] out = new byte[12];

        int end = WireWriter.varint(out, 1, value);

        assertThat(end).isEqualTo(1 + expected.length);
        assertThat(HEX.formatHex(out, 1, end)).isEqualTo(HEX.formatHex(expected));
        assertThat(WireWriter.varintSize(value)).isEqualTo(expected.length);
        assertThat(out[end]).as("nothing is written behind it").isZero();
    }

    @ParameterizedTest
    @MethodSource("edges")
    void shouldReadVarintsOfEveryLength(long value) throws IOException, CodecException {
        WireReader reader = reader(HEX.formatHex(encoded(value)) + "01");

        assertThat(reader.varint()).isEqualTo(value);
        assertThat(reader.varint()).as("it ends where it ends").isEqualTo(1);
        assertThat(reader.atEnd()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("edges")
    void shouldRefuseEveryBeginningOfAVarint(long value) throws IOException {
        String hex = HEX.formatHex(encoded(value));
        for (int length = 0; length < hex.length(); length += 2) {
            WireReader reader = reader(hex.substring(0, length));

            assertThatThrownBy(reader::varint)
                    .isInstanceOf(CodecException.class)
                    .hasMessage("truncated varint");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "8000, 0, longer than it need be",
        "80808080808080808000, 0, zero in ten bytes",
        "ffffffffffffffffff01, -1, all bits",
        "ffffffffffffffffff7f, -1, bits beyond the 64th are lost",
        "80808080808080808002, 0, a bit beyond the 64th is lost"
    })
    void shouldReadOddVarintsAsProtobufDoes(String hex, long value, String what) throws Exception {
        assertThat(CodedInputStream.newInstance(HEX.parseHex(hex)).readUInt64())
                .as("Protobuf: %s", what)
                .isEqualTo(value);
        assertThat(reader(hex).varint()).as(what).isEqualTo(value);
    }

    @Test
    void shouldRefuseAVarintOfElevenBytes() {
        WireReader reader = reader("8080808080808080808000");

        assertThatThrownBy(reader::varint)
                .isInstanceOf(CodecException.class)
                .hasMessage("varint longer than ten bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "07", "8080808010", "8080808080808080807f", "ffffffffff01", "ffffffffffffffffff01"})
    void shouldRefuseATagOutOfRange(String hex) {
        WireReader reader = reader(hex);

        assertThatThrownBy(reader::tag).isInstanceOf(CodecException.class).hasMessage("field number out of range");
    }

    @Test
    void shouldReadTheFirstAndTheLastFieldNumber() throws CodecException {
        assertThat(reader("08").tag() >>> 3).isEqualTo(1);
        assertThat(reader("f8ffffff0f").tag() >>> 3).isEqualTo((1 << 29) - 1);
    }

    @ParameterizedTest
    @CsvSource({"00, 0", "01aa, 1", "03aabbcc, 3"})
    void shouldStandBehindTheBytesThatItRead(String hex, int length) throws CodecException {
        WireReader reader = reader(hex);

        assertThat(reader.bytes()).isEqualTo(length);
        assertThat(reader.position()).isEqualTo(1 + length);
        assertThat(reader.atEnd()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "01, one byte that is not there",
        "04aabbcc, one too many",
        "ffffffff07aa, the greatest int",
        "8080808008aa, one more than the greatest int",
        "8080808010aa, 0 as an int",
        "ffffffff0faa, -1 as an int",
        "8180808010aa, 1 as an int",
        "ffffffffffffffffff01aa, -1"
    })
    void shouldRefuseALengthBeyondTheEnd(String hex, String what) {
        WireReader reader = reader(hex);

        assertThatThrownBy(reader::bytes)
                .as(what)
                .isInstanceOf(CodecException.class)
                .hasMessage("length beyond the end");
    }

    @Test
    void shouldKnowTheEndOfItsPartWhenTheBufferGoesOn() {
        WireReader reader = new WireReader();
        byte[] buffer = HEX.parseHex("ffff02aabbcc");

        reader.reset(buffer, 2, 2);
        assertThatThrownBy(reader::bytes).isInstanceOf(CodecException.class);
        reader.reset(buffer, 1, 1);
        assertThatThrownBy(reader::varint).isInstanceOf(CodecException.class);
        reader.reset(buffer, 2, 0);
        assertThat(reader.atEnd()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0, ac02, 1", "1, 0102030405060708, 7", "2, 03aabbcc, 3", "5, 01020304, 3"})
    void shouldSkipAValueOfEachTypeWholly(int wireType, String value, int cut) throws CodecException {
        int tag = 9 << 3 | wireType;
        WireReader whole = reader(value + "08");
        whole.skip(tag);
        assertThat(whole.tag()).as("what follows").isEqualTo(8);

        WireReader last = reader(value);
        last.skip(tag);
        assertThat(last.atEnd()).as("up to the end").isTrue();

        WireReader truncated = reader(value.substring(0, 2 * cut));
        CodecException refusal = catchThrowableOfType(CodecException.class, () -> truncated.skip(tag));
        assertThat(refusal.code()).isEqualTo(Code.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 6, 7})
    void shouldRefuseGroupsAndTypesThatThereAreNot(int wireType) {
        WireReader reader = reader("0000000000000000");

        assertThatThrownBy(() -> reader.skip(9 << 3 | wireType))
                .isInstanceOf(CodecException.class)
                .hasMessage("wire type " + wireType);
    }

    @Test
    void shouldReadOfAnyBytesWhatProtobufReadsOrNothing() throws IOException {
        int taken = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            for (int i = random.nextInt(bytes.length + 1) - 2; i >= 0; i--) {
                bytes[i] |= (byte) 0x80;
            }
            WireReader reader = new WireReader();
            reader.reset(bytes, 0, bytes.length);
            try {
                long value = reader.varint();
                taken++;
                CodedInputStream protobuf = CodedInputStream.newInstance(bytes);
                assertThat(value).as("seed %d: %s", seed, HEX.formatHex(bytes)).isEqualTo(protobuf.readRawVarint64());
                assertThat(reader.position()).as("seed %d", seed).isEqualTo(protobuf.getTotalBytesRead());
            } catch (CodecException refused) {
                assertThat(refused.code()).isEqualTo(Code.MALFORMED);
            }
        }
        assertThat(taken).isGreaterThan(10_000);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0000000000000000",
        "1, 0000000000000001",
        "-2, fffffffffffffffe",
        "81985529216486895, 0123456789abcdef"
    })
    void shouldWriteBigEndian(long value, String hex) {
        byte[] out = new byte[10];

        assertThat(WireWriter.bigEndian(out, 1, value)).isEqualTo(9);
        assertThat(HEX.formatHex(out)).isEqualTo("00" + hex + "00");
    }
}
