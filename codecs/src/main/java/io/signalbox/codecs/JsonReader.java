package io.signalbox.codecs;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import io.signalbox.codecs.proto.AcquireLock;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/** Reads one text of the JSON form. Every fault is a {@link CodecException} that names the member. */
final class JsonReader {
    private static final BigInteger MAX_UINT64 = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    /** By the name that they have in JSON. */
    private static final Map<Descriptor, Map<String, FieldDescriptor>> MEMBERS = members();

    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,20}");
    private static final Pattern UUID_TEXT = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    /** In characters. What a client wrote stands in the message, and the message goes back to the client. */
    private static final int MAX_MESSAGE = 300;

    private static final int OUTPUT_BUFFER = 512;

    private final CharBuffer text;
    private final CharsetEncoder utf8 = StandardCharsets.UTF_8.newEncoder();

    JsonReader(CharBuffer text) {
        this.text = text;
    }

    /** Content is understood when the object's end is reached, for its type may stand behind it. */
    private record Content(FieldDescriptor field, CharBuffer raw) {}

    private interface Reading {
        void from(JsonParser json) throws IOException, CodecException;
    }

    byte[] readFrame() throws CodecException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream(OUTPUT_BUFFER);
        CodedOutputStream out = CodedOutputStream.newInstance(frame, OUTPUT_BUFFER);
        readAll(json -> {
            if (json.nextToken() == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    readEntry(json, out);
                }
            } else {
                readEntry(json, out);
            }
            out.flush();
        });
        return frame.toByteArray();
    }

    /** The text is one object, of the builder's type. */
    void readInto(Message.Builder builder) throws CodecException {
        readAll(json -> {
            json.nextToken();
            readObject(json, builder, "");
        });
    }

    private void readAll(Reading reading) throws CodecException {
        try (JsonParser json = JsonCodec.parser(text)) {
            reading.from(json);
            if (json.nextToken() != null) {
                throw malformed("text after the end");
            }
        } catch (JsonProcessingException e) {
            throw new CodecException(Code.MALFORMED, printable("not JSON: " + e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new CodecException(Code.MALFORMED, printable("not JSON: " + e.getMessage()), e);
        }
    }

    /** Each is written at once: a text of many empty entries would become many times its size as objects. */
    private void readEntry(JsonParser json, CodedOutputStream out) throws IOException, CodecException {
        Entry.Builder entry = Entry.newBuilder();
        readObject(json, entry, "");
        out.writeMessage(Frame.ENTRIES_FIELD_NUMBER, entry.build());
    }

    /** The parser is at the object's start. */
    private void readObject(JsonParser json, Message.Builder builder, String path) throws IOException, CodecException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw malformed((path.isEmpty() ? "an entry" : path) + " must be an object");
        }
        Map<String, FieldDescriptor> members = MEMBERS.get(builder.getDescriptorForType());
        List<Content> contents = new ArrayList<>(0);
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            String at = path.isEmpty() ? name : path + "." + name;
            FieldDescriptor field = members.get(name);
            if (field == null) {
                throw malformed("unknown member '" + at + "'");
            }
            JsonToken value = json.nextToken();
            if (JsonContent.typeField(field).isPresent()) {
                contents.add(new Content(field, rawValue(json)));
            } else if (value != JsonToken.VALUE_NULL) {
                checkOneBody(builder, field, at);
                readField(json, builder, field, at);
            }
        }
        for (Content content : contents) {
            FieldDescriptor field = content.field();
            String contentType =
                    (String) builder.getField(JsonContent.typeField(field).orElseThrow());
            builder.setField(field, content(content.raw(), contentType, path + "." + field.getJsonName()));
        }
    }

    private static void checkOneBody(Message.Builder builder, FieldDescriptor field, String path)
            throws CodecException {
        OneofDescriptor oneof = field.getRealContainingOneof();
        if (oneof != null && builder.hasOneof(oneof)) {
            throw malformed("'" + path + "': an entry has one body");
        }
    }

    private static Map<Descriptor, Map<String, FieldDescriptor>> members() {
        Map<Descriptor, Map<String, FieldDescriptor>> members = new HashMap<>();
        collectMembers(Entry.getDescriptor(), members);
        AcquireLock.getDescriptor().getFile().getMessageTypes().forEach(type -> collectMembers(type, members));
        return Map.copyOf(members);
    }

    private static void collectMembers(Descriptor type, Map<Descriptor, Map<String, FieldDescriptor>> members) {
        if (members.containsKey(type)) {
            return;
        }
        members.put(
                type, type.getFields().stream().collect(toUnmodifiableMap(FieldDescriptor::getJsonName, identity())));
        type.getFields().stream()
                .filter(field -> field.getType() == FieldDescriptor.Type.MESSAGE)
                .forEach(field -> collectMembers(field.getMessageType(), members));
    }

    /** The value as it is written. */
    private CharBuffer rawValue(JsonParser json) throws IOException {
        int from = (int) json.currentTokenLocation().getCharOffset();
        json.skipChildren();
        json.finishToken();
        int to = (int) json.currentLocation().getCharOffset();
        return text.slice(from, to - from);
    }

    private ByteString content(CharBuffer raw, String contentType, String path) throws IOException, CodecException {
        if (raw.charAt(0) == 'n') { // null, the only value that begins so
            return ByteString.EMPTY;
        }
        JsonContent form = JsonContent.of(contentType);
        if (form == JsonContent.JSON) {
            return ByteString.copyFrom(StandardCharsets.UTF_8.encode(raw));
        }
        try (JsonParser value = JsonCodec.parser(raw)) {
            if (value.nextToken() != JsonToken.VALUE_STRING) {
                throw malformed(path + " must be a string, as its contentType is " + contentType);
            }
            String string = string(value, path);
            return form == JsonContent.TEXT ? ByteString.copyFromUtf8(string) : base64(string, path);
        }
    }

    private void readField(JsonParser json, Message.Builder builder, FieldDescriptor field, String path)
            throws IOException, CodecException {
        if (field.isMapField()) {
            readMap(json, builder, field, path);
        } else if (field.isRepeated()) {
            require(json.currentToken() == JsonToken.START_ARRAY, path, " must be an array");
            for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
                builder.addRepeatedField(field, value(json, builder, field, path + "[" + i + "]"));
            }
        } else {
            builder.setField(field, value(json, builder, field, path));
        }
    }

    private void readMap(JsonParser json, Message.Builder builder, FieldDescriptor field, String path)
            throws IOException, CodecException {
        require(json.currentToken() == JsonToken.START_OBJECT, path, " must be an object");
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_STRING) {
                throw malformed(path + "." + key + " must be a string");
            }
            Message.Builder entry = builder.newBuilderForField(field);
            entry.setField(field.getMessageType().findFieldByName("key"), checked(key, path));
            entry.setField(field.getMessageType().findFieldByName("value"), checked(json.getText(), path));
            builder.addRepeatedField(field, entry.build());
        }
    }

    private Object value(JsonParser json, Message.Builder builder, FieldDescriptor field, String path)
            throws IOException, CodecException {
        return switch (field.getType()) {
            case MESSAGE -> {
                Message.Builder child = builder.newBuilderForField(field);
                readObject(json, child, path);
                yield child.build();
            }
            case STRING -> string(json, path);
            case BOOL -> bool(json, path);
            case DOUBLE -> decimal(json, path);
            case UINT32 -> (int) integer(json, path, BigInteger.valueOf(0xffff_ffffL));
            case UINT64 -> integer(json, path, MAX_UINT64);
            case INT64 -> integer(json, path, BigInteger.valueOf(Long.MAX_VALUE));
            case ENUM -> enumValue(field, string(json, path), path);
            case BYTES -> JsonContent.isUuid(field) ? uuid(string(json, path), path) : base64(string(json, path), path);
            default -> throw new IllegalStateException("no JSON form for " + field.getFullName());
        };
    }

    private String string(JsonParser json, String path) throws IOException, CodecException {
        require(json.currentToken() == JsonToken.VALUE_STRING, path, " must be a string");
        return checked(json.getText(), path);
    }

    /** A lone half of a surrogate pair has no UTF-8. */
    private String checked(String text, String path) throws CodecException {
        require(utf8.canEncode(text), path, " has half of a surrogate pair");
        return text;
    }

    private static boolean bool(JsonParser json, String path) throws CodecException {
        require(json.currentToken().isBoolean(), path, " must be true or false");
        return json.currentToken() == JsonToken.VALUE_TRUE;
    }

    private static double decimal(JsonParser json, String path) throws IOException, CodecException {
        require(json.currentToken().isNumeric(), path, " must be a number");
        double value = json.getDoubleValue();
        require(Double.isFinite(value), path, " is out of range");
        return value;
    }

    private static long integer(JsonParser json, String path, BigInteger max) throws IOException, CodecException {
        JsonToken token = json.currentToken();
        require(
                token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING,
                path,
                " must be a whole number");
        String digits = json.getText();
        require(DIGITS.matcher(digits).matches(), path, " must be a whole number from 0");
        BigInteger value = new BigInteger(digits);
        if (value.compareTo(max) > 0) {
            throw malformed(path + " is greater than " + max);
        }
        return value.longValue();
    }

    private static EnumValueDescriptor enumValue(FieldDescriptor field, String name, String path)
            throws CodecException {
        EnumValueDescriptor value = field.getEnumType().findValueByName(name);
        if (value == null) {
            throw malformed(
                    path + ": '" + name + "' is none of " + field.getEnumType().getValues());
        }
        return value;
    }

    private static ByteString uuid(String text, String path) throws CodecException {
        require(
                UUID_TEXT.matcher(text).matches(),
                path,
                " must be a UUID such as 01234567-89ab-cdef-0123-456789abcdef");
        UUID id = UUID.fromString(text);
        return ByteString.copyFrom(ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip());
    }

    private static ByteString base64(String text, String path) throws CodecException {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new CodecException(Code.MALFORMED, path + " must be base64", e);
        }
    }

    /** Two texts, for this is called for every value and put together for the wrong one only. */
    private static void require(boolean condition, String path, String fault) throws CodecException {
        if (!condition) {
            throw malformed(path + fault);
        }
    }

    private static CodecException malformed(String message) {
        return new CodecException(Code.MALFORMED, printable(message));
    }

    /** Not longer than it helps, and without halves of surrogate pairs, which could not be sent. */
    private static String printable(String message) {
        String start = message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...";
        return new String(start.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
