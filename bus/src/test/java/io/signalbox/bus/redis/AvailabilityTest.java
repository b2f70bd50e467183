package io.signalbox.bus.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AvailabilityTest {
    private final Availability availability = new Availability(2);

    @BeforeEach
    void open() {
        assertThat(availability.opened()).isFalse();
        assertThat(availability.isUp()).isFalse();
        assertThat(availability.opened()).as("the first time is no recovery").isFalse();
        assertThat(availability.isUp()).isTrue();
    }

    @Test
    void shouldRecoverWhenTheLastLostConnectionIsBack() {
        availability.lost();
        availability.lost();

        assertThat(availability.opened()).isFalse();
        assertThat(availability.isUp()).isFalse();
        assertThat(availability.opened()).isTrue();
        assertThat(availability.isUp()).isTrue();
    }

    @Test
    void shouldRecoverEachTimeThatOneIsLost() {
        availability.lost();
        assertThat(availability.isUp()).isFalse();
        assertThat(availability.opened()).isTrue();

        availability.lost();
        assertThat(availability.opened()).isTrue();
    }

    @Test
    void shouldCallItARecoveryWhenAServerIsReachedThatWasAwayAtFirst() {
        Availability away = new Availability(1);
        away.failed();

        assertThat(away.opened()).isTrue();
    }
}
