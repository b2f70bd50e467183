package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes over the wire stays the same, byte for byte: old clients and other languages read it. */
class GoldenBytesTest {
    /** Set it to write files for new kinds: {@code mvn test -pl codecs -Dsignalbox.regenerate=true}. */
    private static final boolean REGENERATE = Boolean.getBoolean("signalbox.regenerate");

    private static final Path FOLDER = Path.of("src/test/resources/golden");
    private static final int LIMIT = 100_000;

    static Stream<Entry> entries() {
        return Samples.entries();
    }

    private static FieldDescriptor body(Entry entry) {
        return entry.getOneofFieldDescriptor(Entry.getDescriptor().getOneofs().getFirst());
    }

    private static String golden(Entry entry, String ending, String actual) throws IOException {
        Path file = FOLDER.resolve(body(entry).getName() + ending);
        if (REGENERATE && !Files.exists(file)) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, actual + "\n");
        }
        return Files.readString(file).strip();
    }

    @ParameterizedTest
    @MethodSource("entries")
    void shouldWriteTheSameBytesAsEver(Entry entry) throws Exception {
        byte[] body = ((Message) entry.getField(body(entry))).toByteArray();
        byte[] frame = new byte[FrameWriter.MAX_PREFIX + body.length];
        int prefix = FrameWriter.prefix(
                frame, 0, entry.getAgent(), entry.getRef(), body(entry).getNumber(), body.length);
        System.arraycopy(body, 0, frame, prefix, body.length);
        String actual = HexFormat.of().formatHex(frame, 0, prefix + body.length);

        String golden = golden(entry, ".hex", actual);

        assertThat(actual).isEqualTo(golden);
        assertThat(Frame.parseFrom(HexFormat.of().parseHex(golden)).getEntriesList())
                .containsExactly(entry);
    }

    @ParameterizedTest
    @MethodSource("entries")
    void shouldWriteTheSameTextAsEver(Entry entry) throws Exception {
        byte[] body = ((Message) entry.getField(body(entry))).toByteArray();
        String actual = new String(
                JsonCodec.entryToJson(
                        entry.getAgent(), entry.getRef(), body(entry).getNumber(), body),
                StandardCharsets.UTF_8);

        String golden = golden(entry, ".json", actual);

        assertThat(actual).isEqualTo(golden);
        assertThat(Frame.parseFrom(JsonCodec.toFrame(golden.getBytes(StandardCharsets.UTF_8), LIMIT))
                        .getEntriesList())
                .containsExactly(entry);
    }

    @Test
    void shouldHaveNoFilesOfKindsThatThereAreNot() throws IOException {
        Set<String> expected = new TreeSet<>();
        Samples.bodies().forEach(body -> {
            expected.add(body.getName() + ".hex");
            expected.add(body.getName() + ".json");
        });
        try (Stream<Path> files = Files.list(FOLDER)) {
            Set<String> there = files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
            assertThat(there).isEqualTo(expected);
        }
    }
}
