package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.allocation.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.allocation.StoreWrite.Detail.Progressed;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProgressBufferTest {
    private final ProgressBuffer buffer = new ProgressBuffer();

    @Test
    void shouldKeepTheLatestOfEachTask() {
        buffer.put(id(1), 10, "begun");
        buffer.put(id(2), 50, "half");
        buffer.put(id(1), 20, "going on");

        assertThat(buffer.drain())
                .isEqualTo(Map.of(id(1), new Progressed(20, "going on"), id(2), new Progressed(50, "half")));
    }

    @Test
    void shouldGiveNothingTwice() {
        buffer.put(id(1), 10, "");
        Map<?, ?> first = buffer.drain();

        assertThat(buffer.drain()).isEmpty();
        buffer.put(id(2), 10, "");
        assertThat(first).hasSize(1);
    }

    @Test
    void shouldGiveThatOfOneTaskAndKeepTheOthers() {
        buffer.put(id(1), 10, "one");
        buffer.put(id(2), 20, "two");

        assertThat(buffer.take(id(1))).contains(new Progressed(10, "one"));
        assertThat(buffer.take(id(1))).isEmpty();
        assertThat(buffer.drain()).containsOnlyKeys(id(2));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "100, 100", "33.3, 33.3", "-0.1, 0", "100.1, 0", "NaN, 0", "Infinity, 0"})
    void shouldTakeOnlyPercents(double said, double kept) {
        buffer.put(id(1), said, "");

        assertThat(buffer.drain().get(id(1)).percent()).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "500, 500", "501, 500", "100000, 500"})
    void shouldCutLongMessages(int said, int kept) {
        buffer.put(id(1), 1, "x".repeat(said));

        assertThat(buffer.drain().get(id(1)).message()).hasSize(kept);
    }
}
