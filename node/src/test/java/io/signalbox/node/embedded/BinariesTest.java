package io.signalbox.node.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinariesTest {
    @TempDir
    Path directory;

    @Test
    void shouldUnpackProgramsThatRunWhenTheyAreMissing() throws Exception {
        Binaries binaries = new Binaries(directory, Platform.current());

        Path postgres = binaries.postgres();
        Path redis = binaries.redis();

        assertThat(postgres.getFileName().toString()).startsWith("postgres-18.");
        for (String program : List.of("postgres", "initdb")) {
            assertThat(runs(postgres.resolve("bin").resolve(program)))
                    .as(program)
                    .isTrue();
        }
        assertThat(runs(redis)).isTrue();
    }

    @Test
    void shouldUseWhatIsThereWhenItWasUnpackedBefore() throws Exception {
        Path redis = new Binaries(directory, Platform.current()).redis();
        FileTime unpacked = Files.getLastModifiedTime(redis);

        assertThat(new Binaries(directory, Platform.current()).redis()).isEqualTo(redis);
        assertThat(Files.getLastModifiedTime(redis)).isEqualTo(unpacked);
    }

    @Test
    void shouldStartOverWhenAnEarlierUnpackingWasCutOff() throws Exception {
        Path unfinished = Files.createDirectories(directory.resolve("redis-server-7.0.15.unfinished"));
        Files.writeString(unfinished.resolve("redis-server"), "half");

        Path redis = new Binaries(directory, Platform.current()).redis();

        assertThat(runs(redis)).isTrue();
        assertThat(unfinished).doesNotExist();
    }

    @Test
    void shouldRemoveEarlierVersionsWhenItUnpacksANewOne() throws Exception {
        Path earlier = Files.createDirectories(directory.resolve("redis-server-6.2.1"));
        Path other = Files.createDirectories(directory.resolve("postgres-17.1"));

        new Binaries(directory, Platform.current()).redis();

        assertThat(earlier).doesNotExist();
        assertThat(other).exists();
    }

    private static boolean runs(Path program) {
        return Command.succeeds(List.of(program.toString(), "--version"), Duration.ofSeconds(30));
    }
}
