package io.signalbox.bus.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SentinelPollTest {
    private static final ServerAddress OLD = new ServerAddress("a", 1);
    private static final ServerAddress NEW = new ServerAddress("b", 2);

    private final SentinelPoll poll = new SentinelPoll(3);

    @Test
    void shouldTakeTheFirstAnswerWhenNothingIsKnown() {
        assertThat(poll.primary()).isEmpty();

        assertThat(poll.names(2, OLD)).as("the first is no change").isFalse();

        assertThat(poll.primary()).contains(OLD);
    }

    @Test
    void shouldFollowWhenMoreThanHalfNameAnother() {
        poll.names(0, OLD);
        poll.names(1, OLD);
        poll.names(2, OLD);

        assertThat(poll.names(1, NEW)).isFalse();
        assertThat(poll.primary()).contains(OLD);
        assertThat(poll.names(0, NEW)).isTrue();
        assertThat(poll.primary()).contains(NEW);
        assertThat(poll.names(2, NEW)).isFalse();
    }

    @Test
    void shouldNotGoBackWhenOneThatWasCutOffNamesThePrimaryThatWasReplaced() {
        poll.names(0, NEW);
        poll.names(1, NEW);

        assertThat(poll.names(2, OLD)).isFalse();
        assertThat(poll.names(2, OLD)).isFalse();

        assertThat(poll.primary()).contains(NEW);
    }

    @Test
    void shouldCorrectAFirstAnswerThatWasOutdated() {
        poll.names(0, OLD);
        poll.names(1, NEW);

        assertThat(poll.names(2, NEW)).isTrue();
        assertThat(poll.primary()).contains(NEW);
    }

    @Test
    void shouldNotTakeHalfForMoreThanHalf() {
        SentinelPoll two = new SentinelPoll(2);
        two.names(0, OLD);

        assertThat(two.names(1, NEW)).isFalse();
        assertThat(two.primary()).contains(OLD);
    }
}
