package io.signalbox.codecs;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Writes the JSON form of a wire message; fields with their default value are left out. */
final class JsonWriter {
    /** Greater integers are not safe in JSON (RFC 8259, section 6) and stand as strings. */
    private static final long MAX_SAFE = (1L << 53) - 1;

    private JsonWriter() {}

    static byte[] write(Message message) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JsonCodec.FACTORY.createGenerator(out)) {
            writeObject(json, message);
        }
        return out.toByteArray();
    }

    private static void writeObject(JsonGenerator json, Message message) throws IOException {
        json.writeStartObject();
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            writeField(json, message, field.getKey(), field.getValue());
        }
        json.writeEndObject();
    }

    private static void writeField(JsonGenerator json, Message message, FieldDescriptor field, Object value)
            throws IOException {
        Optional<FieldDescriptor> typeField = JsonContent.typeField(field);
        if (typeField.isPresent()) {
            writeContent(json, field, (String) message.getField(typeField.get()), (ByteString) value);
            return;
        }
        json.writeFieldName(field.getJsonName());
        if (field.isMapField()) {
            writeMap(json, (List<?>) value);
        } else if (field.isRepeated()) {
            json.writeStartArray();
            for (Object item : (List<?>) value) {
                writeValue(json, field, item);
            }
            json.writeEndArray();
        } else {
            writeValue(json, field, value);
        }
    }

    private static void writeMap(JsonGenerator json, List<?> entries) throws IOException {
        json.writeStartObject();
        for (Object entry : entries) {
            if (entry instanceof MapEntry<?, ?> mapEntry) {
                json.writeStringField((String) mapEntry.getKey(), (String) mapEntry.getValue());
            } else {
                Message generic = (Message) entry;
                json.writeStringField(text(generic, "key"), text(generic, "value"));
            }
        }
        json.writeEndObject();
    }

    private static String text(Message entry, String field) {
        return (String) entry.getField(entry.getDescriptorForType().findFieldByName(field));
    }

    private static void writeValue(JsonGenerator json, FieldDescriptor field, Object value) throws IOException {
        switch (field.getType()) {
            case MESSAGE -> writeObject(json, (Message) value);
            case STRING -> json.writeString((String) value);
            case BOOL -> json.writeBoolean((Boolean) value);
            case DOUBLE -> json.writeNumber((Double) value);
            case UINT32 -> json.writeNumber(Integer.toUnsignedLong((Integer) value));
            case UINT64, INT64 -> json.writeRawValue(number((Long) value));
            case ENUM -> json.writeString(((EnumValueDescriptor) value).getName());
            case BYTES -> json.writeString(bytes(field, (ByteString) value));
            default -> throw new IllegalStateException("no JSON form for " + field.getFullName());
        }
    }

    private static String bytes(FieldDescriptor field, ByteString value) {
        if (JsonContent.isUuid(field) && value.size() == 16) {
            ByteBuffer id = value.asReadOnlyByteBuffer();
            return new UUID(id.getLong(), id.getLong()).toString();
        }
        return Base64.getEncoder().encodeToString(value.toByteArray());
    }

    /** Unsigned; none of the wire's 64-bit fields is negative. */
    static String number(long value) {
        return value >= 0 && value <= MAX_SAFE ? Long.toString(value) : "\"" + Long.toUnsignedString(value) + "\"";
    }

    /** Content that is not what its type says stands as {@code <name>Base64}. */
    private static void writeContent(JsonGenerator json, FieldDescriptor field, String contentType, ByteString content)
            throws IOException {
        JsonContent form = JsonContent.of(contentType);
        Optional<CharBuffer> text = form == JsonContent.BASE64 ? Optional.empty() : text(content);
        if (form == JsonContent.JSON && text.filter(JsonWriter::isJson).isPresent()) {
            json.writeFieldName(field.getJsonName());
            json.writeRawValue(text.get().toString());
        } else if (form == JsonContent.TEXT && text.isPresent()) {
            json.writeStringField(field.getJsonName(), text.get().toString());
        } else {
            String name = form == JsonContent.BASE64 ? field.getJsonName() : field.getJsonName() + "Base64";
            json.writeStringField(name, Base64.getEncoder().encodeToString(content.toByteArray()));
        }
    }

    /** Empty when it is not UTF-8. */
    private static Optional<CharBuffer> text(ByteString content) {
        try {
            return Optional.of(StrictUtf8.decode(content.asReadOnlyByteBuffer()));
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static boolean isJson(CharBuffer text) {
        try (JsonParser parser = JsonCodec.parser(text)) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            parser.finishToken();
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }
}
