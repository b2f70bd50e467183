package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.signalbox.codecs.proto.Frame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What was published stays: numbers of fields, values and codes are never given another meaning. */
class SchemaLockTest {
    /** Set it to add what is new: {@code mvn test -pl codecs -Dsignalbox.regenerate=true}. Nothing is ever taken out. */
    private static final boolean REGENERATE = Boolean.getBoolean("signalbox.regenerate");

    private static final Path SCHEMA = Path.of("src/test/resources/schema.lock");
    private static final Path CODES = Path.of("src/test/resources/codes.lock");

    @Test
    void shouldKeepEveryFieldOfTheSchema() throws IOException {
        check(SCHEMA, schema());
    }

    @Test
    void shouldKeepEveryCode() throws IOException {
        Set<String> codes = new TreeSet<>();
        for (Code code : Code.values()) {
            codes.add(code.number() + " " + code.name());
        }
        check(CODES, codes);
    }

    private static void check(Path lock, Set<String> actual) throws IOException {
        Set<String> locked = new TreeSet<>(Files.exists(lock) ? Files.readAllLines(lock) : List.of());
        if (REGENERATE) {
            locked.addAll(actual);
            Files.write(lock, locked);
        }
        assertThat(actual)
                .as("what was published is kept; what is new is written to %s with -Dsignalbox.regenerate=true", lock)
                .isEqualTo(locked);
    }

    private static Set<String> schema() {
        Set<String> lines = new TreeSet<>();
        for (Descriptor type : Frame.getDescriptor().getFile().getMessageTypes()) {
            for (FieldDescriptor field : type.getFields()) {
                lines.add(line(type, field));
            }
        }
        for (EnumDescriptor type : Frame.getDescriptor().getFile().getEnumTypes()) {
            type.getValues().forEach(value -> lines.add(type.getName() + " " + value.getNumber() + " " + value));
        }
        return lines;
    }

    private static String line(Descriptor type, FieldDescriptor field) {
        List<String> words = new ArrayList<>(List.of(type.getName(), Integer.toString(field.getNumber())));
        words.add(field.getName());
        if (field.isRepeated()) {
            words.add("repeated");
        }
        words.add(
                switch (field.getJavaType()) {
                    case MESSAGE -> field.getMessageType().getName();
                    case ENUM -> field.getEnumType().getName();
                    default -> field.getType().name().toLowerCase(java.util.Locale.ROOT);
                });
        return String.join(" ", words);
    }
}
