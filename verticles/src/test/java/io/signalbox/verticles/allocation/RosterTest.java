package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.allocation.Samples.connected;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RosterTest {
    private static final Demand ANY = new Demand("s", "");
    private static final Demand ONE = new Demand("s", "^1");

    private final Roster roster = new Roster();

    @Test
    void shouldFindAnAgentByIdAndByGeneration() {
        RosterAgent agent = connected("a", 1, "s@1.0.0");
        roster.add(agent);

        assertThat(roster.find("a")).contains(agent);
        assertThat(roster.find("a", 1)).contains(agent);
        assertThat(roster.find("a", 2)).isEmpty();
        assertThat(roster.find("b")).isEmpty();
        assertThat(roster.size()).isEqualTo(1);
    }

    @Test
    void shouldOfferAgentsToQueuesThatCameBefore() {
        SkillQueue queue = roster.queue(ONE);

        roster.add(connected("a", 1, "s@1.0.0"));
        roster.add(connected("b", 1, "s@2.0.0"));

        assertThat(queue.ableAgents()).isEqualTo(1);
    }

    @Test
    void shouldOfferAgentsToQueuesThatComeAfter() {
        roster.add(connected("a", 1, "s@1.0.0"));
        roster.add(connected("b", 1, "s@2.0.0"));
        roster.add(connected("c", 1, "other@1.0.0"));

        assertThat(roster.queue(ONE).ableAgents()).isEqualTo(1);
        assertThat(roster.queue(ANY).ableAgents()).isEqualTo(2);
    }

    @Test
    void shouldMoveAnAgentWhoseSkillsChangeToOtherQueues() {
        RosterAgent moved = connected("a", 2, "s@1.0.0");
        roster.add(moved);
        roster.add(connected("b", 1, "s@1.0.0"));

        List<RosterAgent> revised = roster.revise(agent ->
                Optional.of(agent == moved ? List.of(Samples.skill("s@2.0.0")) : List.of(Samples.skill("s@1.0.0"))));

        assertThat(revised).containsExactly(moved);
        assertThat(roster.queue(ONE).ableAgents()).isEqualTo(1);
        assertThat(roster.queue(ANY).ableAgents()).isEqualTo(2);
        assertThat(roster.freeSlots()).isEqualTo(3);
    }

    @Test
    void shouldGiveTheSameQueueForTheSameDemand() {
        SkillQueue queue = roster.queue(ANY);

        assertThat(roster.queue(new Demand("s", ""))).isSameAs(queue);
        assertThat(roster.queue(ONE)).isNotSameAs(queue);
        assertThat(roster.queues()).hasSize(2);
    }

    @Test
    void shouldTakeAnAgentOutOfEveryQueueWhenItIsRemoved() {
        RosterAgent agent = connected("a", 1, "s@1.0.0", "t@1.0.0");
        roster.add(agent);
        SkillQueue first = roster.queue(ANY);
        SkillQueue second = roster.queue(new Demand("t", ""));

        roster.remove(agent);

        assertThat(first.ableAgents() + second.ableAgents()).isZero();
        assertThat(first.freeAgents() + second.freeAgents()).isZero();
        assertThat(roster.find("a")).isEmpty();
        assertThat(roster.freeSlots()).isZero();
    }

    @Test
    void shouldLeaveOthersOfTheVersionWhenOneIsRemoved() {
        RosterAgent agent = connected("a", 1, "s@1.0.0");
        roster.add(agent);
        roster.add(connected("b", 1, "s@1.0.0"));
        SkillQueue queue = roster.queue(ANY);

        roster.remove(agent);

        assertThat(queue.ableAgents()).isEqualTo(1);
    }

    @Test
    void shouldOfferAVersionAgainAfterItsLastAgentLeft() {
        RosterAgent agent = connected("a", 1, "s@1.0.0");
        SkillQueue queue = roster.queue(ANY);
        roster.add(agent);
        roster.remove(agent);

        roster.add(connected("b", 1, "s@1.0.0"));

        assertThat(queue.ableAgents()).isEqualTo(1);
    }

    @Test
    void shouldCountASkillThatAnAgentNamesTwiceOnce() {
        RosterAgent agent = connected("a", 1, "s@1.0.0", "s@1.0.0");
        roster.add(agent);

        assertThat(roster.queue(ANY).ableAgents()).isEqualTo(1);
        roster.remove(agent);
        assertThat(roster.queue(ANY).ableAgents()).isZero();
    }

    @Test
    void shouldTellEveryQueueOfAnAgentThatItIsFull() {
        RosterAgent agent = connected("a", 1, "s@1.0.0", "t@1.0.0");
        roster.add(agent);
        SkillQueue first = roster.queue(ANY);
        SkillQueue second = roster.queue(new Demand("t", ""));

        agent.tasks.add(Samples.id(1));
        roster.changed(agent);

        assertThat(first.freeAgents() + second.freeAgents()).isZero();
        assertThat(roster.freeSlots()).isZero();
    }

    @Test
    void shouldNotLetADeadRegistrationChangeAnything() {
        RosterAgent old = connected("a", 5, "s@1.0.0");
        roster.add(old);
        roster.remove(old);
        roster.add(connected("a", 1, "s@1.0.0"));

        roster.changed(old);
        roster.changed(Roster.NOBODY);

        assertThat(roster.freeSlots()).isEqualTo(1);
        assertThat(roster.queue(ANY).freeAgents()).isEqualTo(1);
    }

    @Test
    void shouldDropAQueueOnlyWhenNoTaskIsOpen() {
        SkillQueue queue = roster.queue(ANY);
        queue.opened();

        roster.dropIfUseless(ANY);
        assertThat(roster.queues().values()).containsExactly(queue);

        queue.closed();
        roster.dropIfUseless(ANY);
        assertThat(roster.queues()).isEmpty();
    }

    @Test
    void shouldNotServeADroppedQueueAnyMore() {
        RosterAgent agent = connected("a", 1, "s@1.0.0");
        roster.add(agent);
        SkillQueue dropped = roster.queue(ANY);
        roster.dropIfUseless(ANY);

        assertThat(roster.queuesOf(agent)).isEmpty();
        assertThat(roster.queue(ANY)).isNotSameAs(dropped);
        assertThat(roster.queuesOf(agent)).containsExactly(roster.queue(ANY));
    }

    @Test
    void shouldKnowTheQueuesOfAnAgent() {
        RosterAgent agent = connected("a", 1, "s@1.0.0", "s@2.0.0", "t@1.0.0");
        roster.add(agent);
        SkillQueue any = roster.queue(ANY);
        SkillQueue one = roster.queue(ONE);
        roster.queue(new Demand("s", "^3"));
        roster.queue(new Demand("unknown", ""));
        SkillQueue other = roster.queue(new Demand("t", ""));

        assertThat(roster.queuesOf(agent)).containsExactlyInAnyOrder(any, one, other);
    }

    @ParameterizedTest
    @CsvSource({"s, '', true", "s, ^1, true", "s, ^2, false", "t, '', false"})
    void shouldKnowWhetherAnyAgentCanMeetADemandWithoutKeepingIt(String skill, String range, boolean any) {
        roster.add(connected("a", 1, "s@1.0.0"));

        assertThat(roster.anyAgentFor(new Demand(skill, range))).isEqualTo(any);
        assertThat(roster.queues()).isEmpty();
    }

    @Test
    void shouldNotHoldAnAgentThatLeftForOneThatIsThere() {
        RosterAgent agent = connected("a", 1, "s@1.0.0");
        roster.add(agent);

        roster.remove(agent);

        assertThat(roster.anyAgentFor(ANY)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldCountFreeSlotsAsAWalkOverAllAgentsWould(long seed) {
        Random random = new Random(seed);
        Map<String, RosterAgent> in = new HashMap<>();
        SkillQueue queue = roster.queue(ANY);
        for (int step = 0; step < 2_000; step++) {
            change("a" + random.nextInt(10), in, random);

            List<RosterAgent> agents = new ArrayList<>(in.values());
            assertThat(roster.freeSlots())
                    .as("seed %d, step %d", seed, step)
                    .isEqualTo(agents.stream().mapToInt(RosterAgent::freeSlots).sum());
            assertThat(queue.freeAgents())
                    .isEqualTo((int) agents.stream().filter(RosterAgent::isFree).count());
        }
    }

    private void change(String id, Map<String, RosterAgent> in, Random random) {
        RosterAgent agent = in.get(id);
        if (agent == null) {
            RosterAgent fresh = connected(id, 1 + random.nextInt(3), "s@" + (1 + random.nextInt(2)) + ".0.0");
            in.put(id, fresh);
            roster.add(fresh);
            return;
        }
        switch (random.nextInt(4)) {
            case 0 -> {
                in.remove(id);
                roster.remove(agent);
            }
            case 1 -> agent.connected = !agent.connected;
            case 2 -> agent.tasks.clear();
            default -> agent.tasks.add(Samples.id(random.nextInt(5)));
        }
        roster.changed(agent);
    }
}
