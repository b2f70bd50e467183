package io.signalbox.verticles.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.simulation.Seeds;
import io.signalbox.config.NodeKind;
import io.signalbox.verticles.membership.MembershipWorld.Process;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** After each event that could break it the world checks that no two processes work on one shard. */
class MembershipSimulationTest {
    private static final int SEEDS = 300;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration NOT_LONG = Duration.ofSeconds(5);

    private static void inWorlds(Consumer<MembershipWorld> simulation) {
        Seeds.forEach(SEEDS, seed -> {
            MembershipWorld world = new MembershipWorld(seed);
            try {
                simulation.accept(world);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(e.getMessage() + "\n" + world.trace(), e);
            }
        });
    }

    /** Two to five nodes that have found each other. */
    private static List<Process> settled(MembershipWorld world) {
        int nodes = 2 + world.random.nextInt(4);
        for (int i = 0; i < nodes; i++) {
            launch(world, i);
        }
        world.simulation.runFor(Duration.ofSeconds(6).plus(world.simulation.upTo(SOON)));
        world.checkAllIsWell();
        return world.running();
    }

    private static Process launch(MembershipWorld world, int number) {
        NodeKind kind = number == 4 ? NodeKind.EDGE : NodeKind.PRIMARY;
        return world.launch("node-" + number, kind, 7_500 + 5_000 * number);
    }

    private static Process any(MembershipWorld world, List<Process> processes) {
        return processes.get(world.random.nextInt(processes.size()));
    }

    private static void assertNoticed(MembershipWorld world, Process dead) {
        for (Process peer : world.running()) {
            if (peer != dead) {
                assertThat(peer.membership.members())
                        .as("seen by %s", peer.node)
                        .noneMatch(member -> member.id().equals(dead.node));
            }
        }
    }

    private static void assertTakenOver(MembershipWorld world, Process dead) {
        for (Process peer : world.running()) {
            if (peer != dead) {
                assertThat(peer.membership.shards())
                        .as("seen by %s", peer.node)
                        .noneMatch(row -> row.owner().equals(dead.node));
            }
        }
    }

    @Test
    void shouldNoticeAKilledNodeWithinASecondAndTakeOverWithinFive() {
        inWorlds(world -> {
            List<Process> all = settled(world);
            Process dead = any(world, all);
            world.crash(dead);

            world.simulation.runFor(SOON);
            assertNoticed(world, dead);
            world.simulation.runFor(NOT_LONG.minus(SOON));
            assertTakenOver(world, dead);
        });
    }

    @Test
    void shouldNoticeAHungNodeWithinFiveSecondsAndTakeItBackWhenItGoesOn() {
        inWorlds(world -> {
            Process hung = any(world, settled(world));
            hung.hung = true;

            world.simulation.runFor(NOT_LONG);
            assertNoticed(world, hung);
            world.simulation.runFor(Duration.ofSeconds(1));
            assertTakenOver(world, hung);

            hung.goOn();
            world.simulation.runFor(NOT_LONG);
            world.checkAllIsWell();
            assertThat(hung.stops).endsWith(Effect.Reason.FENCED);
        });
    }

    @Test
    void shouldStopAndSayWhyWhenANodeIsCutOff() {
        inWorlds(world -> {
            List<Process> all = settled(world);
            Process cut = any(world, all);
            boolean alsoFromPeers = world.random.nextBoolean();
            cut.cutFromStore = true;
            if (alsoFromPeers) {
                all.forEach(peer -> world.hint(cut, peer.node, false));
            }

            world.simulation.runFor(NOT_LONG);
            assertThat(cut.membership.mayAct(cut.clock())).isFalse();
            assertThat(cut.stops).endsWith(alsoFromPeers ? Effect.Reason.CUT_OFF : Effect.Reason.STORE_AWAY);
            assertNoticed(world, cut);

            cut.cutFromStore = false;
            all.forEach(peer -> world.hint(cut, peer.node, true));
            world.simulation.runFor(NOT_LONG);
            world.checkAllIsWell();
        });
    }

    @Test
    void shouldGoOnAsBeforeWhenTheStoreWasAwayForEverybody() {
        inWorlds(world -> {
            List<Process> all = settled(world);
            List<Integer> incarnations = incarnations(all);
            world.storeIsUp = false;
            world.simulation.runFor(Duration.ofSeconds(4 + world.random.nextInt(20)));
            assertThat(all).noneMatch(process -> process.membership.mayAct(process.clock()));

            world.storeIsUp = true;
            world.simulation.runFor(Duration.ofSeconds(2));

            world.checkAllIsWell();
            assertThat(incarnations(all)).isEqualTo(incarnations);
        });
    }

    private static List<Integer> incarnations(List<Process> processes) {
        return processes.stream()
                .map(process -> process.membership.incarnation())
                .toList();
    }

    @Test
    void shouldLeaveALiveNodeAloneWhenItsLinksFlap() {
        inWorlds(world -> {
            List<Process> all = settled(world);
            List<Integer> incarnations = incarnations(all);
            for (int i = 0; i < 40; i++) {
                world.hint(any(world, all), any(world, all).node, world.random.nextBoolean());
                world.simulation.runFor(Duration.ofMillis(300));
            }

            world.checkAllIsWell();
            assertThat(incarnations(all)).isEqualTo(incarnations);
        });
    }

    @Test
    void shouldNotMindTheStoresClockBeingSet() {
        inWorlds(world -> {
            List<Process> all = settled(world);
            List<Integer> incarnations = incarnations(all);
            world.storeClockOff = Duration.ofHours(world.random.nextBoolean() ? 1 : -1);
            world.simulation.runFor(NOT_LONG);
            assertThat(incarnations(all)).isEqualTo(incarnations);

            Process hung = any(world, all);
            hung.hung = true;
            world.simulation.runFor(NOT_LONG);
            assertNoticed(world, hung);
        });
    }

    @Test
    void shouldNoticeWhoHungWhenTheStoresClockIsSetBack() {
        inWorlds(world -> {
            Process hung = any(world, settled(world));
            hung.hung = true;
            world.storeClockOff = Duration.ofHours(-1);

            world.simulation.runFor(NOT_LONG);
            assertNoticed(world, hung);
            world.simulation.runFor(SOON);
            assertTakenOver(world, hung);
        });
    }

    @Test
    void shouldEndTheOlderOfTwoProcessesWithOneId() {
        inWorlds(world -> {
            Process older = any(world, settled(world));
            Process newer = world.launch(
                    older.node,
                    older.membership.profile().kind(),
                    older.membership.profile().capacity());

            world.simulation.runFor(SOON);
            assertThat(older.stops).endsWith(Effect.Reason.SUPERSEDED);
            world.simulation.runFor(NOT_LONG);
            assertThat(world.running()).contains(newer).doesNotContain(older);
            world.checkAllIsWell();
        });
    }

    @Test
    void shouldHandAllShardsOverWhenANodeIsDrained() {
        inWorlds(world -> {
            Process gone = any(world, settled(world));
            gone.input(gone.membership::drain);
            world.simulation.runFor(Duration.ofSeconds(2));
            assertThat(gone.membership.hasNoShards()).isTrue();

            gone.input(gone.membership::leave);
            world.simulation.runFor(SOON);

            assertThat(gone.membership.hasEnded()).isTrue();
            assertThat(gone.stops).containsExactly(Effect.Reason.LEFT);
            world.checkAllIsWell();
        });
    }

    /** Whatever happens for a minute: when it is over, all is well again. */
    @Test
    void shouldComeToRestWhateverHappens() {
        int[] refused = {0};
        inWorlds(world -> {
            settled(world);
            for (int i = 0; i < 40; i++) {
                Faults.one(world);
                world.simulation.runFor(Duration.ofMillis(world.random.nextInt(3_000)));
            }
            Faults.heal(world);
            world.simulation.runFor(Duration.ofSeconds(15));
            world.checkAllIsWell();
            refused[0] += world.refusedWrites;
        });
        assertThat(refused[0]).as("writes refused by epoch").isPositive();
    }

    /** What befalls a world. */
    private static final class Faults {
        private static void one(MembershipWorld world) {
            Random random = world.random;
            List<Process> running = world.running();
            world.processes.forEach(process -> MembershipWorld.shards().forEach(shard -> world.write(process, shard)));
            if (running.isEmpty()) {
                launch(world, 0);
                return;
            }
            Process one = any(world, running);
            world.trace(one, "is picked for a fault");
            switch (random.nextInt(10)) {
                case 0 -> world.crash(one);
                case 1 -> hang(world, one);
                case 2 -> one.cutFromStore = !one.cutFromStore;
                case 3 -> world.storeIsUp = random.nextInt(3) > 0;
                case 4 -> world.storeIsSlow = random.nextBoolean();
                case 5, 6 -> startAMissing(world);
                case 7 -> world.hint(one, any(world, running).node, random.nextBoolean());
                case 8 -> leave(world, one);
                default -> launch(world, Integer.parseInt(one.node.substring(5)));
            }
        }

        private static void hang(MembershipWorld world, Process one) {
            one.hung = true;
            world.simulation.after(world.simulation.upTo(Duration.ofSeconds(12)), one::goOn);
        }

        private static void leave(MembershipWorld world, Process one) {
            one.input(one.membership::drain);
            world.simulation.after(
                    world.simulation.upTo(Duration.ofSeconds(3)), () -> one.input(one.membership::leave));
        }

        private static boolean startAMissing(MembershipWorld world) {
            for (int i = 0; i < 5; i++) {
                String node = "node-" + i;
                if (world.running().stream().noneMatch(process -> process.node.equals(node))) {
                    launch(world, i);
                    return true;
                }
            }
            return false;
        }

        private static void heal(MembershipWorld world) {
            world.storeIsUp = true;
            world.storeIsSlow = false;
            world.processes.forEach(process -> process.cutFromStore = false);
            world.processes.stream().filter(process -> process.hung).forEach(Process::goOn);
            // who was superseded learns it, who is leaving goes
            world.simulation.runFor(Duration.ofSeconds(5));
            while (startAMissing(world)) {
                world.simulation.runFor(Duration.ofMillis(1));
            }
        }
    }
}
