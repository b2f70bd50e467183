package io.signalbox.codecs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.signalbox.codecs.proto.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The wire's JSON form: a text is one entry object or an array of them, with lowerCamelCase names. See docs/protocol.md.
 * Thread-safe.
 */
public final class JsonCodec {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NUMBER = 64;

    /**
     * Strict: no comments, no duplicate names, bounded depth. Strings are as long as the text at most. Names are not kept
     * in a table: they come from clients, who could fill it or make it slow with names of the same hash.
     */
    static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private JsonCodec() {}

    /** Of characters, for from bytes it would guess at UTF-16 and UTF-32 too. */
    static JsonParser parser(CharBuffer text) throws IOException {
        return FACTORY.createParser(text.array(), text.arrayOffset() + text.position(), text.remaining());
    }

    /**
     * The text as an encoded {@code Frame}.
     *
     * @param utf8 the whole text
     * @throws CodecException {@code MALFORMED}, naming the member; {@code TOO_LARGE}
     */
    public static byte[] toFrame(byte[] utf8, int maxFrameBytes) throws CodecException {
        if (utf8.length > maxFrameBytes) {
            throw new CodecException(
                    Code.TOO_LARGE, "a text of " + utf8.length + " bytes, allowed are " + maxFrameBytes);
        }
        try {
            return new JsonReader(StrictUtf8.decode(ByteBuffer.wrap(utf8))).readFrame();
        } catch (CharacterCodingException e) {
            throw new CodecException(Code.MALFORMED, "text that is not UTF-8", e);
        }
    }

    /**
     * @param kind one of {@link EntryKind}
     * @param body encoded
     */
    public static byte[] entryToJson(int agent, long ref, int kind, byte[] body) {
        FieldDescriptor field = Entry.getDescriptor().findFieldByNumber(kind);
        Descriptor type = field.getMessageType();
        try {
            return entry(agent, ref, field.getJsonName(), JsonWriter.write(DynamicMessage.parseFrom(type, body)));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("not a " + type.getName(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads an object of the wire's other types, such as what agents say to services in payloads.
     *
     * @throws CodecException {@code MALFORMED}, naming the member
     */
    public static void read(byte[] utf8, Message.Builder builder) throws CodecException {
        try {
            new JsonReader(StrictUtf8.decode(ByteBuffer.wrap(utf8))).readInto(builder);
        } catch (CharacterCodingException e) {
            throw new CodecException(Code.MALFORMED, "text that is not UTF-8", e);
        }
    }

    /** What {@link #read} reads. */
    public static byte[] write(Message message) {
        try {
            return JsonWriter.write(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The entry that carries the message; the message itself is written once, however many receive it. */
    public static byte[] messageEntryToJson(int agent, EncodedMessage message) {
        return entry(agent, 0, "message", message.json());
    }

    /** The message's own object. */
    static byte[] messageToJson(EncodedMessage message) {
        try {
            return JsonWriter.write(message.decode());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] entry(int agent, long ref, String name, byte[] body) {
        String head = "{"
                + (agent == 0 ? "" : "\"agent\":" + Integer.toUnsignedString(agent) + ",")
                + (ref == 0 ? "" : "\"ref\":" + JsonWriter.number(ref) + ",")
                + "\"" + name + "\":";
        byte[] prefix = head.getBytes(StandardCharsets.UTF_8);
        byte[] entry = new byte[prefix.length + body.length + 1];
        System.arraycopy(prefix, 0, entry, 0, prefix.length);
        System.arraycopy(body, 0, entry, prefix.length, body.length);
        entry[entry.length - 1] = '}';
        return entry;
    }
}
