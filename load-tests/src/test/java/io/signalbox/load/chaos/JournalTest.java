package io.signalbox.load.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JournalTest {
    @TempDir
    Path directory;

    @Test
    void shouldHaveOnDiskWhatItSaysIsWritten() throws Exception {
        Path file = directory.resolve("journal");
        try (Journal journal = new Journal(file)) {
            journal.note(new Observation.Acknowledged(1, 2)).get(20, TimeUnit.SECONDS);

            assertThat(Files.readString(file)).isEqualTo("ok 1 2\n");
        }
    }

    @Test
    void shouldKeepAllLinesOfManyWritersEachWholeAndInTheirOrder() throws Exception {
        Path file = directory.resolve("journal");
        try (Journal journal = new Journal(file)) {
            List<Thread> writers = new ArrayList<>();
            for (int sender = 0; sender < 8; sender++) {
                int mine = sender;
                writers.add(Thread.ofVirtual().start(() -> noteAll(journal, mine)));
            }
            for (Thread writer : writers) {
                writer.join();
            }
        }

        for (int sender = 0; sender < 8; sender++) {
            String start = "ok " + sender + " ";
            assertThat(Files.readAllLines(file).stream()
                            .filter(line -> line.startsWith(start))
                            .map(line -> Long.parseLong(line.substring(start.length()))))
                    .hasSize(1000)
                    .isSorted();
        }
    }

    private static void noteAll(Journal journal, int sender) {
        try {
            for (int i = 0; i < 1000; i++) {
                journal.note(new Observation.Acknowledged(sender, i));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
