package io.signalbox.codecs;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** Reads one text of the JSON form. Every fault is a {@link CodecException} that names the member. */
final class JsonReader {
    private static final BigInteger MAX_UINT64 = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    /** By the name that they have in JSON. */
    private static final Map<Descriptor, Map<String, FieldDescriptor>> MEMBERS = membersFrom(Entry.getDescriptor());

    private final byte[] text;
    private final int maxBytes;

    JsonReader(byte[] text, int maxBytes) {
        this.text = text;
        this.maxBytes = maxBytes;
    }

    Frame readFrame() throws CodecException {
        checkUtf8();
        try (JsonParser json = JsonCodec.factory(maxBytes).createParser(text)) {
            Frame.Builder frame = Frame.newBuilder();
            if (json.nextToken() == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    readEntry(json, frame);
                }
            } else {
                readEntry(json, frame);
            }
            if (json.nextToken() != null) {
                throw malformed("text after the end");
            }
            return frame.build();
        } catch (JsonProcessingException e) {
            throw new CodecException(Code.MALFORMED, "not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CodecException(Code.MALFORMED, "not JSON: " + e.getMessage(), e);
        }
    }

    private void checkUtf8() throws CodecException {
        try {
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw new CodecException(Code.MALFORMED, "text that is not UTF-8", e);
        }
    }

    private void readEntry(JsonParser json, Frame.Builder frame) throws IOException, CodecException {
        Entry.Builder entry = Entry.newBuilder();
        readObject(json, entry, "");
        frame.addEntries(entry);
    }

    /** The parser is at the object's start. */
    private void readObject(JsonParser json, Message.Builder builder, String path) throws IOException, CodecException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw malformed((path.isEmpty() ? "an entry" : path) + " must be an object");
        }
        Map<String, FieldDescriptor> members = MEMBERS.get(builder.getDescriptorForType());
        Map<FieldDescriptor, byte[]> contents = new HashMap<>(0);
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            String at = path.isEmpty() ? name : path + "." + name;
            FieldDescriptor field = members.get(name);
            if (field == null) {
                throw malformed("unknown member '" + at + "'");
            }
            JsonToken value = json.nextToken();
            if (field.getContainingOneof() != null
                    && builder.getOneofFieldDescriptor(field.getContainingOneof()) != null
                    && !field.toProto().getProto3Optional()) {
                throw malformed("'" + at + "': an entry has one body");
            }
            if (JsonContent.typeField(field).isPresent()) {
                contents.put(field, rawValue(json));
            } else if (value != JsonToken.VALUE_NULL) {
                readField(json, builder, field, at);
            }
        }
        for (Map.Entry<FieldDescriptor, byte[]> content : contents.entrySet()) {
            FieldDescriptor field = content.getKey();
            String contentType =
                    (String) builder.getField(JsonContent.typeField(field).orElseThrow());
            builder.setField(field, content(content.getValue(), contentType, path + "." + field.getJsonName()));
        }
    }

    private static Map<Descriptor, Map<String, FieldDescriptor>> membersFrom(Descriptor root) {
        Map<Descriptor, Map<String, FieldDescriptor>> members = new HashMap<>();
        collectMembers(root, members);
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
    private byte[] rawValue(JsonParser json) throws IOException {
        int from = (int) json.currentTokenLocation().getByteOffset();
        json.skipChildren();
        json.finishToken();
        int to = (int) json.currentLocation().getByteOffset();
        byte[] raw = new byte[to - from];
        System.arraycopy(text, from, raw, 0, raw.length);
        return raw;
    }

    private ByteString content(byte[] raw, String contentType, String path) throws IOException, CodecException {
        if (isNull(raw)) {
            return ByteString.EMPTY;
        }
        JsonContent form = JsonContent.of(contentType);
        if (form == JsonContent.JSON) {
            return ByteString.copyFrom(raw);
        }
        try (JsonParser value = JsonCodec.factory(maxBytes).createParser(raw)) {
            if (value.nextToken() != JsonToken.VALUE_STRING) {
                throw malformed(path + " must be a string, as its contentType is " + contentType);
            }
            return form == JsonContent.TEXT ? ByteString.copyFromUtf8(value.getText()) : base64(value.getText(), path);
        }
    }

    private static boolean isNull(byte[] raw) {
        return raw.length == 4 && raw[0] == 'n';
    }

    private void readField(JsonParser json, Message.Builder builder, FieldDescriptor field, String path)
            throws IOException, CodecException {
        if (field.isMapField()) {
            readMap(json, builder, field, path);
        } else if (field.isRepeated()) {
            require(json.currentToken() == JsonToken.START_ARRAY, path + " must be an array");
            for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
                builder.addRepeatedField(field, value(json, builder, field, path + "[" + i + "]"));
            }
        } else {
            builder.setField(field, value(json, builder, field, path));
        }
    }

    private void readMap(JsonParser json, Message.Builder builder, FieldDescriptor field, String path)
            throws IOException, CodecException {
        require(json.currentToken() == JsonToken.START_OBJECT, path + " must be an object");
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            require(json.nextToken() == JsonToken.VALUE_STRING, path + "." + key + " must be a string");
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

    private static String string(JsonParser json, String path) throws IOException, CodecException {
        require(json.currentToken() == JsonToken.VALUE_STRING, path + " must be a string");
        return checked(json.getText(), path);
    }

    /** A lone half of a surrogate pair has no UTF-8. */
    private static String checked(String text, String path) throws CodecException {
        require(StandardCharsets.UTF_8.newEncoder().canEncode(text), path + " has half of a surrogate pair");
        return text;
    }

    private static boolean bool(JsonParser json, String path) throws CodecException {
        require(json.currentToken().isBoolean(), path + " must be true or false");
        return json.currentToken() == JsonToken.VALUE_TRUE;
    }

    private static double decimal(JsonParser json, String path) throws IOException, CodecException {
        require(json.currentToken().isNumeric(), path + " must be a number");
        double value = json.getDoubleValue();
        require(Double.isFinite(value), path + " is out of range");
        return value;
    }

    private static long integer(JsonParser json, String path, BigInteger max) throws IOException, CodecException {
        JsonToken token = json.currentToken();
        require(
                token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING,
                path + " must be a whole number");
        String digits = json.getText();
        require(digits.length() <= 20 && digits.matches("[0-9]+"), path + " must be a whole number from 0");
        BigInteger value = new BigInteger(digits);
        require(value.compareTo(max) <= 0, path + " is greater than " + max);
        return value.longValue();
    }

    private static EnumValueDescriptor enumValue(FieldDescriptor field, String name, String path)
            throws CodecException {
        EnumValueDescriptor value = field.getEnumType().findValueByName(name);
        require(
                value != null,
                path + ": '" + name + "' is none of " + field.getEnumType().getValues());
        return value;
    }

    private static ByteString uuid(String text, String path) throws CodecException {
        require(
                text.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
                path + " must be a UUID such as 01234567-89ab-cdef-0123-456789abcdef");
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

    private static void require(boolean condition, String message) throws CodecException {
        if (!condition) {
            throw malformed(message);
        }
    }

    private static CodecException malformed(String message) {
        return new CodecException(Code.MALFORMED, message);
    }
}
