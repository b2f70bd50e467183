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

        assertThat(poll.names(2, OLD, 0)).as("the first is no change").isFalse();

        assertThat(poll.primary()).contains(OLD);
    }

    @Test
    void shouldFollowTheFirstThatKnowsOfATakeover() {
        poll.names(0, OLD, 6);
        poll.names(1, OLD, 6);
        poll.names(2, OLD, 6);

        assertThat(poll.names(1, NEW, 7)).isTrue();

        assertThat(poll.primary()).contains(NEW);
        assertThat(poll.names(0, NEW, 7)).isFalse();
    }

    @Test
    void shouldNotGoBackWhenOthersNameThePrimaryThatWasReplaced() {
        poll.names(0, NEW, 7);

        assertThat(poll.names(1, OLD, 6)).isFalse();
        assertThat(poll.names(2, OLD, 6)).isFalse();

        assertThat(poll.primary()).contains(NEW);
    }

    @Test
    void shouldKeepWhatItHasWhenAnotherHasTheSameEpoch() {
        poll.names(0, OLD, 6);

        assertThat(poll.names(1, NEW, 6)).isFalse();
        assertThat(poll.primary()).contains(OLD);
    }

    @Test
    void shouldFollowAllOfThemWhenTheyWereToldAnew() {
        poll.names(0, OLD, 6);
        poll.names(1, NEW, 0);
        assertThat(poll.names(2, NEW, 0)).isFalse();

        assertThat(poll.names(0, NEW, 0)).isTrue();

        assertThat(poll.primary()).contains(NEW);
        assertThat(poll.names(2, OLD, 1)).as("epochs begin anew").isTrue();
    }
}
