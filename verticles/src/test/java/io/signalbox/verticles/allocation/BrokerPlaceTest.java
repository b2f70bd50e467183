package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.ExplanationStage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a task is, and why. */
final class BrokerPlaceTest {
    private final BrokerFixture on = new BrokerFixture();

    private UUID submit(TaskBroker broker, String tenant) {
        TaskSpec spec = new TaskSpec(
                new UUID(0, ++on.ids), BrokerFixture.SKILL, "", tenant, 5, on.now, Optional.empty(), 1, TaskPlan.NONE);
        broker.submitted(spec, on.now);
        return spec.id();
    }

    private static int before(TaskBroker broker, UUID task) {
        return broker.view().place(task, 1000, Samples.NOW).orElseThrow().before();
    }

    @Test
    void shouldCountWhatIsExpectedToBeGivenAwayBefore() {
        TaskBroker broker = new TaskBroker(on.settings(Map.of("ci", 2)), 0, new Random(1));
        UUID ci = submit(broker, "ci");
        for (int i = 0; i < 3; i++) {
            submit(broker, "ci");
        }
        UUID fifth = submit(broker, "ci");
        UUID other = submit(broker, "batch");
        UUID next = submit(broker, "batch");

        assertThat(before(broker, ci)).as("one turn of the other").isEqualTo(1);
        assertThat(before(broker, fifth))
                .as("four of its own, three turns of one with two")
                .isEqualTo(6);
        assertThat(before(broker, other)).as("one turn of two").isEqualTo(2);
        assertThat(before(broker, next)).as("one of its own, two turns of two").isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "9, 9", "90, 90", "99, 99", "50, -1"})
    void shouldLookAtFewTasksOnly(int index, int place) {
        List<UUID> tasks = IntStream.range(0, 100).mapToObj(i -> on.submit()).toList();

        assertThat(on.broker.view().place(tasks.get(index), 10, on.now).map(BrokerView.Place::before))
                .isEqualTo(Optional.of(place).filter(known -> known >= 0));
    }

    @Test
    void shouldExpectAWaitByThePaceOfLate() {
        on.connect("a", 1, 1);
        on.submit();
        for (int i = 0; i < 100; i++) {
            Effect.Assign assign = on.assigned();
            on.submit();
            on.now = on.now.plusMillis(500);
            on.complete(assign);
        }
        UUID task = on.submit();

        BrokerView.Place place = on.broker.view().place(task, 10, on.now).orElseThrow();

        assertThat(place.before()).isZero();
        assertThat(place.expected().orElseThrow()).isBetween(Duration.ofMillis(450), Duration.ofMillis(550));
    }

    @Test
    void shouldHaveNoPlaceOnceItIsAssigned() {
        on.connect("a", 1, 1);
        UUID task = on.submit();

        assertThat(on.broker.view().place(task, 10, on.now)).isEmpty();
    }

    @Test
    void shouldSayWhenToAskAgainWhereNoMoreTasksAreTaken() {
        on.connect("a", 1, 1);
        on.submit();
        for (int i = 0; i < 60; i++) {
            Effect.Assign assign = on.assigned();
            on.submit();
            on.now = on.now.plusMillis(100);
            on.complete(assign);
        }
        for (int i = 0; i < 99; i++) {
            on.submit();
        }

        Verdict.Refused refused = on.broker
                .view()
                .refuses(new TaskSpec.Demand(BrokerFixture.SKILL, ""), false, on.now)
                .orElseThrow();

        assertThat(refused.code()).isEqualTo(Code.OVERLOADED);
        assertThat(refused.reason()).contains("99 of them wait for skill " + BrokerFixture.SKILL);
        assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(12));
    }

    private String stages(UUID task) {
        StringBuilder text = new StringBuilder();
        for (ExplanationStage stage : on.broker.view().explanations().of(task, on.now)) {
            text.append(stage.getName())
                    .append(stage.getPassed() ? " yes" : " no")
                    .append(" -" + stage.getAgentsRemoved() + "=" + stage.getAgentsLeft())
                    .append("; ");
        }
        return text.toString();
    }

    @Test
    void shouldSayHowManyAgentsEachFilterRemoves() {
        on.connect("busy", 1, 1);
        on.submit();
        on.connect("away", 1, 1);
        on.suspend("away", 1);
        on.broker.connected(Samples.agent("other", 1, "text.other@1.0.0"), Map.of(), on.now);
        on.broker.connected(Samples.agent("old", 1, BrokerFixture.SKILL + "@0.9.0"), Map.of(), on.now);
        TaskSpec spec = Samples.spec(new UUID(9, 9), BrokerFixture.SKILL, "^1", 5, on.now, Optional.empty(), 1);
        on.broker.submitted(spec, on.now);

        assertThat(stages(spec.id()))
                .isEqualTo("agents yes -0=4; skill yes -1=3; version yes -1=2; connection yes -1=1; room no -1=0; "
                        + "declined no -0=0; queue no -0=0; ");
    }

    @Test
    void shouldNameWhatIsStillToComeBeforeTheQueue() {
        UUID required = on.submit();
        UUID task = on.submit(Samples.plan().requires(required).approval().notBefore(on.now.plusSeconds(1)));
        on.pass(Duration.ofSeconds(1));

        assertThat(stages(task)).startsWith("time yes -0=0; requirements no -0=0; approval no -0=0; agents no");
    }

    @Test
    void shouldGiveTheReasonOfAChoice() {
        on.connect("a", 1, 4);
        on.submit();
        on.connect("b", 1, 4);

        on.submit();

        assertThat(on.assigned().grounds().why())
                .isEqualTo(
                        "score 100, the percentage of its slots that are free; 2 of 2 able agents had room; 0 tasks wait on");
        assertThat(on.assigned().agent()).isEqualTo("b");
    }
}
