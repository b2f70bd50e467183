package io.signalbox.verticles.deadletter;

import static io.signalbox.verticles.deadletter.Letters.NOW;
import static io.signalbox.verticles.deadletter.Letters.dead;
import static io.signalbox.verticles.deadletter.Letters.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.DeadMessage;
import io.signalbox.codecs.proto.Message;
import java.time.Instant;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DeadLetterTest {
    private final UUID id = UUID.randomUUID();

    @Test
    void shouldTakeWhatIsShownFromTheMessage() {
        Message message = message(id).setPriority(9).build();

        DeadLetter letter = DeadLetter.of(dead("a", message).build());

        assertThat(letter)
                .isEqualTo(new DeadLetter(
                        "a",
                        id,
                        Code.REJECTED,
                        "not for me",
                        2,
                        NOW,
                        7,
                        9,
                        "agent/sender",
                        "note",
                        message.getSerializedSize(),
                        message.toByteString()));
        assertThat(letter.lane()).isEqualTo(Lane.URGENT);
        assertThat(DeadLetter.of(dead("a", message(id).build()).build()).priority())
                .isEqualTo(5);
    }

    static Stream<Arguments> impossible() {
        Message message = message(UUID.randomUUID()).build();
        return Stream.of(
                Arguments.of(dead("a", message).setReasonCode(Code.NO_ROUTE.number()), Code.INVALID_ARGUMENT),
                Arguments.of(dead("a", message).setReasonCode(0), Code.INVALID_ARGUMENT),
                Arguments.of(dead("a", message).setMessage(ByteString.copyFromUtf8("?")), Code.MALFORMED),
                Arguments.of(dead("a", message.toBuilder().clearId().build()), Code.MALFORMED));
    }

    @ParameterizedTest
    @MethodSource("impossible")
    void shouldRefuseWhatNeverWasInAMailbox(DeadMessage.Builder dead, Code code) {
        assertThatThrownBy(() -> DeadLetter.of(dead.build()))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @ParameterizedTest
    @CsvSource({"2000, 2000", "2001, 2000", "100000, 2000"})
    void shouldBoundWhatTheAgentSaid(int said, int kept) {
        DeadLetter letter = DeadLetter.of(
                dead("a", message(id).build()).setDetail("x".repeat(said)).build());

        assertThat(letter.detail()).hasSize(kept);
        assertThat(letter.detail().endsWith("...")).isEqualTo(said > kept);
    }

    /** A live copy names its place in the mailbox, and a later version may have fields that this one does not know. */
    @Test
    void shouldKeepEveryFieldButThoseOfNodes() {
        UnknownFieldSet.Field value =
                UnknownFieldSet.Field.newBuilder().addVarint(5).build();
        UnknownFieldSet later = UnknownFieldSet.newBuilder()
                .addField(99, value)
                .addField(120, value)
                .build();
        Message sent = message(id).setUnknownFields(later).build();
        Message copy = sent.toBuilder()
                .setUnknownFields(later.toBuilder()
                        .addField(100, value)
                        .addField(119, value)
                        .build())
                .build();

        DeadLetter letter = DeadLetter.of(dead("a", copy).build());

        assertThat(letter.decoded()).isEqualTo(sent);
        assertThat(letter.size()).isEqualTo(sent.getSerializedSize());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "59999, 0", "60001, 60001", "2147483648, 2147483648"})
    void shouldReviveWithoutATimeToLiveThatIsOver(long ttl, long expected) throws InvalidProtocolBufferException {
        Instant now = NOW; // a minute after it was sent
        Message sent = message(id).setTtlMs((int) ttl).build();

        byte[] revived = DeadLetter.of(dead("a", sent).build()).revived(now);

        assertThat(Message.parseFrom(revived))
                .isEqualTo(sent.toBuilder().setTtlMs((int) expected).build());
    }
}
