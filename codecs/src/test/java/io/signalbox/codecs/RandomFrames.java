package io.signalbox.codecs;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import java.util.List;
import java.util.Random;

/** Valid frames of any content, from a seed. */
final class RandomFrames {
    private static final List<String> CONTENT_TYPES =
            List.of("", "application/json", "application/problem+json", "text/plain", "image/png");
    private static final List<FieldDescriptor> BODIES =
            Entry.getDescriptor().getOneofs().getFirst().getFields();

    private final Random random;

    RandomFrames(long seed) {
        random = new Random(seed);
    }

    Frame next() {
        Frame.Builder frame = Frame.newBuilder();
        for (int i = random.nextInt(4); i >= 0; i--) {
            frame.addEntries(entry());
        }
        return frame.build();
    }

    Entry entry() {
        FieldDescriptor body = BODIES.get(random.nextInt(BODIES.size()));
        Entry.Builder entry = Entry.newBuilder();
        entry.setAgent(random.nextInt(3) * random.nextInt(Integer.MAX_VALUE / 2));
        entry.setRef(random.nextBoolean() ? 0 : random.nextLong());
        entry.setField(body, message(entry.newBuilderForField(body)));
        return entry.build();
    }

    io.signalbox.codecs.proto.Message message() {
        return (io.signalbox.codecs.proto.Message) message(io.signalbox.codecs.proto.Message.newBuilder());
    }

    private Message message(Message.Builder builder) {
        Descriptor type = builder.getDescriptorForType();
        for (FieldDescriptor field : type.getFields()) {
            if (random.nextInt(3) > 0) {
                fill(builder, field);
            }
        }
        type.getFields().stream()
                .filter(field -> JsonContent.typeField(field).isPresent())
                .forEach(field -> fillContent(builder, field));
        return builder.build();
    }

    private void fill(Message.Builder builder, FieldDescriptor field) {
        if (JsonContent.typeField(field).isPresent()) {
            return;
        }
        if (field.getName().equals("content_type")) {
            builder.setField(field, CONTENT_TYPES.get(random.nextInt(CONTENT_TYPES.size())));
        } else if (field.isMapField()) {
            // The two keys differ, so that the map has two entries in any case.
            for (String key : List.of("a" + text(), "b" + text())) {
                Message.Builder entry = builder.newBuilderForField(field);
                entry.setField(field.getMessageType().findFieldByName("key"), key);
                entry.setField(field.getMessageType().findFieldByName("value"), text());
                builder.addRepeatedField(field, entry.build());
            }
        } else if (field.isRepeated()) {
            for (int i = random.nextInt(3); i > 0; i--) {
                builder.addRepeatedField(field, value(builder, field));
            }
        } else {
            builder.setField(field, value(builder, field));
        }
    }

    private Object value(Message.Builder builder, FieldDescriptor field) {
        return switch (field.getType()) {
            case MESSAGE -> message(builder.newBuilderForField(field));
            case STRING -> text();
            case BOOL -> random.nextBoolean();
            case DOUBLE -> random.nextDouble() * 100;
            case UINT32 -> field.getName().equals("priority") ? random.nextInt(10) : random.nextInt();
            case UINT64 -> random.nextLong() >>> random.nextInt(64);
            case INT64 -> random.nextLong() >>> 1 + random.nextInt(63);
            case ENUM -> field.getEnumType().findValueByNumber(random.nextInt(3));
            case BYTES -> bytes(16);
            default -> throw new IllegalStateException("a field of a new type: " + field);
        };
    }

    private void fillContent(Message.Builder builder, FieldDescriptor field) {
        String type = (String) builder.getField(JsonContent.typeField(field).orElseThrow());
        ByteString content = switch (JsonContent.of(type)) {
            case JSON -> ByteString.copyFromUtf8("{\"n\":" + random.nextInt() + ",\"list\":[true,null,\"\u00e4\"]}");
            case TEXT -> ByteString.copyFromUtf8(text());
            case BASE64 -> bytes(random.nextInt(40));
        };
        builder.setField(field, content);
    }

    private ByteString bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private String text() {
        String alphabet = "abz019/-_ \"\\\n\u00e9\u4e2d";
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return random.nextInt(5) == 0 ? text + "\ud83d\ude82" : text.toString();
    }
}
