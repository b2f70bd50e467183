package io.signalbox.codecs;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.signalbox.codecs.proto.Message;
import java.time.Instant;
import java.util.Optional;

/**
 * A message as it goes over the wire, with the header fields that routing needs already read. Encoded once, however many
 * receive it. Immutable by contract (nobody writes to {@link #bytes}); thread-safe.
 */
public final class EncodedMessage {
    public static final int DEFAULT_PRIORITY = 5;

    static final int RETAIN = Message.RETAIN_FIELD_NUMBER << 3 | WireReader.VARINT;

    /** Nodes write it behind the message, in a field that the wire reserves for them. */
    static final int RETAINED_REVISION = 103 << 3 | WireReader.VARINT;

    private final byte[] bytes;
    private final String address;
    private final String replyTo;
    private final long timeMicros;
    private final byte priority;
    private final int ttlMs;
    private final byte durability;
    private final MailboxPlace mailboxPlace;
    private final long retainedRevision;
    private final int payloadOffset;
    private final int payloadLength;

    /** Made when the first receiver wants it; two that make it at once make the same. */
    private volatile Optional<byte[]> json = Optional.empty();

    EncodedMessage(
            byte[] bytes,
            String address,
            String replyTo,
            long timeMicros,
            int priority,
            int ttlMs,
            int durability,
            MailboxPlace mailboxPlace,
            long retainedRevision,
            int payloadOffset,
            int payloadLength) {
        this.bytes = bytes;
        this.address = address;
        this.replyTo = replyTo;
        this.timeMicros = timeMicros;
        this.priority = (byte) priority;
        this.ttlMs = ttlMs;
        this.durability = (byte) durability;
        this.mailboxPlace = mailboxPlace;
        this.retainedRevision = retainedRevision;
        this.payloadOffset = payloadOffset;
        this.payloadLength = payloadLength;
    }

    /** A message that was encoded and read before, such as one from a mailbox. */
    public static EncodedMessage of(byte[] bytes) throws CodecException {
        MessageReader reader = new MessageReader();
        reader.read(bytes, 0, bytes.length);
        return reader.copied();
    }

    /** Encodes a message that this process made itself; its header must be valid. */
    public static EncodedMessage of(Message message) {
        byte[] bytes = message.toByteArray();
        MessageReader reader = new MessageReader();
        try {
            reader.read(bytes, 0, bytes.length);
        } catch (CodecException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return reader.copied();
    }

    /** All fields, decoded. The payload of the result shares this message's bytes. */
    public Message decode() {
        try {
            return Message.parseFrom(UnsafeByteOperations.unsafeWrap(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a message that was read does not parse", e);
        }
    }

    /** The whole encoded message. Not to be written to. */
    public byte[] bytes() {
        return bytes;
    }

    /** The JSON form's object. Not to be written to. */
    byte[] json() {
        Optional<byte[]> known = json;
        if (known.isEmpty()) {
            known = Optional.of(JsonCodec.messageToJson(this));
            json = known;
        }
        return known.get();
    }

    public int size() {
        return bytes.length;
    }

    public String address() {
        return address;
    }

    /** Empty: no reply wanted. */
    public String replyTo() {
        return replyTo;
    }

    /** 0 to 9, 9 the most urgent. */
    public int priority() {
        return priority;
    }

    /** Number of the {@code Durability} asked for. */
    public int durability() {
        return durability;
    }

    /** {@link MailboxPlace#NONE} for what waits in no mailbox. */
    public MailboxPlace mailboxPlace() {
        return mailboxPlace;
    }

    /** The same message, put into its receiver's mailbox. */
    public EncodedMessage at(MailboxPlace place) {
        return new EncodedMessage(
                place.appendTo(bytes),
                address,
                replyTo,
                timeMicros,
                priority,
                ttlMs,
                durability,
                place,
                retainedRevision,
                payloadOffset,
                payloadLength);
    }

    /** 0 for what was not published as the retained message of its address. */
    public long retainedRevision() {
        return retainedRevision;
    }

    /**
     * The same message for those who were subscribed when it was published: without the mark, and naming the revision under
     * which it was stored.
     */
    public EncodedMessage liveOfRetained(long revision) {
        byte[] out = new byte
                [bytes.length
                        + WireWriter.varintSize(RETAIN)
                        + 1
                        + WireWriter.varintSize(RETAINED_REVISION)
                        + WireWriter.varintSize(revision)];
        System.arraycopy(bytes, 0, out, 0, bytes.length);
        int at = WireWriter.varint(out, bytes.length, RETAIN);
        at = WireWriter.varint(out, at, 0);
        at = WireWriter.varint(out, at, RETAINED_REVISION);
        WireWriter.varint(out, at, revision);
        return new EncodedMessage(
                out,
                address,
                replyTo,
                timeMicros,
                priority,
                ttlMs,
                durability,
                mailboxPlace,
                revision,
                payloadOffset,
                payloadLength);
    }

    /** In milliseconds from its time on; 0: no limit. */
    public long timeToLive() {
        return Integer.toUnsignedLong(ttlMs);
    }

    /** The moment as messages carry it: microseconds since 1970. */
    public static long micros(Instant moment) {
        return moment.getEpochSecond() * 1_000_000 + moment.getNano() / 1000;
    }

    /** Whether the time-to-live is over. */
    public boolean expired(long nowMicros) {
        return ttlMs != 0 && nowMicros - timeMicros > timeToLive() * 1000;
    }

    /** Shares this message's bytes. */
    public ByteString payload() {
        return UnsafeByteOperations.unsafeWrap(bytes, payloadOffset, payloadLength);
    }
}
