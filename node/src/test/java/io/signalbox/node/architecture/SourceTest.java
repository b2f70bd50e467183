package io.signalbox.node.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is checked in the source text, for it is not in the classes. */
class SourceTest {
    private static final int MOST_LINES = 500;

    @Test
    void shouldStayReadableWhenFilesGrow() throws IOException {
        for (Path file : sources()) {
            assertThat(Files.readAllLines(file)).as("lines of %s", file).hasSizeLessThanOrEqualTo(MOST_LINES);
        }
    }

    @Test
    void shouldHaveNoLooseEndsWhenCommitted() throws IOException {
        List<String> looseEnds = List.of("TO" + "DO", "FIX" + "ME", "printStack" + "Trace()");
        for (Path file : sources()) {
            assertThat(Files.readString(file)).as("%s", file).doesNotContain(looseEnds);
        }
    }

    @Test
    void shouldWaitForConditionsWhenTesting() throws IOException {
        for (Path file : sources()) {
            if (file.toString().contains("src/test/")) {
                assertThat(Files.readString(file)).as("%s", file).doesNotContain("Thread." + "sleep(");
            }
        }
    }

    private static List<Path> sources() throws IOException {
        Path root = Path.of("..").toRealPath();
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> root.relativize(file).toString().contains("src/"))
                    .filter(file -> !root.relativize(file).toString().contains("target/"))
                    .toList();
            assertThat(sources).hasSizeGreaterThan(50);
            return sources;
        }
    }
}
