package io.signalbox.load.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.load.chaos.LockHistory.Line;
import io.signalbox.load.chaos.LockHistory.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LockHistoryTest {
    /** Numbers of processes; a token after it ends their acquisition. */
    @ParameterizedTest
    @CsvSource({
        "1 1=5 2 2=6, 0",
        "1 2 1=6 2=5, 0", // they overlap: either may have been first
        "1 1=6 2 2=5, 1",
        "1 2 1=6 3 2=5 3=7, 0",
        "1 2 1=6 3 2=5 3=4, 1",
        "1 1=5 2 2=5, 1",
    })
    void shouldFindTokensThatDoNotGrow(String history, int faults) {
        List<Line> lines =
                Arrays.stream(history.split(" ")).map(LockHistoryTest::line).toList();

        assertThat(LockHistory.tokenFaults(lines).isEmpty()).isEqualTo(faults == 0);
    }

    private static Line line(String text) {
        String[] parts = text.split("=");
        return new Line(
                0,
                Long.parseLong(parts[0]),
                parts.length == 1 ? Type.INVOKE : Type.OK,
                "acquire",
                "a",
                parts.length == 1 ? "nil" : parts[1]);
    }

    @Test
    void shouldBeWrittenAsEdnInTheOrderOfTime(@TempDir Path directory) throws IOException {
        try (LockHistory one = new LockHistory(directory.resolve("1"));
                LockHistory other = new LockHistory(directory.resolve("2"))) {
            one.add(new Line(30, 1, Type.OK, "cas", "a", "[0 1]"));
            other.add(new Line(20, 2, Type.INVOKE, "acquire", "a", "nil"));
        }

        LockHistory.merge(List.of(directory.resolve("1"), directory.resolve("2")), directory.resolve("edn"));

        assertThat(Files.readAllLines(directory.resolve("edn")))
                .containsExactly(
                        "{:index 0, :time 20, :process 2, :type :invoke, :f :acquire, :key \"a\", :value nil}",
                        "{:index 1, :time 30, :process 1, :type :ok, :f :cas, :key \"a\", :value [0 1]}");
    }
}
