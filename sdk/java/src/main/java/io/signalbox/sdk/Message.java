package io.signalbox.sdk;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.proto.Durability;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** An envelope and its payload, to be sent or received. Immutable, thread-safe. */
public final class Message {
    private static final int DEFAULT_PRIORITY = 5;

    private final io.signalbox.codecs.proto.Message encoded;
    private final int attempt;

    Message(io.signalbox.codecs.proto.Message encoded) {
        this(encoded, 1);
    }

    Message(io.signalbox.codecs.proto.Message encoded, int attempt) {
        this.encoded = encoded;
        this.attempt = attempt;
    }

    /** @param address where it goes: {@code agent/{id}}, {@code skill/{name}} or any other address, without wildcards */
    public static Message to(String address, Payload payload) {
        return new Message(io.signalbox.codecs.proto.Message.newBuilder()
                .setAddress(address)
                .setContentType(payload.contentType())
                .setPayload(payload.content())
                .build());
    }

    public Message withType(String type) {
        return new Message(encoded.toBuilder().setType(type).build());
    }

    /** @param priority 0 to 9, 9 the most urgent */
    public Message withPriority(int priority) {
        if (priority < 0 || priority > 9) {
            throw new IllegalArgumentException("priority " + priority + ", must be 0 to 9");
        }
        return new Message(encoded.toBuilder().setPriority(priority).build());
    }

    /** @param timeToLive after it the message is not delivered any more; 1 ms to 49 days */
    public Message withTimeToLive(Duration timeToLive) {
        long millis = timeToLive.toMillis();
        if (millis < 1 || millis > 0xffff_ffffL) {
            throw new IllegalArgumentException("time-to-live " + timeToLive + ", must be 1 ms to 49 days");
        }
        return new Message(encoded.toBuilder().setTtlMs((int) millis).build());
    }

    /**
     * For an agent's inbox: waits in its mailbox until the agent has handled it, whether it is connected or not. Delivered
     * at least once; a repeated one has the same id and says so ({@link #attempt}).
     */
    public Message durable() {
        return withDurability(Durability.DURABILITY_LOCAL);
    }

    /** Like {@link #durable}, and safe on a replica of the store before it counts as published. */
    public Message replicated() {
        return withDurability(Durability.DURABILITY_REPLICATED);
    }

    /**
     * Stored as the one retained message of its address, in place of the one before, and given to whoever subscribes later;
     * with an empty payload that is removed. Published once it is stored. Not for {@code agent/...} and {@code skill/...}.
     */
    public Message retained() {
        return new Message(encoded.toBuilder().setRetain(true).build());
    }

    private Message withDurability(Durability durability) {
        return new Message(encoded.toBuilder().setDurability(durability).build());
    }

    /** Sent before, and what became of it is unknown. */
    Message again() {
        return new Message(encoded.toBuilder().setAgain(true).build());
    }

    public Message withReplyTo(String address) {
        return new Message(encoded.toBuilder().setReplyTo(address).build());
    }

    public Message withCorrelationId(String correlationId) {
        return new Message(encoded.toBuilder().setCorrelationId(correlationId).build());
    }

    /** @param traceparent W3C trace context */
    public Message withTraceparent(String traceparent) {
        return new Message(encoded.toBuilder().setTraceparent(traceparent).build());
    }

    public Message withHeader(String name, String value) {
        return new Message(encoded.toBuilder().putHeaders(name, value).build());
    }

    Message withId(UUID id) {
        ByteBuffer bytes = ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip();
        return new Message(encoded.toBuilder().setId(ByteString.copyFrom(bytes)).build());
    }

    /** Empty on a message that was not sent yet. */
    public Optional<UUID> id() {
        if (encoded.getId().size() != 16) {
            return Optional.empty();
        }
        ByteBuffer bytes = encoded.getId().asReadOnlyByteBuffer();
        return Optional.of(new UUID(bytes.getLong(), bytes.getLong()));
    }

    public boolean isDurable() {
        return encoded.getDurability() != Durability.DURABILITY_MEMORY;
    }

    /** On a received message: it was retained before the agent subscribed, and so it is the last known, not news. */
    public boolean isRetained() {
        return encoded.getRetain();
    }

    /**
     * How often the message was handed out, this time included. More than 1: the agent may have had it already, here or
     * before a crash. Its {@link #id} is the same each time.
     */
    public int attempt() {
        return attempt;
    }

    public String address() {
        return encoded.getAddress();
    }

    /** Who sent it, as the gateway authenticated it: {@code agent/{id}}. Empty on a message that was not sent yet. */
    public String source() {
        return encoded.getSource();
    }

    public String type() {
        return encoded.getType();
    }

    /** When the gateway took it; the epoch on a message that was not sent yet. */
    public Instant time() {
        return Instant.EPOCH.plus(encoded.getTime(), ChronoUnit.MICROS);
    }

    public int priority() {
        return encoded.hasPriority() ? encoded.getPriority() : DEFAULT_PRIORITY;
    }

    /** Empty: no reply wanted. */
    public String replyTo() {
        return encoded.getReplyTo();
    }

    public String correlationId() {
        return encoded.getCorrelationId();
    }

    public String traceparent() {
        return encoded.getTraceparent();
    }

    public Map<String, String> headers() {
        return encoded.getHeadersMap();
    }

    public Payload payload() {
        return Payload.of(encoded.getContentType(), encoded.getPayload());
    }

    io.signalbox.codecs.proto.Message encoded() {
        return encoded;
    }

    @Override
    public String toString() {
        return "message to " + address() + " from " + source() + " (" + payload() + ")";
    }
}
