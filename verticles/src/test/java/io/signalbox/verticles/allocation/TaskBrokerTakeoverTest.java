package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.semver4j.Semver;

/** Another node had the tasks before, and agents are attached already. */
class TaskBrokerTakeoverTest {
    private static final long TOKEN = 7;

    private final BrokerFixture on = new BrokerFixture();

    private UUID loadAssigned(String agent) {
        TaskSpec spec = on.spec(5, Optional.empty());
        on.broker.loadAssigned(spec, 2, TOKEN, agent, on.now);
        return spec.id();
    }

    private UUID loadWaiting() {
        TaskSpec spec = on.spec(5, Optional.empty());
        on.broker.loadWaiting(spec, 0, 0, Instant.EPOCH, on.now);
        return spec.id();
    }

    private void adopt(String id, long generation, int slots, boolean connected) {
        AgentSkill skill = new AgentSkill(BrokerFixture.SKILL, Semver.parse("1.2.0"));
        on.effects = on.broker.adopt(new RosterAgent(id, generation, List.of(skill), slots), connected, on.now);
    }

    @Test
    void shouldLeaveAnAgentWhatItHasAndRemindItOfThat() {
        UUID task = loadAssigned("a");

        adopt("a", 4, 1, true);

        assertThat(on.effects).containsExactly(new Effect.Remind(task, TOKEN, "a", 4, 2, BrokerFixture.LEASE));
        assertThat(on.broker.view().holds("a", 4, task, TOKEN)).isTrue();
        assertThat(on.broker.complete("a", 4, task, TOKEN)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void shouldGiveAnAgentMoreOnlyWhenItHasRoomBesidesWhatItHas() {
        loadAssigned("a");
        loadWaiting();

        adopt("a", 4, 1, true);
        assertThat(on.effects).noneMatch(Effect.Assign.class::isInstance);

        UUID other = loadAssigned("b");
        adopt("b", 5, 2, true);
        assertThat(on.effects).hasSize(2);
        assertThat(on.effects.getFirst().task()).isEqualTo(other);
        assertThat(on.assigned().agent()).isEqualTo("b");
    }

    @Test
    void shouldTakeBackWhatAnAgentDoesNotRenewAfterTheReminder() {
        UUID task = loadAssigned("a");
        adopt("a", 4, 1, true);

        on.pass(BrokerFixture.LEASE);

        assertThat(on.effects).anySatisfy(effect -> {
            assertThat(effect).isInstanceOf(Effect.Requeue.class);
            assertThat(effect.task()).isEqualTo(task);
        });
    }

    @Test
    void shouldLeaveASuspendedAgentWhatItHasAndGiveItNothingNew() {
        UUID task = loadAssigned("a");
        loadWaiting();

        adopt("a", 4, 2, false);
        assertThat(on.effects).singleElement().isInstanceOf(Effect.Remind.class);

        on.connect("a", 4, 2, Map.of());
        assertThat(on.broker.view().holds("a", 4, task, TOKEN)).isTrue();
        assertThat(on.assigned().agent()).isEqualTo("a");
    }

    @Test
    void shouldBelieveTheNewsRatherThanAnOlderList() {
        UUID task = loadAssigned("a");
        on.connect("a", 5, 1, Map.of(task, TOKEN));
        on.suspend("a", 5);

        adopt("a", 5, 1, true);
        UUID waiting = on.submit();

        assertThat(on.effects).isEmpty();
        assertThat(on.broker.view().standing(waiting, on.now).orElseThrow().agent())
                .isEmpty();
        assertThat(on.broker.view().holds("a", 5, task, TOKEN)).isTrue();
    }

    @Test
    void shouldLetAnAgentAttachAnewWithoutWhatItWasRemindedOf() {
        UUID task = loadAssigned("a");
        adopt("a", 4, 1, true);

        on.connect("a", 5, 1, Map.of());

        assertThat(on.broker.view().holds("a", 4, task, TOKEN)).isFalse();
        Effect.Assign again = on.assigned();
        assertThat(again.task()).isEqualTo(task);
        assertThat(again.token()).isGreaterThan(1L << 32);
    }
}
