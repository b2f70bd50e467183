package io.signalbox.verticles.deadletter;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.DeadMessage;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Message;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.UUID;

/** Messages that died, for tests. */
final class Letters {
    static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private Letters() {}

    static Message.Builder message(UUID id) {
        ByteBuffer bytes = ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip();
        return Message.newBuilder()
                .setId(ByteString.copyFrom(bytes))
                .setAddress("agent/a")
                .setSource("agent/sender")
                .setType("note")
                .setTime(EncodedMessage.micros(NOW.minusSeconds(60)))
                .setDurability(Durability.DURABILITY_LOCAL)
                .setPayload(ByteString.copyFromUtf8("{\"n\":1}"));
    }

    static DeadMessage.Builder dead(String agent, Message message) {
        return DeadMessage.newBuilder()
                .setAgent(agent)
                .setReasonCode(Code.REJECTED.number())
                .setDetail("not for me")
                .setAttempts(2)
                .setDiedAtMs(NOW.toEpochMilli())
                .setPosition(7)
                .setMessage(message.toByteString());
    }

    static DeadLetter letter(String agent) {
        return letter(agent, UUID.randomUUID(), Code.REJECTED, NOW);
    }

    static DeadLetter letter(String agent, UUID id, Code reason, Instant diedAt) {
        return DeadLetter.of(dead(agent, message(id).build())
                .setReasonCode(reason.number())
                .setDiedAtMs(diedAt.toEpochMilli())
                .build());
    }
}
