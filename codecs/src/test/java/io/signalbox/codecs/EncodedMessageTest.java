package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Message;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a message carries along with its bytes, and what the gateway puts on it. */
class EncodedMessageTest {
    private static final long TIME = 1_700_000_000_000_000L;
    private static final HexFormat HEX = HexFormat.of();

    private static EncodedMessage message(Consumer<Message.Builder> fields) {
        Message.Builder message = Message.newBuilder();
        fields.accept(message);
        return EncodedMessage.of(message.build());
    }

    private static MessageReader reading(byte[] bytes) throws CodecException {
        MessageReader reader = new MessageReader();
        reader.read(bytes, 0, bytes.length);
        return reader;
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, false",
        "1, 1000, false",
        "1, 1001, true",
        "1, -1, false",
        "1, -1000000, false",
        "1000, 1000000, false",
        "1000, 1000001, true",
        "2147483647, 2147483647000, false",
        "2147483647, 2147483647001, true",
        "-2147483648, 2147483648000, false",
        "-2147483648, 2147483648001, true",
        "-1, 4294967295000, false",
        "-1, 4294967295001, true",
        "0, 9000000000000000, false"
    })
    void shouldExpireWhenMoreThanItsTimeToLiveHasPassed(int ttlMs, long passedMicros, boolean expired) {
        EncodedMessage message = message(fields -> fields.setTime(TIME).setTtlMs(ttlMs));

        assertThat(message.expired(TIME + passedMicros)).isEqualTo(expired);
    }

    @Test
    void shouldCountTheTimeToLiveFromTheStampNotFromTheSendersTime() throws CodecException {
        byte[] sent = Message.newBuilder().setTime(1).setTtlMs(10).build().toByteArray();

        EncodedMessage stamped = reading(sent).stamped("a", TIME, 1, 1);

        assertThat(stamped.expired(TIME + 10_000)).isFalse();
        assertThat(stamped.expired(TIME + 10_001)).isTrue();
    }

    @Test
    void shouldHaveTheDefaultsOfAnEmptyMessage() {
        EncodedMessage empty = EncodedMessage.of(Message.getDefaultInstance());

        assertThat(empty.size()).isZero();
        assertThat(empty.address()).isEmpty();
        assertThat(empty.replyTo()).isEmpty();
        assertThat(empty.priority()).isEqualTo(5);
        assertThat(empty.durability()).isZero();
        assertThat(empty.payload()).isEqualTo(ByteString.EMPTY);
        assertThat(empty.decode()).isEqualTo(Message.getDefaultInstance());
    }

    @Test
    void shouldTellPriorityZeroFromTheDefault() {
        assertThat(message(fields -> fields.setPriority(0)).priority()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 10, 255, 256, 266, Integer.MIN_VALUE})
    void shouldRefuseToMakeAMessageOfAPriorityThatThereIsNot(int priority) {
        assertThatThrownBy(() -> message(fields -> fields.setPriority(priority)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("priority " + Integer.toUnsignedString(priority) + ", must be 0 to 9")
                .hasCauseInstanceOf(CodecException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 3, 256, 258})
    void shouldRefuseToMakeAMessageOfADurabilityThatThereIsNot(int durability) {
        assertThatThrownBy(() -> message(fields -> fields.setDurabilityValue(durability)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("durability " + Integer.toUnsignedString(durability));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 17, 32})
    void shouldRefuseToMakeAMessageWithAnIdOfAnotherLength(int length) {
        assertThatThrownBy(() -> message(fields -> fields.setId(ByteString.copyFrom(new byte[length]))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(length + " bytes");
    }

    @Test
    void shouldShareItsBytesWithItsPayload() {
        EncodedMessage message = message(fields -> fields.setPayload(ByteString.copyFromUtf8("payload")));
        byte[] bytes = message.bytes();

        bytes[bytes.length - 1] = '!';

        assertThat(message.payload().toStringUtf8()).isEqualTo("payloa!");
    }

    @Test
    void shouldNotShareTheBufferThatItWasReadFrom() throws CodecException {
        byte[] buffer = Message.newBuilder()
                .setAddress("agent/a")
                .setPayload(ByteString.copyFromUtf8("payload"))
                .build()
                .toByteArray();
        MessageReader reader = reading(buffer);
        EncodedMessage copied = reader.copied();
        EncodedMessage stamped = reader.stamped("a", TIME, 1, 1);

        Arrays.fill(buffer, (byte) 0xff);

        for (EncodedMessage message : List.of(copied, stamped)) {
            assertThat(message.payload().toStringUtf8()).isEqualTo("payload");
            assertThat(message.decode().getAddress()).isEqualTo("agent/a");
        }
    }

    /** A client may write every field, often, in any order, and ids and times of any kind: the stamps stand. */
    @Test
    void shouldStampOverWhateverAClientWrites() throws CodecException {
        for (long seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            RandomFrames frames = new RandomFrames(seed);
            ByteString written = ByteString.EMPTY;
            for (int i = random.nextInt(4); i >= 0; i--) {
                written = written.concat(frames.message().toByteString());
            }
            Message before = parsed(written);
            long idHigh = random.nextLong();
            byte[] buffer = new byte[written.size() + 10];
            int offset = random.nextInt(10);
            written.copyTo(buffer, offset);
            MessageReader reader = new MessageReader();

            reader.read(buffer, offset, written.size());
            EncodedMessage stamped = reader.stamped("agent/h\u00f6nest", TIME, idHigh, 7);

            Message.Builder expected =
                    before.toBuilder().setSource("agent/h\u00f6nest").setTime(TIME);
            if (before.getId().isEmpty()) {
                expected.setId(ByteString.fromHex(HEX.toHexDigits(idHigh) + "0000000000000007"));
            }
            assertThat(stamped.decode()).as("seed %d", seed).isEqualTo(expected.build());
            assertThat(stamped.payload()).as("seed %d", seed).isEqualTo(before.getPayload());
            assertThat(stamped.size())
                    .as("seed %d: exactly as long as need be", seed)
                    .isEqualTo(written.size()
                            + Message.newBuilder()
                                    .setSource("agent/h\u00f6nest")
                                    .setTime(TIME)
                                    .setId(before.getId().isEmpty() ? expected.getId() : ByteString.EMPTY)
                                    .build()
                                    .getSerializedSize());
        }
    }

    private static Message parsed(ByteString bytes) {
        try {
            return Message.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldGiveAnIdWhenTheSenderTookItsOwnBack() throws CodecException {
        byte[] bytes = HEX.parseHex("0a10" + "11".repeat(16) + "0a00");
        MessageReader reader = reading(bytes);

        assertThat(reader.hasId()).isFalse();
        assertThat(reader.stamped("a", TIME, 0, 9).decode().getId().byteAt(15)).isEqualTo((byte) 9);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 127, 128, 1L << 35, Long.MAX_VALUE, -1})
    void shouldStampTimesOfEveryLength(long time) throws CodecException {
        assertThat(reading(new byte[0]).stamped("a", time, 1, 1).decode().getTime())
                .isEqualTo(time);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 20_000})
    void shouldStampSourcesOfEveryLength(int length) throws CodecException {
        String source = "s".repeat(length);

        assertThat(reading(new byte[0]).stamped(source, 1, 1, 1).decode().getSource())
                .isEqualTo(source);
    }

    @Test
    void shouldForgetTheMessageBeforeWhenReused() throws CodecException {
        byte[] full = Message.newBuilder()
                .setId(ByteString.copyFrom(new byte[16]))
                .setAddress("a")
                .setReplyTo("b")
                .setTime(1)
                .setTtlMs(1)
                .setPriority(9)
                .setDurability(Durability.DURABILITY_REPLICATED)
                .setPayload(ByteString.copyFromUtf8("x"))
                .build()
                .toByteArray();
        MessageReader reader = reading(full);

        reader.read(full, 3, 0);

        assertThat(reader.hasId()).isFalse();
        assertThat(reader.address()).isEmpty();
        assertThat(reader.replyTo()).isEmpty();
        assertThat(reader.priority()).isEqualTo(5);
        assertThat(reader.durability()).isZero();
        assertThat(reader.payloadLength()).isZero();
        assertThat(reader.copied().expired(Long.MAX_VALUE)).isFalse();
        assertThat(reader.copied().payload()).isEqualTo(ByteString.EMPTY);
    }

    @Test
    void shouldTakeTheNextMessageAfterARefusal() throws CodecException {
        MessageReader reader = new MessageReader();
        assertThatThrownBy(() -> reader.read(HEX.parseHex("120161300a"), 0, 5)).isInstanceOf(CodecException.class);

        reader.read(HEX.parseHex("120162"), 0, 3);

        assertThat(reader.address()).isEqualTo("b");
        assertThat(reader.priority()).isEqualTo(5);
    }

    @Test
    void shouldCarryItsPlaceInTheMailboxBehindTheMessage() throws CodecException {
        EncodedMessage message =
                message(fields -> fields.setAddress("agent/a").setPriority(8).setType("note"));
        MailboxPlace place = new MailboxPlace(1L << 48, (1L << 52) + 7, 3, 12);

        EncodedMessage placed = message.at(place);
        EncodedMessage received = EncodedMessage.of(placed.bytes());

        assertThat(placed.mailboxPlace()).isEqualTo(place);
        assertThat(received.mailboxPlace()).isEqualTo(place);
        assertThat(received.address()).isEqualTo("agent/a");
        assertThat(received.priority()).isEqualTo(8);
        assertThat(received.decode().getType()).isEqualTo("note");
        assertThat(message.mailboxPlace()).isEqualTo(MailboxPlace.NONE);
    }

    @Test
    void shouldHaveNoMarkForThoseWhoAreThereWhenItIsRetained() throws CodecException {
        EncodedMessage message = message(fields ->
                fields.setAddress("news").setRetain(true).setTime(TIME).setTtlMs(-1));
        long revision = (1L << 52) + 7;

        EncodedMessage live = message.liveOfRetained(revision);
        EncodedMessage received = EncodedMessage.of(live.bytes());

        assertThat(reading(message.bytes()).retain()).isTrue();
        assertThat(reading(live.bytes()).retain()).isFalse();
        assertThat(received.decode().getRetain()).isFalse();
        assertThat(live.retainedRevision()).isEqualTo(revision);
        assertThat(received.retainedRevision()).isEqualTo(revision);
        assertThat(received.address()).isEqualTo("news");
        assertThat(received.timeToLive()).isEqualTo(4_294_967_295L);
        assertThat(message.retainedRevision()).isZero();
    }

    @Test
    void shouldKnowTheIdThatTheSenderGave() throws CodecException {
        UUID id = UUID.fromString("00010203-0405-0607-8809-0a0b0c0d0e0f");
        ByteString bytes = ByteString.copyFrom(HEX.parseHex(id.toString().replace("-", "")));

        assertThat(reading(Message.newBuilder()
                                .setType("t")
                                .setId(bytes)
                                .build()
                                .toByteArray())
                        .id())
                .isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource({
        "a00601, true",
        "a80601, true",
        "b00601, true",
        "b80601, true",
        "a00600, false",
        "7801, false",
        "800101, false"
    })
    void shouldTellWhetherASenderWroteWhatIsForNodes(String hex, boolean forNodes) throws CodecException {
        assertThat(reading(HEX.parseHex(hex)).hasNodeFields()).isEqualTo(forNodes);
    }
}
