package io.signalbox.load.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.signalbox.load.LoadException;
import io.signalbox.node.embedded.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorsTest {
    @TempDir
    private Path home;

    @ParameterizedTest
    @CsvSource({"0,1", "'0,2',2", "0-3,4", "'0,2-3,7',4", "0-6:2,4", "0-7:2,4"})
    void shouldCountTheProcessorsOfAList(String list, int count) {
        assertThat(Processors.count(list)).isEqualTo(count);
    }

    @Test
    void shouldCountAllWhenNoneAreNamed() {
        assertThat(Processors.count("")).isEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @ParameterizedTest
    @CsvSource({"9999", "nonsense"})
    void shouldSayWhichProcessorsCannotBeHad(String list) {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/taskset")));

        assertThatThrownBy(() -> Processors.check(list))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining("processors " + list + " cannot be had here: taskset");
    }

    @Test
    void shouldTellWhyAServerDidNotStart() throws IOException {
        Path log = home.resolve("server.log");

        assertThatThrownBy(() -> ServerProcess.start(
                        List.of("sh", "-c", "echo the port is taken; exit 3"),
                        FreePort.find(ThreadLocalRandom.current()),
                        "",
                        log))
                .isInstanceOf(LoadException.class)
                .hasMessageContainingAll("sh ended with 3", log.toString(), "the port is taken");
    }
}
