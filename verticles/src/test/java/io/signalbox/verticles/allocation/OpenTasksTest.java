package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.allocation.Samples.NOW;
import static io.signalbox.verticles.allocation.Samples.id;
import static io.signalbox.verticles.allocation.Samples.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.allocation.OpenTask.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class OpenTasksTest {
    private final OpenTasks tasks = new OpenTasks();

    private OpenTask opened(OpenTask task) {
        tasks.open(task);
        return task;
    }

    private OpenTask orphan(long number, String agent) {
        OpenTask task = task(number);
        task.state = State.ORPHANED;
        task.agent = agent;
        task.leaseUntil = NOW.plusSeconds(15);
        return opened(task);
    }

    @Test
    void shouldFindWhatIsOpen() {
        OpenTask task = opened(task(1));

        assertThat(tasks.find(id(1))).contains(task);
        assertThat(tasks.find(id(2))).isEmpty();
        assertThat(tasks.size()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void shouldKeepNothingOfAClosedTaskInWhateverState(State state) {
        OpenTask task = opened(new OpenTask(Samples.due(1, NOW.plusSeconds(9)), 0, 1));
        task.agent = "a";
        tasks.move(task, state);

        tasks.close(task);

        assertThat(tasks.size()).isZero();
        assertThat(tasks.timers()).isZero();
        assertThat(tasks.find(id(1))).isEmpty();
        assertThat(tasks.orphansOf("a")).isEmpty();
        for (State each : State.values()) {
            assertThat(tasks.count(each)).as("%s", each).isZero();
        }
    }

    @Test
    void shouldCountByState() {
        OpenTask first = opened(task(1));
        opened(task(2));
        orphan(3, "a");

        tasks.move(first, State.SETTLING);

        assertThat(tasks.count(State.WAITING)).isEqualTo(1);
        assertThat(tasks.count(State.SETTLING)).isEqualTo(1);
        assertThat(tasks.count(State.ORPHANED)).isEqualTo(1);
        assertThat(tasks.count(State.ASSIGNED)).isZero();
        assertThat(first.state).isEqualTo(State.SETTLING);
    }

    @Test
    void shouldKnowTheOrphansOfEachAgent() {
        orphan(1, "a");
        orphan(2, "a");
        orphan(3, "b");

        assertThat(tasks.orphansOf("a")).containsExactlyInAnyOrder(id(1), id(2));
        assertThat(tasks.orphansOf("b")).containsExactly(id(3));
        assertThat(tasks.orphansOf("c")).isEmpty();
    }

    @Test
    void shouldNotCallATaskAnOrphanThatWasClaimed() {
        OpenTask task = orphan(1, "a");

        tasks.move(task, State.ASSIGNED);

        assertThat(tasks.orphansOf("a")).isEmpty();
    }

    @Test
    void shouldNotCallATaskAnOrphanThatWasTakenFromItsAgent() {
        OpenTask task = orphan(1, "a");

        tasks.release(task);
        tasks.move(task, State.WAITING);

        assertThat(tasks.orphansOf("a")).isEmpty();
        assertThat(tasks.orphansOf("")).isEmpty();
        assertThat(task.agent).isEmpty();
    }

    @Test
    void shouldCallATaskAnOrphanAgainWhoseEndCouldNotBeStored() {
        OpenTask task = orphan(1, "a");
        tasks.move(task, State.SETTLING);
        assertThat(tasks.orphansOf("a")).isEmpty();

        tasks.move(task, State.ORPHANED);

        assertThat(tasks.orphansOf("a")).containsExactly(id(1));
    }

    @Test
    void shouldLookAtAnAssignedTaskWhenItsLeaseEnds() {
        OpenTask task = opened(task(1));
        task.leaseUntil = NOW.plusSeconds(30);

        tasks.move(task, State.ASSIGNED);

        assertThat(tasks.due(NOW.plusSeconds(29))).isEmpty();
        assertThat(tasks.due(NOW.plusSeconds(30))).containsExactly(id(1));
    }

    @Test
    void shouldLookAtADelayedTaskWhenItsTimeHasCome() {
        OpenTask task = opened(task(1));
        task.notBefore = NOW.plusSeconds(3);

        tasks.move(task, State.DELAYED);

        assertThat(tasks.due(NOW.plusSeconds(3).minusNanos(1))).isEmpty();
        assertThat(tasks.due(NOW.plusSeconds(3))).containsExactly(id(1));
    }

    @Test
    void shouldLookAtATaskThatStartedWithADeadline() {
        opened(new OpenTask(Samples.due(1, NOW.plusSeconds(9)), 0, 1));

        assertThat(tasks.due(NOW.plusSeconds(9))).containsExactly(id(1));
    }

    @Test
    void shouldKeepOneTimerHoweverOftenALeaseIsRenewed() {
        OpenTask task = opened(task(1));
        for (int i = 1; i <= 100; i++) {
            task.leaseUntil = NOW.plusSeconds(i);
            tasks.move(task, State.ASSIGNED);
        }

        assertThat(tasks.timers()).isEqualTo(1);
        assertThat(tasks.due(NOW.plusSeconds(1))).containsExactly(id(1));
        tasks.setTimer(task);
        assertThat(tasks.due(NOW.plusSeconds(99))).isEmpty();
        assertThat(tasks.due(NOW.plusSeconds(100))).containsExactly(id(1));
    }

    @Test
    void shouldSetNoTimerForATaskThatNothingIsDueOf() {
        opened(task(1));

        assertThat(tasks.timers()).isZero();
    }
}
