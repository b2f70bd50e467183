package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.proto.LockAnswer;
import io.signalbox.codecs.proto.LockClaim;
import io.signalbox.sdk.LeaseBook.Effect;
import io.signalbox.sdk.LeaseBook.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Agents that take a lock from one another while messages are late and lost, agents stand still, and their clocks do not run alike. In
 * half of the histories holders are preempted, too.
 */
class LeaseSimulationTest {
    private static final int SEEDS = 10_000;
    private static final long MILLI = 1_000_000;

    /** Faults end then. */
    private static final long CALM = 20_000 * MILLI;

    private static final long END = 40_000 * MILLI;

    private record Happening(long at, long number, Runnable what) implements Comparable<Happening> {
        @Override
        public int compareTo(Happening other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
        }
    }

    private record Counts(int taken, int lost, int refusedWrites) {
        Counts plus(Counts other) {
            return new Counts(taken + other.taken, lost + other.lost, refusedWrites + other.refusedWrites);
        }
    }

    @Test
    void shouldBelieveInNoLeaseThatIsOver() {
        Counts sum = new Counts(0, 0, 0);
        for (int seed = 1; seed <= SEEDS; seed++) {
            try {
                sum = sum.plus(new World(seed).run());
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }

        // Else the histories do not contain what they are for.
        assertThat(sum.taken()).isGreaterThan(20 * SEEDS);
        assertThat(sum.lost()).isGreaterThan(SEEDS);
        assertThat(sum.refusedWrites()).isGreaterThan(SEEDS / 10);
    }

    private static final class World {
        final Random random;
        final boolean preempting;
        final PriorityQueue<Happening> agenda = new PriorityQueue<>();
        final List<Client> clients = new ArrayList<>();
        final SimulatedLocks service = new SimulatedLocks(this::notice);
        long now;
        long happenings;
        long seenByResource;
        int taken;
        int lost;
        int refusedWrites;

        World(long seed) {
            random = new Random(seed);
            preempting = seed % 2 == 0;
            for (int i = 0; i < 3; i++) {
                clients.add(new Client(this, i));
            }
        }

        void at(long when, Runnable what) {
            agenda.add(new Happening(Math.max(now, when), happenings++, what));
        }

        /** Late, or never. */
        void send(Runnable arrival) {
            if (now > CALM || random.nextInt(20) > 0) {
                at(now + delay(), arrival);
            }
        }

        private long delay() {
            boolean slow = now < CALM && random.nextInt(12) == 0;
            return (1 + random.nextInt(slow ? 3000 : 20)) * MILLI;
        }

        private void notice(String type, LockAnswer content) {
            clients.stream()
                    .filter(client -> content.getHolder().startsWith(client.name))
                    .forEach(client -> send(() -> client.act(book -> book.noticed(type, content, client.clock()))));
        }

        Counts run() {
            clients.forEach(client -> at(random.nextInt(100) * MILLI, client::begin));
            for (long t = 0; t < END; t += 50 * MILLI) {
                at(t, () -> service.expire(now / MILLI));
            }
            for (long t = 0; preempting && t < CALM; t += 1500 * MILLI) {
                at(t, () -> service.preempt(now / MILLI));
            }
            while (!agenda.isEmpty() && agenda.peek().at() < END) {
                Happening next = agenda.poll();
                now = next.at();
                next.what().run();
            }
            assertThat(clients)
                    .as("clients that took the lock once all was calm")
                    .allMatch(client -> client.lastTaken > CALM);
            return new Counts(taken, lost, refusedWrites);
        }

        /** A resource that checks tokens. */
        void write(long token) {
            if (token < seenByResource) {
                refusedWrites++;
            }
            seenByResource = Math.max(seenByResource, token);
        }
    }

    private interface Step {
        List<Effect> on(LeaseBook book);
    }

    private static final class Client {
        final World world;
        final String name;
        final LeaseBook book = new LeaseBook();
        final double rate;
        final long offset;
        Optional<Key> key = Optional.empty();
        long token;
        long claims;
        long stillUntil;
        long lastTaken;

        Client(World world, int number) {
            this.world = world;
            this.name = "client" + number + "#";
            this.rate = 0.98 + world.random.nextInt(40) / 1000.0;
            this.offset = world.random.nextInt(1_000_000) * MILLI;
        }

        /** Of this machine; 2 % too fast or too slow. */
        long clock() {
            return offset + (long) (world.now * rate);
        }

        /** Once it does not stand still any more; leases that are over are noticed first, as by the keeper's thread. */
        void act(Step step) {
            if (world.now < stillUntil) {
                world.at(stillUntil, () -> act(step));
                return;
            }
            perform(book.tick(clock()));
            perform(step.on(book));
            checkBelief();
            if (world.now < CALM && world.random.nextInt(60) == 0) {
                stillUntil = world.now + world.random.nextInt(4000) * MILLI;
            }
            book.nextTick()
                    .ifPresent(next -> world.at((long) ((next - offset) / rate) + 1, () -> act(ignored -> List.of())));
        }

        /** What it believes is true, unless somebody took it by force. */
        private void checkBelief() {
            if (token != 0 && !world.preempting) {
                assertThat(world.service.isHeldBy(key.orElseThrow(), token))
                        .as("%s holds under token %s at %s ms", name, token, world.now / MILLI)
                        .isTrue();
            }
            if (token != 0) {
                long its = token;
                world.send(() -> world.write(its));
            }
        }

        void begin() {
            act(ignored -> {
                Key fresh = new Key("lock", name + ++claims);
                key = Optional.of(fresh);
                book.ask(fresh, world.random.nextBoolean() ? 0 : 1000 * MILLI);
                long sentAt = clock();
                world.send(() -> {
                    LockAnswer answer = world.service.acquire(fresh, world.now / MILLI);
                    world.send(() -> act(book -> book.asked(fresh, answer, sentAt, clock())));
                });
                world.at(world.now + 6000 * MILLI, () -> act(unused -> giveUp(fresh)));
                return List.of();
            });
        }

        private List<Effect> giveUp(Key asked) {
            if (key.equals(Optional.of(asked)) && token == 0) {
                leave(asked);
            }
            return List.of();
        }

        private void leave(Key left) {
            token = 0;
            key = Optional.empty();
            book.forget(left);
            release(left);
            world.at(world.now + world.random.nextInt(300) * MILLI, this::begin);
        }

        private void release(Key released) {
            world.send(() -> world.service.release(released, world.now / MILLI));
        }

        private void perform(List<Effect> effects) {
            effects.forEach(effect -> {
                switch (effect) {
                    case Effect.Renew renew -> renew(renew.claims());
                    case Effect.Held held -> hold(held);
                    case Effect.Lost over -> {
                        world.lost++;
                        leave(over.key());
                    }
                    case Effect.Gone over -> leave(over.key());
                    case Effect.GiveBack unwanted -> release(unwanted.key());
                }
            });
        }

        private void hold(Effect.Held held) {
            token = held.token();
            lastTaken = world.now;
            world.taken++;
            world.at(
                    world.now + world.random.nextInt(1500) * MILLI,
                    () -> act(ignored -> {
                        if (key.equals(Optional.of(held.key()))) {
                            leave(held.key());
                        }
                        return List.of();
                    }));
        }

        private void renew(List<LockClaim> questions) {
            long sentAt = clock();
            boolean[] answered = new boolean[1];
            world.send(() -> {
                List<LockAnswer> answers = questions.stream()
                        .map(question -> world.service.renew(question, world.now / MILLI))
                        .toList();
                world.send(() -> act(book -> {
                    answered[0] = true;
                    return book.renewed(answers, sentAt, clock());
                }));
            });
            world.at(
                    world.now + 2000 * MILLI,
                    () -> act(book -> {
                        if (!answered[0]) {
                            book.failed(questions, clock());
                        }
                        return List.of();
                    }));
        }
    }
}
