package io.signalbox.verticles.deadletter;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.DeadMessage;
import io.signalbox.codecs.proto.Message;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.UUID;

/**
 * A durable message that left its receiver's mailbox undelivered. Immutable, thread-safe.
 *
 * @param reason one of {@link #REASONS}
 * @param detail what the agent or the node said to it, up to {@value #MAX_DETAIL} characters
 * @param attempts how often it was handed out
 * @param diedAt in milliseconds
 * @param position where it waited in its lane of the mailbox; 0: unknown
 * @param priority 0 to 9
 * @param size of the message in bytes
 * @param message as encoded; empty in pages
 */
public record DeadLetter(
        String agent,
        UUID id,
        Code reason,
        String detail,
        int attempts,
        Instant diedAt,
        long position,
        int priority,
        String source,
        String type,
        int size,
        ByteString message) {

    /** What a message can die of. */
    public static final Set<Code> REASONS = Set.of(Code.ATTEMPTS_EXHAUSTED, Code.EXPIRED, Code.REJECTED);

    static final int MAX_DETAIL = 2000;

    /** Where nodes write what they alone need to know. */
    private static final int FIRST_NODE_FIELD = 100;

    private static final int LAST_NODE_FIELD = 119;

    public DeadLetter {
        detail = detail.length() <= MAX_DETAIL ? detail : detail.substring(0, MAX_DETAIL - 3) + "...";
        diedAt = diedAt.truncatedTo(ChronoUnit.MILLIS);
    }

    /** @throws ServiceException {@code MALFORMED} or {@code INVALID_ARGUMENT}: it never was in a mailbox like this */
    static DeadLetter of(DeadMessage dead) {
        Code reason = Code.of(dead.getReasonCode())
                .filter(REASONS::contains)
                .orElseThrow(() -> new ServiceException(
                        Code.INVALID_ARGUMENT, "no message dies of " + Integer.toUnsignedString(dead.getReasonCode())));
        Message message = withoutNodeFields(parse(dead.getMessage()));
        return new DeadLetter(
                dead.getAgent(),
                id(message),
                reason,
                dead.getDetail(),
                dead.getAttempts(),
                Instant.ofEpochMilli(dead.getDiedAtMs()),
                dead.getPosition(),
                message.hasPriority() ? message.getPriority() : EncodedMessage.DEFAULT_PRIORITY,
                message.getSource(),
                message.getType(),
                message.getSerializedSize(),
                message.toByteString());
    }

    private static Message parse(ByteString message) {
        try {
            return Message.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new ServiceException(Code.MALFORMED, "the message does not parse");
        }
    }

    /** They tell of a place in the mailbox that the message has left. */
    private static Message withoutNodeFields(Message message) {
        UnknownFieldSet.Builder fields = message.getUnknownFields().toBuilder();
        for (int field = FIRST_NODE_FIELD; field <= LAST_NODE_FIELD; field++) {
            fields.clearField(field);
        }
        return message.toBuilder().setUnknownFields(fields.build()).build();
    }

    private static UUID id(Message message) {
        if (message.getId().size() != 16) {
            throw new ServiceException(Code.MALFORMED, "the message has no UUID as id");
        }
        ByteBuffer bytes = message.getId().asReadOnlyByteBuffer();
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    Message decoded() {
        return parse(message);
    }

    Lane lane() {
        return Lane.of(priority);
    }

    /** To be delivered once more: without its time-to-live when that is over, for else it would die of it again. */
    byte[] revived(Instant now) {
        Message decoded = decoded();
        boolean over = EncodedMessage.of(decoded).expired(EncodedMessage.micros(now));
        return over ? decoded.toBuilder().clearTtlMs().build().toByteArray() : message.toByteArray();
    }
}
