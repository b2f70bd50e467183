package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Message;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reader written by hand, against the generated class. */
class MessageReaderTest {
    private static final HexFormat HEX = HexFormat.of();

    private static MessageReader read(byte[] bytes) throws CodecException {
        MessageReader reader = new MessageReader();
        reader.read(bytes, 0, bytes.length);
        return reader;
    }

    @Test
    void shouldReadWhatTheGeneratedClassWrites() throws CodecException {
        for (long seed = 0; seed < 3_000; seed++) {
            Message message = new RandomFrames(seed).message();

            EncodedMessage read = read(message.toByteArray()).copied();

            assertThat(read.address()).as("seed %d", seed).isEqualTo(message.getAddress());
            assertThat(read.replyTo()).isEqualTo(message.getReplyTo());
            assertThat(read.priority()).isEqualTo(message.hasPriority() ? message.getPriority() : 5);
            assertThat(read.durability()).isEqualTo(message.getDurabilityValue());
            assertThat(read.payload()).isEqualTo(message.getPayload());
            assertThat(read.decode()).isEqualTo(message);
        }
    }

    @Test
    void shouldStampOverWhatTheSenderWrote() throws CodecException {
        Message message = Message.newBuilder()
                .setAddress("agent/a")
                .setSource("agent/liar")
                .setTime(1)
                .setType("note")
                .build();

        Message stamped = read(message.toByteArray())
                .stamped("agent/honest", 1_700_000_000_000_000L, 1, 2)
                .decode();

        assertThat(stamped)
                .isEqualTo(message.toBuilder()
                        .setSource("agent/honest")
                        .setTime(1_700_000_000_000_000L)
                        .setId(ByteString.copyFrom(HEX.parseHex("00000000000000010000000000000002")))
                        .build());
    }

    @Test
    void shouldKeepTheIdThatTheSenderGave() throws CodecException {
        ByteString id = ByteString.copyFrom(HEX.parseHex("000102030405060708090a0b0c0d0e0f"));
        Message message = Message.newBuilder().setId(id).build();

        assertThat(read(message.toByteArray()).stamped("x", 1, 7, 7).decode().getId())
                .isEqualTo(id);
    }

    @Test
    void shouldTakeTheLastOfAFieldThatOccursTwice() throws CodecException {
        Message first = Message.newBuilder().setAddress("a").setPriority(1).build();
        Message second = Message.newBuilder()
                .setAddress("b")
                .setPriority(2)
                .setDurability(Durability.DURABILITY_LOCAL)
                .build();
        byte[] both = first.toByteString().concat(second.toByteString()).toByteArray();

        EncodedMessage read = read(both).copied();

        assertThat(read.address()).isEqualTo("b");
        assertThat(read.priority()).isEqualTo(2);
        assertThat(read.durability()).isEqualTo(Durability.DURABILITY_LOCAL_VALUE);
    }

    @ParameterizedTest
    @CsvSource({
        "0a0101, an id of one byte",
        "300a, priority 10",
        "4003, durability 3",
        "1201ff, an address that is not UTF-8",
        "2201ff, a type that is not UTF-8",
        "1a01ff, a source that is not UTF-8",
        "5201ff, a correlation id that is not UTF-8",
        "6a030a01ff, a header's name that is not UTF-8",
        "6a0512ff, a header beyond the end",
        "6a020a05, a header's name beyond its end",
        "12, a tag without a value",
        "00, field number 0",
        "0b, a group"
    })
    void shouldRefuse(String hex, String what) {
        assertThatThrownBy(() -> read(HEX.parseHex(hex)))
                .as(what)
                .isInstanceOfSatisfying(
                        CodecException.class, e -> assertThat(e.code()).isEqualTo(Code.MALFORMED));
    }

    /** Else a receiver that wants JSON would fail on it: what passes here is passed on to anybody. */
    @Test
    void shouldPassOnlyWhatTheGeneratedClassParses() {
        int passed = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new RandomFrames(seed).message().toByteArray();
            for (int i = random.nextInt(4); i >= 0 && bytes.length > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            if (passes(bytes)) {
                passed++;
                assertThat(parses(bytes))
                        .as("seed %d: %s", seed, HEX.formatHex(bytes))
                        .isTrue();
            }
        }
        assertThat(passed).as("some mutations leave it valid").isGreaterThan(1_000);
    }

    private static boolean passes(byte[] bytes) {
        try {
            read(bytes);
            return true;
        } catch (CodecException refused) {
            return false;
        }
    }

    private static boolean parses(byte[] bytes) {
        try {
            Message.parseFrom(bytes);
            return true;
        } catch (InvalidProtocolBufferException refused) {
            return false;
        }
    }

    @Test
    void shouldExpireAfterItsTimeToLive() {
        EncodedMessage message = EncodedMessage.of(
                Message.newBuilder().setTime(1_000_000).setTtlMs(10).build());

        assertThat(message.expired(1_010_000)).isFalse();
        assertThat(message.expired(1_010_001)).isTrue();
        assertThat(EncodedMessage.of(Message.getDefaultInstance()).expired(Long.MAX_VALUE))
                .isFalse();
    }
}
