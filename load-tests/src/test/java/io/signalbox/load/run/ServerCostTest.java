package io.signalbox.load.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerCostTest {
    @ParameterizedTest
    @ValueSource(strings = {"java", "a b", "x) R 9 9 9 (y", ")", ""})
    void shouldAddUserAndSystemTimeWhateverTheProgramIsCalled(String name) {
        // utime and stime are fields 14 and 15 of proc(5).
        String stat = "4711 (" + name + ") S 1 2 3 4 5 6 7 8 9 10 1400 150 16 17 20 0 30 0 12345 99 88";

        assertThat(ServerCost.ticks(stat)).isEqualTo(1550);
    }

    @Test
    void shouldAddUpProcesses() throws IOException {
        long self = ProcessHandle.current().pid();

        ServerCost one = ServerCost.of(List.of(self));
        ServerCost twice = ServerCost.of(List.of(self, self));

        assertThat(one.residentBytes()).isGreaterThan(10 << 20);
        assertThat(twice.residentBytes()).isGreaterThan(one.residentBytes() * 3 / 2);
        assertThat(twice.cpuMicros())
                .isGreaterThanOrEqualTo(2 * one.cpuMicros())
                .isPositive();
        assertThat(ServerCost.of(List.of())).isEqualTo(new ServerCost(0, 0));
    }

    @Test
    void shouldFailWhenAProcessIsGone() {
        assertThatThrownBy(() -> ServerCost.of(List.of(Long.MAX_VALUE))).isInstanceOf(IOException.class);
    }

    @Test
    void shouldKnowWhatTheKernelHolds() throws IOException {
        assertThat(ServerCost.kernelBytes()).isGreaterThan(1 << 20);
    }
}
