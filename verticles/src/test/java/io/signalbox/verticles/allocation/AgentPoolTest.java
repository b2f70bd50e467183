package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.allocation.Samples.connected;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AgentPoolTest {
    private final AgentPool pool = new AgentPool(Samples.skill("s@1.0.0"));

    @Test
    void shouldKnowWhoIsInItAndWhoIsFree() {
        RosterAgent free = connected("free", 1);
        RosterAgent away = Samples.agent("away", 1);

        pool.add(free);
        pool.add(away);

        assertThat(pool.size()).isEqualTo(2);
        assertThat(pool.has(away)).isTrue();
        assertThat(free()).containsExactly(free);
    }

    @Test
    void shouldNotCountAnAgentTwice() {
        RosterAgent agent = connected("a", 1);
        pool.add(agent);

        pool.add(agent);
        pool.update(agent);

        assertThat(pool.size()).isEqualTo(1);
        assertThat(pool.free()).isEqualTo(1);
    }

    @Test
    void shouldHaveAFullAgentThatIsNotFree() {
        RosterAgent agent = connected("a", 1);
        pool.add(agent);

        agent.tasks.add(Samples.id(1));
        pool.update(agent);

        assertThat(pool.free()).isZero();
        assertThat(pool.has(agent)).isTrue();
    }

    @Test
    void shouldHaveAnAgentFreeAgainWhenASlotIs() {
        RosterAgent agent = connected("a", 1);
        agent.tasks.add(Samples.id(1));
        pool.add(agent);

        agent.tasks.clear();
        pool.update(agent);

        assertThat(free()).containsExactly(agent);
    }

    @Test
    void shouldForgetAnAgentThatIsRemoved() {
        RosterAgent agent = connected("a", 1);
        pool.add(agent);

        pool.remove(agent);

        assertThat(pool.size()).isZero();
        assertThat(pool.free()).isZero();
        assertThat(pool.has(agent)).isFalse();
    }

    /** The last takes the place of the one that leaves: the places are the delicate part. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldAgreeWithAPlainSetWhateverComesAndGoes(long seed) {
        Random random = new Random(seed);
        List<RosterAgent> agents = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            agents.add(connected("a" + i, 2));
        }
        Set<RosterAgent> in = new HashSet<>();
        for (int step = 0; step < 3_000; step++) {
            RosterAgent agent = agents.get(random.nextInt(agents.size()));
            change(agent, in, random);

            assertThat(free())
                    .as("seed %d, step %d", seed, step)
                    .containsExactlyInAnyOrderElementsOf(
                            in.stream().filter(RosterAgent::isFree).toList());
            assertThat(pool.size()).isEqualTo(in.size());
        }
    }

    private void change(RosterAgent agent, Set<RosterAgent> in, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> {
                pool.add(agent);
                in.add(agent);
            }
            case 1 -> {
                pool.remove(agent);
                in.remove(agent);
            }
            case 2 -> agent.connected = !agent.connected;
            default -> {
                if (agent.tasks.size() == 2) {
                    agent.tasks.clear();
                } else {
                    agent.tasks.add(Samples.id(agent.tasks.size()));
                }
            }
        }
        if (in.contains(agent)) {
            pool.update(agent);
        }
    }

    private List<RosterAgent> free() {
        List<RosterAgent> free = new ArrayList<>();
        for (int i = 0; i < pool.free(); i++) {
            free.add(pool.free(i));
        }
        return free;
    }
}
