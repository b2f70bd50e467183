package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageTest {
    @Test
    void shouldCarryWhatItWasGiven() {
        UUID id = new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);
        Message message = Message.to("agent/a-1", Payload.json("{\"n\":1}"))
                .withType("Greeting")
                .withPriority(9)
                .withTimeToLive(Duration.ofSeconds(5))
                .withReplyTo("agent/b-1")
                .withCorrelationId("c")
                .withTraceparent("00-1-2-01")
                .withHeader("k", "v")
                .withId(id);

        assertThat(message.address()).isEqualTo("agent/a-1");
        assertThat(message.type()).isEqualTo("Greeting");
        assertThat(message.priority()).isEqualTo(9);
        assertThat(message.encoded().getTtlMs()).isEqualTo(5000);
        assertThat(message.replyTo()).isEqualTo("agent/b-1");
        assertThat(message.correlationId()).isEqualTo("c");
        assertThat(message.traceparent()).isEqualTo("00-1-2-01");
        assertThat(message.headers()).isEqualTo(Map.of("k", "v"));
        assertThat(message.id()).contains(id);
        assertThat(message.payload().text()).isEqualTo("{\"n\":1}");
    }

    @Test
    void shouldHaveNeitherIdNorSourceNorTimeBeforeItIsSent() {
        Message message = Message.to("agent/a-1", Payload.EMPTY);

        assertThat(message.id()).isEmpty();
        assertThat(message.source()).isEmpty();
        assertThat(message.time()).isEqualTo(Instant.EPOCH);
        assertThat(message.priority()).isEqualTo(5);
    }

    @Test
    void shouldReadTheTimeThatTheGatewayStamped() {
        Message message = new Message(io.signalbox.codecs.proto.Message.newBuilder()
                .setSource("agent/b-1")
                .setTime(1_700_000_000_123_456L)
                .build());

        assertThat(message.source()).isEqualTo("agent/b-1");
        assertThat(message.time()).isEqualTo(Instant.parse("2023-11-14T22:13:20.123456Z"));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 10})
    void shouldRefuseAPriorityThatThereIsNot(int priority) {
        Message message = Message.to("a", Payload.EMPTY);

        assertThatThrownBy(() -> message.withPriority(priority))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 to 9");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -5, 0x1_0000_0000L})
    void shouldRefuseATimeToLiveThatTheWireCannotCarry(long millis) {
        Message message = Message.to("a", Payload.EMPTY);

        assertThatThrownBy(() -> message.withTimeToLive(Duration.ofMillis(millis)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldTakeAPayloadWithoutTypeAsJson() {
        Message message = new Message(io.signalbox.codecs.proto.Message.getDefaultInstance());

        assertThat(message.payload().contentType()).isEqualTo("application/json");
        assertThat(message.payload().size()).isZero();
    }

    @Test
    void shouldKeepPayloadsApartFromTheArraysTheyCameFrom() {
        byte[] bytes = {1, 2, 3};
        Payload payload = Payload.of("application/octet-stream", bytes);

        bytes[0] = 9;
        payload.bytes()[1] = 9;

        assertThat(payload.bytes()).containsExactly(1, 2, 3);
    }

    @Test
    void shouldBeLeftAsItIsByWhatIsMadeOfIt() {
        Message message = Message.to("a", Payload.text("x"));
        io.signalbox.codecs.proto.Message before = message.encoded();

        message.withType("t").withPriority(1).withHeader("k", "v").withReplyTo("b");

        assertThat(message.encoded()).isEqualTo(before);
        assertThatThrownBy(() -> message.headers().put("k", "v")).isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9})
    void shouldTakeTheLowestAndTheHighestPriority(int priority) {
        Message message = Message.to("a", Payload.EMPTY).withPriority(priority);

        assertThat(message.priority()).isEqualTo(priority);
        assertThat(message.encoded().hasPriority()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 0xffff_ffffL})
    void shouldTakeTheShortestAndTheLongestTimeToLive(long millis) {
        Message message = Message.to("a", Payload.EMPTY).withTimeToLive(Duration.ofMillis(millis));

        assertThat(Integer.toUnsignedLong(message.encoded().getTtlMs())).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, 17})
    void shouldHaveNoIdWhenTheBytesAreNone(int length) {
        Message message = new Message(io.signalbox.codecs.proto.Message.newBuilder()
                .setId(ByteString.copyFrom(new byte[length]))
                .build());

        assertThat(message.id()).isEmpty();
    }

    @Test
    void shouldNotShowItsContentInLogs() {
        Message message = Message.to("agent/a", Payload.text("secret"));

        assertThat(message.toString())
                .contains("agent/a", "text/plain", "6 bytes")
                .doesNotContain("secret");
    }
}
