package io.signalbox.codecs;

import io.signalbox.codecs.proto.Message;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Reads of an encoded {@link Message} the header fields that routing needs; payload and the rest stay where they are.
 * Agrees with the generated parser, which every message that passes here parses with: the last occurrence of a field
 * counts, unknown fields are skipped, text must be UTF-8. Not thread-safe; meant to be reused.
 */
public final class MessageReader {
    private static final int ID = Message.ID_FIELD_NUMBER << 3 | WireReader.BYTES;
    private static final int ADDRESS = Message.ADDRESS_FIELD_NUMBER << 3 | WireReader.BYTES;
    private static final int SOURCE = Message.SOURCE_FIELD_NUMBER << 3 | WireReader.BYTES;
    private static final int TIME = Message.TIME_FIELD_NUMBER << 3 | WireReader.VARINT;
    private static final int PRIORITY = Message.PRIORITY_FIELD_NUMBER << 3 | WireReader.VARINT;
    private static final int TTL = Message.TTL_MS_FIELD_NUMBER << 3 | WireReader.VARINT;
    private static final int DURABILITY = Message.DURABILITY_FIELD_NUMBER << 3 | WireReader.VARINT;
    private static final int REPLY_TO = Message.REPLY_TO_FIELD_NUMBER << 3 | WireReader.BYTES;
    private static final int TYPE = Message.TYPE_FIELD_NUMBER << 3 | WireReader.BYTES;
    private static final int CORRELATION_ID = Message.CORRELATION_ID_FIELD_NUMBER << 3 | WireReader.BYTES;
    private static final int TRACEPARENT = Message.TRACEPARENT_FIELD_NUMBER << 3 | WireReader.BYTES;
    private static final int CONTENT_TYPE = Message.CONTENT_TYPE_FIELD_NUMBER << 3 | WireReader.BYTES;
    private static final int HEADERS = Message.HEADERS_FIELD_NUMBER << 3 | WireReader.BYTES;
    private static final int HEADER_KEY = 1 << 3 | WireReader.BYTES;
    private static final int HEADER_VALUE = 2 << 3 | WireReader.BYTES;
    private static final int PAYLOAD = Message.PAYLOAD_FIELD_NUMBER << 3 | WireReader.BYTES;
    private static final int AGAIN = Message.AGAIN_FIELD_NUMBER << 3 | WireReader.VARINT;

    private static final int RETAIN = EncodedMessage.RETAIN;

    private final WireReader wire = new WireReader();
    private final WireReader header = new WireReader();
    private byte[] buffer = new byte[0];
    private int offset;
    private int length;
    private int idOffset;
    private int idLength;
    private String address = "";
    private String replyTo = "";
    private long time;
    private int priority;
    private int ttlMs;
    private int durability;
    private boolean again;
    private boolean retain;
    private long retainedRevision;
    private long mailboxHistory;
    private long mailboxPosition;
    private long mailboxPredecessor;
    private int mailboxAttempt;
    private int payloadOffset;
    private int payloadLength;

    public void read(byte[] buffer, int offset, int length) throws CodecException {
        clear(buffer, offset, length);
        wire.reset(buffer, offset, length);
        while (!wire.atEnd()) {
            int tag = wire.tag();
            switch (tag) {
                case ID -> {
                    idLength = wire.bytes();
                    idOffset = wire.position() - idLength;
                }
                case ADDRESS -> address = text();
                case REPLY_TO -> replyTo = text();
                case TIME -> time = wire.varint();
                case PRIORITY -> priority = (int) wire.varint();
                case TTL -> ttlMs = (int) wire.varint();
                case DURABILITY -> durability = (int) wire.varint();
                case AGAIN -> again = wire.varint() != 0;
                case RETAIN -> retain = wire.varint() != 0;
                case EncodedMessage.RETAINED_REVISION -> retainedRevision = wire.varint();
                case MailboxPlace.HISTORY -> mailboxHistory = wire.varint();
                case MailboxPlace.POSITION -> mailboxPosition = wire.varint();
                case MailboxPlace.PREDECESSOR -> mailboxPredecessor = wire.varint();
                case MailboxPlace.ATTEMPT -> mailboxAttempt = (int) wire.varint();
                case SOURCE, TYPE, CORRELATION_ID, TRACEPARENT, CONTENT_TYPE -> checkText(wire);
                case HEADERS -> checkHeader();
                case PAYLOAD -> {
                    payloadLength = wire.bytes();
                    payloadOffset = wire.position() - payloadLength;
                }
                default -> wire.skip(tag);
            }
        }
        check();
    }

    private void clear(byte[] buffer, int offset, int length) {
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
        idLength = 0;
        address = "";
        replyTo = "";
        time = 0;
        priority = EncodedMessage.DEFAULT_PRIORITY;
        ttlMs = 0;
        durability = 0;
        again = false;
        retain = false;
        retainedRevision = 0;
        mailboxHistory = 0;
        mailboxPosition = 0;
        mailboxPredecessor = 0;
        mailboxAttempt = 0;
        payloadOffset = offset + length;
        payloadLength = 0;
    }

    private void check() throws CodecException {
        if (idLength != 0 && idLength != 16) {
            throw WireReader.malformed("message id of " + idLength + " bytes, must be 16");
        }
        if (priority < 0 || priority > 9) {
            throw WireReader.malformed("priority " + Integer.toUnsignedString(priority) + ", must be 0 to 9");
        }
        if (durability < 0 || durability > 2) {
            throw WireReader.malformed("durability " + Integer.toUnsignedString(durability) + ", must be 0 to 2");
        }
    }

    private String text() throws CodecException {
        int count = wire.bytes();
        int from = wire.position() - count;
        return isAscii(from, count)
                ? new String(buffer, from, count, StandardCharsets.ISO_8859_1)
                : decodeStrictly(from, count);
    }

    /** Some receiver will decode it: what does not parse there must not get that far. */
    private void checkText(WireReader in) throws CodecException {
        int count = in.bytes();
        int from = in.position() - count;
        if (!isAscii(from, count)) {
            decodeStrictly(from, count);
        }
    }

    private void checkHeader() throws CodecException {
        int count = wire.bytes();
        header.reset(buffer, wire.position() - count, count);
        while (!header.atEnd()) {
            int tag = header.tag();
            switch (tag) {
                case HEADER_KEY, HEADER_VALUE -> checkText(header);
                default -> header.skip(tag);
            }
        }
    }

    private boolean isAscii(int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (buffer[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private String decodeStrictly(int from, int count) throws CodecException {
        try {
            return StrictUtf8.decode(ByteBuffer.wrap(buffer, from, count)).toString();
        } catch (CharacterCodingException e) {
            throw new CodecException(Code.MALFORMED, "text that is not UTF-8", e);
        }
    }

    public boolean hasId() {
        return idLength == 16;
    }

    /** Of a message that has one. */
    public UUID id() {
        ByteBuffer id = ByteBuffer.wrap(buffer, idOffset, 16);
        return new UUID(id.getLong(), id.getLong());
    }

    public String address() {
        return address;
    }

    /** Empty: no reply wanted. */
    public String replyTo() {
        return replyTo;
    }

    public int priority() {
        return priority;
    }

    /** Number of the {@code Durability} asked for. */
    public int durability() {
        return durability;
    }

    /** Whether the sender does not know what became of an earlier try. */
    public boolean again() {
        return again;
    }

    /** Whether it is to be the retained message of its address. */
    public boolean retain() {
        return retain;
    }

    /** Whether it has what only nodes may write. */
    public boolean hasNodeFields() {
        return hasMailboxPlace() || retainedRevision != 0;
    }

    private boolean hasMailboxPlace() {
        return mailboxHistory != 0 || mailboxPosition != 0 || mailboxPredecessor != 0 || mailboxAttempt != 0;
    }

    public int payloadLength() {
        return payloadLength;
    }

    /**
     * The message as one owned array: what was read, then the stamps, which overrule what the sender wrote.
     *
     * @param source the authenticated identity
     * @param timeMicros microseconds since 1970
     * @param idHigh upper half of the id, used when the sender gave none
     * @param idLow lower half of the id
     */
    public EncodedMessage stamped(String source, long timeMicros, long idHigh, long idLow) {
        byte[] sourceBytes = source.getBytes(StandardCharsets.UTF_8);
        int size = length
                + (hasId() ? 0 : 18)
                + 1
                + WireWriter.varintSize(sourceBytes.length)
                + sourceBytes.length
                + 1
                + WireWriter.varintSize(timeMicros);
        byte[] out = new byte[size];
        System.arraycopy(buffer, offset, out, 0, length);
        int at = length;
        if (!hasId()) {
            at = WireWriter.varint(out, at, ID);
            at = WireWriter.varint(out, at, 16);
            at = WireWriter.bigEndian(out, at, idHigh);
            at = WireWriter.bigEndian(out, at, idLow);
        }
        at = WireWriter.varint(out, at, SOURCE);
        at = WireWriter.varint(out, at, sourceBytes.length);
        System.arraycopy(sourceBytes, 0, out, at, sourceBytes.length);
        at += sourceBytes.length;
        at = WireWriter.varint(out, at, TIME);
        WireWriter.varint(out, at, timeMicros);
        return encoded(out, timeMicros);
    }

    /** The message as one owned array, as it was read. */
    public EncodedMessage copied() {
        byte[] out = new byte[length];
        System.arraycopy(buffer, offset, out, 0, length);
        return encoded(out, time);
    }

    private EncodedMessage encoded(byte[] out, long timeMicros) {
        return new EncodedMessage(
                out,
                address,
                replyTo,
                timeMicros,
                priority,
                ttlMs,
                durability,
                mailboxPlace(),
                retainedRevision,
                payloadOffset - offset,
                payloadLength);
    }

    private MailboxPlace mailboxPlace() {
        return hasMailboxPlace()
                ? new MailboxPlace(mailboxHistory, mailboxPosition, mailboxPredecessor, mailboxAttempt)
                : MailboxPlace.NONE;
    }
}
