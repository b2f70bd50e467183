package io.signalbox.verticles.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.rollout.Channels.Action;
import io.signalbox.verticles.rollout.Channels.Decider;
import io.signalbox.verticles.rollout.Channels.Outcome;
import io.signalbox.verticles.rollout.Rollout.State;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelsTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Channels FIRST = new Channels("d", 0, "1.0.0", Optional.empty());

    private static Decider at(long revision) {
        return new Decider(revision, "ann", "because");
    }

    private static Channels next(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Changed.class);
        return ((Outcome.Changed) outcome).channels();
    }

    private static void assertRefused(Outcome outcome, Code code) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(code));
    }

    private static Channels started() {
        return next(FIRST.start("1.1.0", 500, Bounds.DEFAULT, at(0), NOW));
    }

    @Test
    void shouldGiveTheCanaryWhileItsRolloutRuns() {
        Channels started = started();

        assertThat(started.stable()).isEqualTo("1.0.0");
        assertThat(started.canary()).contains("1.1.0");
        assertThat(started.given()).map(Rollout::share).contains(500);
        assertThat(started.rollout()).map(Rollout::number).contains(1L);
    }

    @ParameterizedTest
    @CsvSource({
        "PROMOTE,1.1.0,PROMOTED,false",
        "ROLLBACK,1.0.0,ROLLED_BACK,false",
        "PAUSE,1.0.0,PAUSED,true",
    })
    void shouldGiveTheStableVersionAlone(Action action, String stable, State state, boolean underWay) {
        Channels after = next(started().change(1, action, at(1), NOW));

        assertThat(after.stable()).isEqualTo(stable);
        assertThat(after.given()).isEmpty();
        assertThat(after.rollout()).map(Rollout::state).contains(state);
        assertThat(after.canary().isPresent()).isEqualTo(underWay);
    }

    @Test
    void shouldGiveTheCanaryAgainAfterAPause() {
        Channels paused = next(started().change(1, Action.PAUSE, at(1), NOW));

        Channels resumed = next(paused.change(1, Action.RESUME, at(2), NOW));

        assertThat(resumed.given()).map(Rollout::canary).contains("1.1.0");
    }

    @Test
    void shouldRecordWhoDidWhatAndWhy() {
        Outcome outcome = started().change(1, Action.ROLLBACK, at(1), NOW);

        assertThat(((Outcome.Changed) outcome).move())
                .isEqualTo(new Move("d", 2, "rollback", "1.0.0", "", 0, 1, "ann", "because", NOW, Optional.empty()));
    }

    @ParameterizedTest
    @EnumSource(Action.class)
    void shouldDoNothingWithARolloutThatIsOver(Action action) {
        Channels over = next(started().change(1, Action.ROLLBACK, at(1), NOW));

        assertRefused(over.change(1, action, at(2), NOW), Code.CONFLICT);
    }

    @Test
    void shouldRefuseWhoSawAnotherRevision() {
        assertRefused(FIRST.move("2.0.0", at(1), NOW), Code.CONFLICT);
        assertRefused(FIRST.start("2.0.0", 1, Bounds.DEFAULT, at(1), NOW), Code.CONFLICT);
        assertRefused(started().change(1, Action.PROMOTE, at(0), NOW), Code.CONFLICT);
        assertRefused(started().share(1, 700, at(0), NOW), Code.CONFLICT);
    }

    @Test
    void shouldRefuseASecondRolloutAndAMoveBesideOne() {
        assertRefused(started().start("2.0.0", 1, Bounds.DEFAULT, at(1), NOW), Code.CONFLICT);
        assertRefused(started().move("2.0.0", at(1), NOW), Code.CONFLICT);
    }

    @Test
    void shouldRefuseToPauseTwiceAndToResumeWhatRuns() {
        Channels paused = next(started().change(1, Action.PAUSE, at(1), NOW));

        assertRefused(paused.change(1, Action.PAUSE, at(2), NOW), Code.CONFLICT);
        assertRefused(started().change(1, Action.RESUME, at(1), NOW), Code.CONFLICT);
    }

    @Test
    void shouldRefuseToTryTheStableVersion() {
        assertRefused(FIRST.start("1.0.0", 1, Bounds.DEFAULT, at(0), NOW), Code.CONFLICT);
        assertRefused(FIRST.move("1.0.0", at(0), NOW), Code.CONFLICT);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 5_001})
    void shouldRefuseAShareThatLeavesNothingToCompare(int share) {
        assertRefused(FIRST.start("2.0.0", share, Bounds.DEFAULT, at(0), NOW), Code.INVALID_ARGUMENT);
        assertRefused(started().share(1, share, at(1), NOW), Code.INVALID_ARGUMENT);
    }

    @Test
    void shouldRefuseToSpeakOfAnEarlierRollout() {
        Channels over = next(started().change(1, Action.ROLLBACK, at(1), NOW));
        Channels second = next(over.start("2.0.0", 100, Bounds.DEFAULT, at(2), NOW));

        assertRefused(second.change(1, Action.PROMOTE, at(3), NOW), Code.CONFLICT);
        assertThat(next(second.share(3, 200, at(3), NOW)).given())
                .map(Rollout::share)
                .contains(200);
    }
}
