package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.postgres.StoreExceptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.semver4j.Semver;

class RemindersTest {
    private static final long TOKEN = 7;

    private static final Effect.Grounds GROUNDS = new Effect.Grounds(Instant.EPOCH, "");

    private final BrokerFixture on = new BrokerFixture();
    private final FakeTaskStore store = new FakeTaskStore();
    private final List<Effect.Assign> sent = new ArrayList<>();
    private final Reminders reminders =
            new Reminders(on.broker, store, new Requirements(store, succeeded -> {}), outgoing -> {
                assertThat(outgoing.task().getId())
                        .isEqualTo(outgoing.effect().task().toString());
                sent.add(outgoing.effect());
            });

    private UUID adopted(String agent) {
        TaskSpec spec = on.spec(5, Optional.empty());
        on.broker.loadAssigned(spec, 2, TOKEN, agent, on.now);
        store.put(TaskView.newBuilder()
                .setId(spec.id().toString())
                .setSkillVersion("1.1.0")
                .build());
        RosterAgent.AgentSkill skill = new RosterAgent.AgentSkill(BrokerFixture.SKILL, Semver.parse("1.2.0"));
        on.broker
                .adopt(new RosterAgent(agent, 4, List.of(skill), 1), true, on.now)
                .forEach(effect -> reminders.add((Effect.Remind) effect));
        return spec.id();
    }

    @Test
    void shouldSendTheAssignmentAsItWasStored() {
        UUID task = adopted("a");

        reminders.tick();

        assertThat(sent)
                .containsExactly(new Effect.Assign(task, TOKEN, "a", 4, "1.1.0", 2, BrokerFixture.LEASE, GROUNDS));
    }

    @Test
    void shouldRemindOfAllByBatches() {
        for (int i = 0; i < 450; i++) {
            adopted("agent-" + i);
        }

        reminders.tick();

        assertThat(sent).hasSize(450).doesNotHaveDuplicates();
    }

    @Test
    void shouldRemindNobodyOfWhatHasEndedMeanwhile() {
        UUID task = adopted("a");
        on.settle(task, on.broker.complete("a", 4, task, TOKEN));

        reminders.tick();

        assertThat(sent).isEmpty();
    }

    @Test
    void shouldTryAgainWhenTheStoreIsAway() {
        UUID task = adopted("a");
        store.failure = Optional.of(StoreExceptions.UNAVAILABLE.make());
        reminders.tick();

        store.failure = Optional.empty();
        reminders.tick();

        assertThat(sent).singleElement().extracting(Effect.Assign::task).isEqualTo(task);
    }
}
