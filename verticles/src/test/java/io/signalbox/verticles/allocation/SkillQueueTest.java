package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.allocation.Samples.NOW;
import static io.signalbox.verticles.allocation.Samples.connected;
import static io.signalbox.verticles.allocation.Samples.ranked;
import static io.signalbox.verticles.allocation.Samples.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SkillQueueTest {
    private final SkillQueue queue = new SkillQueue(new Demand("s", ""), new Turns());

    private AgentPool pool(String version, RosterAgent... agents) {
        AgentPool pool = new AgentPool(Samples.skill("s@" + version));
        for (RosterAgent agent : agents) {
            pool.add(agent);
        }
        return pool;
    }

    private Optional<RosterAgent> choose(OpenTask task) {
        return queue.choose(task, NOW, new Random(1));
    }

    @ParameterizedTest
    @CsvSource({
        "'',     1.0.0, true",
        "'',     0.0.1, true",
        "^1.2,   1.2.0, true",
        "^1.2,   1.9.9, true",
        "^1.2,   1.1.9, false",
        "^1.2,   2.0.0, false",
        "1.2.3,  1.2.3, true",
        "1.2.3,  1.2.4, false",
        ">=1 <3, 2.5.0, true",
        ">=1 <3, 3.0.0, false"
    })
    void shouldTakeAgentsOfTheVersionsInItsRange(String range, String version, boolean taken) {
        SkillQueue ranged = new SkillQueue(new Demand("s", range), new Turns());

        ranged.offer(pool(version, connected("a", 1)));

        assertThat(ranged.ableAgents()).isEqualTo(taken ? 1 : 0);
    }

    @Test
    void shouldWorkByTheHighestVersionThatTheAgentHasInTheRange() {
        RosterAgent agent = connected("a", 1);
        SkillQueue ranged = new SkillQueue(new Demand("s", "^1"), new Turns());
        for (String version : new String[] {"1.9.0", "1.10.0", "1.2.0", "2.0.0"}) {
            ranged.offer(pool(version, agent));
        }

        assertThat(ranged.versionOf(agent).orElseThrow()).hasToString("1.10.0");
        assertThat(ranged.versionOf(connected("other", 1))).isEmpty();
    }

    @Test
    void shouldBeForTheAgentsOfItsPoolsAlone() {
        RosterAgent agent = connected("a", 1);
        AgentPool pool = pool("1.0.0", agent);
        queue.offer(pool);

        assertThat(queue.isFor(agent)).isTrue();
        assertThat(queue.isFor(connected("a", 1))).isFalse();
        queue.withdraw(pool);
        assertThat(queue.isFor(agent)).isFalse();
        assertThat(queue.freeAgents()).isZero();
    }

    @Test
    void shouldHaveTasksInOrderOfRankAndThenOfAge() {
        List<OpenTask> order = new ArrayList<>();
        OpenTask late = ranked(1, 20);
        OpenTask second = ranked(3, 10);
        OpenTask first = ranked(2, 10);
        queue.add(late);
        queue.add(second);
        queue.add(first);

        for (int i = 0; i < 3; i++) {
            order.add(queue.firstFor("", connected("a", 1), NOW).orElseThrow());
            queue.remove(order.getLast());
        }

        assertThat(order).containsExactly(first, second, late);
    }

    @Test
    void shouldHaveNothingFirstOnceAllIsTakenOut() {
        OpenTask task = task(1);
        queue.add(task);

        queue.remove(task);

        assertThat(queue.nextFor(connected("a", 1), NOW)).isEmpty();
        assertThat(queue.firstFor("", connected("a", 1), NOW)).isEmpty();
    }

    @Test
    void shouldPassOverWhatTheAgentDeclinedUntilThePauseIsOver() {
        OpenTask declined = task(1);
        OpenTask next = task(2);
        declined.declinedBy.put("a", NOW.plusSeconds(5));
        queue.add(declined);
        queue.add(next);

        assertThat(queue.firstFor("", connected("a", 1), NOW.plusSeconds(5).minusNanos(1)))
                .contains(next);
        assertThat(queue.firstFor("", connected("a", 1), NOW.plusSeconds(5))).contains(declined);
        assertThat(queue.firstFor("", connected("b", 1), NOW)).contains(declined);
    }

    @Test
    void shouldChooseNobodyWhenNobodyIsFree() {
        RosterAgent full = connected("a", 1);
        full.tasks.add(Samples.id(9));
        queue.offer(pool("1.0.0", full));

        assertThat(choose(task(1))).isEmpty();
        assertThat(queue.ableAgents()).isEqualTo(1);
        assertThat(queue.freeAgents()).isZero();
    }

    @Test
    void shouldChooseTheOneThatDidNotDecline() {
        RosterAgent[] agents = new RosterAgent[10];
        OpenTask task = task(1);
        for (int i = 0; i < agents.length; i++) {
            agents[i] = connected("a" + i, 1);
            if (i != 7) {
                task.declinedBy.put("a" + i, NOW.plusSeconds(1));
            }
        }
        queue.offer(pool("1.0.0", agents));

        for (int seed = 0; seed < 20; seed++) {
            assertThat(queue.choose(task, NOW, new Random(seed))).contains(agents[7]);
        }
    }

    @Test
    void shouldChooseNobodyWhenAllWhoAreFreeDeclined() {
        OpenTask task = task(1);
        task.declinedBy.put("a", NOW.plusSeconds(1));
        task.declinedBy.put("b", NOW.plusSeconds(1));
        queue.offer(pool("1.0.0", connected("a", 1), connected("b", 1)));

        assertThat(choose(task)).isEmpty();
    }

    @Test
    void shouldAskAnAgentAgainAtTheEndOfItsPause() {
        OpenTask task = task(1);
        task.declinedBy.put("a", NOW);
        RosterAgent agent = connected("a", 1);
        queue.offer(pool("1.0.0", agent));

        assertThat(choose(task)).contains(agent);
    }

    @Test
    void shouldSpreadTasksOverTheAgentsOfAllItsPools() {
        RosterAgent[] old = {connected("a", 1), connected("b", 1), connected("c", 1)};
        RosterAgent[] recent = {connected("d", 1), connected("e", 1)};
        queue.offer(pool("1.0.0", old));
        queue.offer(pool("2.0.0", recent));
        Random random = new Random(5);

        Set<String> chosen = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            chosen.add(queue.choose(task(1), NOW, random).orElseThrow().id);
        }

        assertThat(chosen).containsExactlyInAnyOrder("a", "b", "c", "d", "e");
    }

    /** With two draws out of two, the loaded one is taken only when both draws fall on it: a quarter of the time. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldPreferTheAgentWithTheGreaterFreeShare(long seed) {
        RosterAgent loaded = connected("loaded", 4);
        loaded.tasks.add(Samples.id(8));
        loaded.tasks.add(Samples.id(9));
        queue.offer(pool("1.0.0", loaded, connected("idle", 1)));
        Random random = new Random(seed);

        int idle = 0;
        for (int i = 0; i < 1_000; i++) {
            idle += choose(task(1), random).equals("idle") ? 1 : 0;
        }

        assertThat(idle).as("seed %d", seed).isBetween(650, 850);
    }

    private String choose(OpenTask task, Random random) {
        return queue.choose(task, NOW, random).orElseThrow().id;
    }

    @Test
    void shouldBeUselessWithoutOpenTasks() {
        assertThat(queue.isUseless()).isTrue();
        queue.opened();
        queue.opened();
        queue.closed();
        assertThat(queue.isUseless()).isFalse();
        queue.closed();
        assertThat(queue.isUseless()).isTrue();
    }
}
