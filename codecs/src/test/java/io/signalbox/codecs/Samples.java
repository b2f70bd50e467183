package io.signalbox.codecs;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.signalbox.codecs.proto.Entry;
import java.util.List;
import java.util.stream.Stream;

/** One entry of each kind with every field set, the same in every run. */
final class Samples {
    private Samples() {}

    static List<FieldDescriptor> bodies() {
        return Entry.getDescriptor().getOneofs().getFirst().getFields();
    }

    static Stream<Entry> entries() {
        return bodies().stream().map(body -> {
            Entry.Builder entry = Entry.newBuilder().setAgent(7).setRef(300);
            return entry.setField(body, filled(entry.newBuilderForField(body))).build();
        });
    }

    private static Message filled(Message.Builder builder) {
        for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
            if (field.isMapField()) {
                Message.Builder entry = builder.newBuilderForField(field);
                entry.setField(field.getMessageType().findFieldByName("key"), "key");
                entry.setField(field.getMessageType().findFieldByName("value"), "value");
                builder.addRepeatedField(field, entry.build());
            } else if (field.isRepeated()) {
                builder.addRepeatedField(field, value(builder, field));
            } else {
                builder.setField(field, value(builder, field));
            }
        }
        return builder.build();
    }

    private static Object value(Message.Builder builder, FieldDescriptor field) {
        return switch (field.getType()) {
            case MESSAGE -> filled(builder.newBuilderForField(field));
            case STRING -> field.getName().equals("content_type") ? "application/json" : field.getJsonName();
            case BOOL -> true;
            case DOUBLE -> 12.5;
            case UINT32 -> field.getName().equals("priority") ? 9 : 1000 + field.getNumber();
            case UINT64 -> (1L << 53) + field.getNumber();
            case INT64 -> 1_700_000_000_000_000L;
            case ENUM -> field.getEnumType().findValueByNumber(1);
            case BYTES -> JsonContent.isUuid(field) ? id() : ByteString.copyFromUtf8("{\"text\":\"\u00e4\"}");
            default -> throw new IllegalStateException("a field of a new type: " + field);
        };
    }

    private static ByteString id() {
        byte[] id = new byte[16];
        for (int i = 0; i < id.length; i++) {
            id[i] = (byte) (i * 17);
        }
        return ByteString.copyFrom(id);
    }
}
