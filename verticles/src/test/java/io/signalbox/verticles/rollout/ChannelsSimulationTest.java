package io.signalbox.verticles.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Cohort;
import io.signalbox.verticles.rollout.Channels.Action;
import io.signalbox.verticles.rollout.Channels.Decider;
import io.signalbox.verticles.rollout.Channels.Outcome;
import io.signalbox.verticles.rollout.Rollout.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** People, and the controllers of two nodes that both believe to be the one, decide about one definition at once. */
@Timeout(120)
class ChannelsSimulationTest {
    private static final int SEEDS = 20_000;
    private static final int STEPS = 60;
    private static final List<String> VERSIONS = List.of("1.0.0", "1.1.0", "2.0.0");

    /** The store: takes a decision over the revision that it was made for, once. */
    private static final class Store {
        Channels channels = new Channels("d", 0, "1.0.0", Optional.empty());
        final TreeMap<Long, Move> moves = new TreeMap<>();

        boolean write(Channels next, Move move) {
            if (channels.revision() != next.revision() - 1) {
                return false;
            }
            channels = next;
            assertThat(moves.put(move.revision(), move)).isNull();
            return true;
        }
    }

    private final Instant now = Instant.EPOCH;

    private void simulate(long seed) {
        Random random = new Random(seed);
        Store store = new Store();
        List<Outcome> wishes = new ArrayList<>();
        Map<Long, State> ends = new HashMap<>();
        for (int step = 0; step < STEPS; step++) {
            if (wishes.isEmpty() || random.nextBoolean()) {
                wishes.add(decide(store.channels, random)); // what is seen now; it is written later
            } else {
                Outcome wish = wishes.remove(random.nextInt(wishes.size()));
                write(store, wish, random.nextInt(3) == 0);
            }
            check(store, ends);
        }
        assertThat(store.moves.keySet())
                .containsExactlyElementsOf(new TreeMap<>(store.moves).keySet())
                .hasSize((int) store.channels.revision());
    }

    private Outcome decide(Channels seen, Random random) {
        // Now and then somebody looks at one state and names the revision of another.
        Decider decider = new Decider(seen.revision() - (random.nextInt(10) == 0 ? 1 : 0), "p", "w");
        long number = seen.rollout().map(Rollout::number).orElse(1L) - (random.nextInt(20) == 0 ? 1 : 0);
        String version = VERSIONS.get(random.nextInt(VERSIONS.size()));
        Action action = Action.values()[random.nextInt(Action.values().length)];
        Outcome outcome = switch (random.nextInt(5)) {
            case 0 -> seen.move(version, decider, now);
            case 1 -> seen.start(version, random.nextInt(7_000), Bounds.DEFAULT, decider, now);
            case 2 -> seen.share(number, random.nextInt(7_000), decider, now);
            default -> seen.change(number, action, decider, now);
        };
        if (outcome instanceof Outcome.Changed) {
            assertThat(decider.expected()).isEqualTo(seen.revision());
        }
        return outcome;
    }

    /** @param twice whoever wrote it does not know whether it was done, and writes it again */
    private static void write(Store store, Outcome wish, boolean twice) {
        if (wish instanceof Outcome.Changed(Channels next, Move move)) {
            store.write(next, move);
            if (twice) {
                assertThat(store.write(next, move)).isFalse();
            }
        }
    }

    private static void check(Store store, Map<Long, State> ends) {
        Channels channels = store.channels;
        channels.rollout().ifPresent(rollout -> {
            State before = ends.get(rollout.number());
            if (before != null) {
                assertThat(rollout.state()).as("an end is final").isEqualTo(before);
            }
            if (!rollout.isUnderWay()) {
                ends.put(rollout.number(), rollout.state());
            }
            assertThat(rollout.share()).isBetween(1, Rollout.MAX_SHARE);
            if (rollout.isUnderWay()) {
                assertThat(channels.stable())
                        .as("the pointer waits for the end")
                        .isEqualTo(rollout.stable());
                assertThat(rollout.canary()).isNotEqualTo(channels.stable());
            }
        });
        for (String agent : List.of("a", "b", "c", "d")) {
            assertThat(versionOf(agent, channels)).isIn(allowed(channels));
        }
    }

    private static String versionOf(String agent, Channels channels) {
        return channels.given()
                .filter(given -> Cohort.has(agent, channels.definition(), given.number(), given.share()))
                .map(Rollout::canary)
                .orElse(channels.stable());
    }

    private static Set<String> allowed(Channels channels) {
        boolean running =
                channels.rollout().map(last -> last.state() == State.RUNNING).orElse(false);
        return running ? Set.of(channels.stable(), channels.canary().orElseThrow()) : Set.of(channels.stable());
    }

    @Test
    void shouldHaveOneAnswerWhoeverDecidesAtOnce() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                simulate(seed);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
