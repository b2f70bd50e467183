package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.BrokerView.Standing;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What people are told of a task that is open. */
final class BrokerViewTest {
    private final BrokerFixture on = new BrokerFixture();

    private Standing standing(UUID task) {
        return on.broker.view().standing(task, on.now).orElseThrow();
    }

    @Test
    void shouldNameTheSkillThatNobodyHas() {
        UUID task = on.submit();

        assertThat(standing(task))
                .isEqualTo(new Standing("", Code.NO_SUCH_SKILL, "no connected agent has skill text.echo"));
    }

    @Test
    void shouldNameTheRangeThatNobodyHas() {
        TaskSpec spec = Samples.spec(new UUID(0, 99), BrokerFixture.SKILL, "^2", 5, on.now, Optional.empty(), 3);
        on.connect("a", 1, 1);
        on.broker.submitted(spec, on.now);

        assertThat(standing(spec.id()))
                .isEqualTo(new Standing("", Code.NO_SUCH_SKILL, "no connected agent has skill text.echo in ^2"));
    }

    @Test
    void shouldSayHowManyAgentsThereAreWhenNoneHasRoom() {
        on.connect("a", 1, 1);
        on.connect("b", 2, 1);
        on.submit();
        on.submit();
        UUID third = on.submit();

        assertThat(standing(third))
                .isEqualTo(new Standing("", Code.ALL_BUSY, "agents with skill text.echo: 2, none of them has room"));
    }

    @Test
    void shouldNotCallASuspendedAgentBusyButWithoutRoom() {
        on.connect("a", 1, 1);
        on.suspend("a", 1);
        UUID task = on.submit();

        assertThat(standing(task).reason()).isEqualTo("agents with skill text.echo: 1, none of them has room");
    }

    @Test
    void shouldSayThatAgentsDeclined() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        on.decline(on.assigned());

        assertThat(standing(task))
                .isEqualTo(new Standing(
                        "",
                        Code.ALL_BUSY,
                        "agents with skill text.echo: 1, none of the others has room; 1 declined it lately"));
    }

    @Test
    void shouldNotCountWhoDeclinedLongAgo() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        on.decline(on.assigned());
        on.suspend("a", 1);

        on.pass(Duration.ofSeconds(5));

        assertThat(standing(task).reason()).doesNotContain("declined");
    }

    @Test
    void shouldSayThatNothingIsAssignedWhileTheStoreIsAway() {
        on.broker.pause();
        on.connect("a", 1, 1);
        UUID task = on.submit();
        assertThat(standing(task).code()).isEqualTo(Code.UNAVAILABLE);

        on.broker.resume(on.now);

        assertThat(standing(task)).isEqualTo(new Standing("a", Code.UNAVAILABLE, ""));
    }

    @Test
    void shouldSayWhenTheNextAttemptFollows() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        Settlement.Retry retry = (Settlement.Retry) on.fail(on.assigned(), true);

        assertThat(standing(task))
                .isEqualTo(new Standing("", Code.BACKING_OFF, "attempt 2 follows at " + retry.notBefore()));
    }

    @Test
    void shouldNameTheAgentThatHasTheTask() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        assertThat(standing(task).agent()).isEqualTo("a");

        on.accepted(on.broker.complete("a", 1, task, on.assigned().token()));

        assertThat(standing(task).agent()).isEqualTo("a");
    }

    @Test
    void shouldNameTheAgentThatHasToComeBack() {
        TaskSpec spec = on.spec(5, Optional.empty());
        on.broker.loadAssigned(spec, 1, 7, "a", on.now);

        assertThat(standing(spec.id()).agent()).isEqualTo("a");
        assertThat(on.broker.view().count(State.ORPHANED)).isEqualTo(1);
    }

    @Test
    void shouldHaveNothingToSayOfATaskThatIsNotOpen() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        on.complete(on.assigned());

        assertThat(on.broker.view().standing(task, on.now)).isEmpty();
        assertThat(on.broker.view().demandOf(task)).isEmpty();
        assertThat(on.broker.view().attemptOf(task)).isZero();
    }

    @Test
    void shouldKnowDemandAndAttempts() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        UUID second = on.submit();

        assertThat(on.broker.view().demandOf(task)).contains(new Demand(BrokerFixture.SKILL, ""));
        assertThat(on.broker.view().attemptOf(task)).isEqualTo(1);
        assertThat(on.broker.view().attemptOf(second)).isZero();
    }

    @Test
    void shouldKeepNothingWhenEveryTaskHasEnded() {
        on.connect("a", 1, 1);
        on.submit(5, Optional.of(on.now.plus(Duration.ofDays(365))));
        assertThat(on.broker.view().timers()).isEqualTo(1);
        assertThat(on.broker.view().demands()).isEqualTo(1);

        on.complete(on.assigned());

        assertThat(on.broker.view().open()).isZero();
        assertThat(on.broker.view().timers()).isZero();
        assertThat(on.broker.view().demands()).isZero();
    }
}
