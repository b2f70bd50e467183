package io.signalbox.verticles.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.bus.simulation.Simulation;
import io.signalbox.config.NodeKind;
import io.signalbox.verticles.membership.MembershipStore.ShardRow;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Processes of several nodes, their links and a store, in virtual time. */
final class MembershipWorld {
    static final Duration LEASE = Duration.ofSeconds(3);
    static final List<String> KINDS = List.of("tasks", "timers");
    static final int SHARDS_PER_KIND = 6;
    private static final Duration TICK = Duration.ofMillis(50);
    private static final Duration TIMEOUT = LEASE.dividedBy(3);
    private static final int MOST_TRACED = 400;

    /** Written only when it is read. */
    private record Traced(long at, String node, Object what) {
        @Override
        public String toString() {
            return String.format("%9.3f %s %s", at / 1e9, node, what);
        }
    }

    /** One process of a node. Its clock has an origin and a speed of its own; it keeps going while the process is stopped. */
    final class Process {
        final String node;
        final Membership membership;
        final List<Effect.Reason> stops = new ArrayList<>();
        private final long origin = random.nextLong(1L << 50) - (1L << 49);
        private final double speed = 0.98 + random.nextDouble() * 0.04;
        private final Queue<Function<Long, List<Effect>>> inbox = new ArrayDeque<>();
        boolean crashed;
        boolean hung;
        boolean cutFromStore;

        Process(String node, NodeKind kind, int capacity) {
            this.node = node;
            UUID id = new UUID(random.nextLong(), random.nextLong());
            membership = new Membership(new NodeProfile(node, kind, capacity, node + ":7000", id, id), KINDS, LEASE);
        }

        long clock() {
            return origin + (long) (now() * speed);
        }

        boolean isRunning() {
            return !crashed && !membership.hasEnded();
        }

        boolean worksOn(Shard shard) {
            return isRunning()
                    && membership.mayAct(clock())
                    && membership.epoch(shard).isPresent();
        }

        void input(Function<Long, List<Effect>> input) {
            if (hung) {
                inbox.add(input);
            } else if (!crashed) {
                membershipEffects(input.apply(clock()));
            }
        }

        void tick() {
            if (!crashed && !membership.hasEnded()) {
                if (!hung) {
                    input(membership::tick);
                }
                simulation.after(TICK, this::tick);
            }
        }

        /** What came meanwhile comes before the next tick. */
        void goOn() {
            hung = false;
            while (!inbox.isEmpty()) {
                input(inbox.poll());
            }
        }

        private void membershipEffects(List<Effect> effects) {
            for (Effect effect : effects) {
                if (!(effect instanceof Effect.Renew)) {
                    trace(this, effect);
                }
                switch (effect) {
                    case Effect.StoreCall call -> call(call);
                    case Effect.StopActing stop -> stops.add(stop.reason());
                    case Effect.Act ignored -> checkNoneWorksOnAnothersShards();
                    case Effect.ShardsGained ignored -> checkNoneWorksOnAnothersShards();
                    case Effect.ShardsLeaving leaving ->
                        simulation.after(chance(300), () -> input(at -> membership.stopped(leaving.shards(), at)));
                    case Effect.PeerUp ignored -> {}
                    case Effect.PeerDown ignored -> {}
                    case Effect.PeerDraining ignored -> {}
                    case Effect.ShardsLost ignored -> {}
                }
            }
        }

        private void call(Effect.StoreCall call) {
            switch (call) {
                case Effect.Join join ->
                    ask(() -> store.join(membership.profile(), LEASE, join.last()), membership::joined);
                case Effect.Renew renew ->
                    ask(() -> store.renew(renew.self(), renew.state(), LEASE), membership::renewed);
                case Effect.Fence fence -> ask(() -> store.fence(fence.self(), fence.suspects()), membership::fenced);
                case Effect.ReadShards ignored -> ask(store::readShards, membership::shardsRead);
                case Effect.ClaimShards claim ->
                    ask(() -> store.claimShards(claim.self(), claim.shards()), (done, at) -> membership.done(at));
                case Effect.ReleaseShards release ->
                    ask(() -> store.releaseShards(release.self(), release.shards()), (d, at) -> membership.done(at));
                case Effect.Leave leave -> ask(() -> store.leave(leave.self()), (done, at) -> membership.done(at));
            }
        }

        /** The call may be done late, long after it was given up, and the answer may be lost. */
        private <T> void ask(Call<T> call, Outcome<T> outcome) {
            boolean[] over = {false};
            simulation.after(TIMEOUT, () -> {
                if (!over[0]) {
                    over[0] = true;
                    input(membership::failed);
                }
            });
            simulation.after(storeDelay(), () -> {
                if (storeIsUp && !cutFromStore) {
                    T answer = call.run().result();
                    simulation.after(storeDelay(), () -> {
                        if (!over[0] && !cutFromStore) {
                            over[0] = true;
                            input(at -> outcome.of(answer, at));
                        }
                    });
                }
            });
        }
    }

    private interface Call<T> {
        Future<T> run();
    }

    private interface Outcome<T> {
        List<Effect> of(T answer, long at);
    }

    final Simulation simulation;
    final Random random;
    final List<Process> processes = new ArrayList<>();
    private final ArrayDeque<Traced> traced = new ArrayDeque<>();
    private final Instant begin;
    Duration storeClockOff = Duration.ZERO;
    boolean storeIsUp = true;
    boolean storeIsSlow;
    int refusedWrites;
    final InMemoryMembershipStore store;

    MembershipWorld(long seed) {
        simulation = new Simulation(seed);
        random = simulation.random();
        begin = simulation.now();
        store = new InMemoryMembershipStore(() -> now() + storeClockOff.toNanos());
        KINDS.forEach(kind -> store.addShards(kind, SHARDS_PER_KIND));
    }

    /** In nanoseconds. */
    private long now() {
        return Duration.between(begin, simulation.now()).toNanos();
    }

    static List<Shard> shards() {
        List<Shard> shards = new ArrayList<>();
        for (String kind : KINDS) {
            for (int i = 0; i < SHARDS_PER_KIND; i++) {
                shards.add(new Shard(kind, i));
            }
        }
        return shards;
    }

    private Duration chance(int millis) {
        return simulation.upTo(Duration.ofMillis(millis));
    }

    private Duration storeDelay() {
        return storeIsSlow && random.nextInt(4) == 0 ? chance(4_000) : chance(15);
    }

    Process launch(String node, NodeKind kind, int capacity) {
        Process process = new Process(node, kind, capacity);
        processes.add(process);
        trace(process, "starts");
        process.input(process.membership::start);
        simulation.after(chance(50), process::tick);
        simulation.after(chance(500), () -> process.input(process.membership::ready));
        simulation.after(Duration.ofMillis(100).plus(chance(200)), () -> link(process, true));
        return process;
    }

    void crash(Process process) {
        trace(process, "crashes");
        process.crashed = true;
        link(process, false);
    }

    /** Both ends see it. */
    private void link(Process process, boolean open) {
        for (Process other : processes) {
            if (other != process && other.isRunning() && !other.node.equals(process.node)) {
                hint(other, process.node, open);
                hint(process, other.node, open);
            }
        }
    }

    void hint(Process process, String peer, boolean open) {
        simulation.after(
                chance(50),
                () -> process.input(at ->
                        open ? process.membership.peerOpened(peer, at) : process.membership.peerClosed(peer, at)));
    }

    /** Decided now, and under way for a while. */
    void write(Process process, Shard shard) {
        if (process.worksOn(shard)) {
            int epoch = process.membership.epoch(shard).getAsInt();
            simulation.after(chance(5_000), () -> refusedWrites += store.accepts(shard, epoch) ? 0 : 1);
        }
    }

    List<Process> running() {
        return processes.stream().filter(Process::isRunning).toList();
    }

    private void checkNoneWorksOnAnothersShards() {
        for (Shard shard : shards()) {
            List<String> workers = processes.stream()
                    .filter(process -> process.worksOn(shard))
                    .map(process -> process.node)
                    .toList();
            assertThat(workers).as("at work on %s", shard).hasSizeLessThan(2);
        }
    }

    /** Everybody acts, knows everybody else, and has the shards that are meant for it. */
    void checkAllIsWell() {
        List<Process> running = running();
        ShardMap map = new ShardMap(running.stream()
                .map(process -> process.membership.profile())
                .filter(profile -> profile.kind() != NodeKind.EDGE)
                .map(profile -> new ShardMap.Candidate(profile.id(), profile.capacity()))
                .toList());
        for (Process process : running) {
            assertThat(process.membership.mayAct(process.clock()))
                    .as("%s acts", process.node)
                    .isTrue();
            assertThat(process.membership.members())
                    .as("seen by %s", process.node)
                    .hasSameSizeAs(running)
                    .allMatch(member -> member.state() == State.LIVE)
                    .allMatch(member ->
                            running.stream().anyMatch(peer -> peer.membership.incarnation() == member.incarnation()));
            for (ShardRow row : process.membership.shards()) {
                assertThat(Optional.of(row.owner()))
                        .as("owner of %s", row.shard())
                        .isEqualTo(map.owner(row.shard()));
            }
            Set<Shard> own = Set.copyOf(shards().stream()
                    .filter(shard -> map.owner(shard).equals(Optional.of(process.node)))
                    .toList());
            assertThat(shards().stream().filter(process::worksOn))
                    .as("%s works on", process.node)
                    .containsExactlyInAnyOrderElementsOf(own);
        }
    }

    void trace(Process process, Object what) {
        if (traced.size() == MOST_TRACED) {
            traced.poll();
        }
        traced.add(new Traced(now(), process.node, what));
    }

    String trace() {
        return traced.stream().map(Traced::toString).collect(Collectors.joining("\n"));
    }
}
