package io.signalbox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeCapacityTest {
    @ParameterizedTest
    @CsvSource({"8, 32, 24000", "4, 16, 12000", "2, 4, 4000", "1, 1, 1500"})
    void shouldComputeThePublishedNumbersWhenMachinesAreWhole(int cores, long gib, int agents) {
        assertThat(NodeCapacity.ofMachine(cores, gib << 30).agents()).isEqualTo(agents);
    }

    @Test
    void shouldCountAStartedGibibyteWhenTheSystemKeepsAPartBack() {
        assertThat(NodeCapacity.ofMachine(8, (32L << 30) - (700L << 20)).agents())
                .isEqualTo(24_000);
    }

    @Test
    void shouldSayHowItCameAboutWhenAsked() {
        assertThat(NodeCapacity.ofMachine(4, 16L << 30).reason()).isEqualTo("4 cores x 1000 + 16 GiB x 500");
        assertThat(NodeCapacity.configured(7).reason()).isEqualTo("configured");
    }

    @Test
    void shouldRefuseWhenThereIsNoRoomForAnAgent() {
        assertThatThrownBy(() -> NodeCapacity.configured(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
