package io.signalbox.verticles.locking;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.proto.LockMode;
import io.signalbox.verticles.locking.LockStore.Claim;
import io.signalbox.verticles.locking.LockStore.Event;
import io.signalbox.verticles.locking.LockStore.Renewal;
import io.signalbox.verticles.locking.LockStore.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What must be true of the rules, in thousands of histories of their model; that Redis keeps to the same rules, {@link
 * LockFunctionsModelTest} shows.
 */
class LockRulesSimulationTest {
    private static final int SEEDS = 10_000;
    private static final int OPERATIONS = 150;
    private static final String LOCK = "a";
    private static final Duration AGEING = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofSeconds(100);

    @Test
    void shouldNeverLetTwoHoldWhatIsForOneNorWaitForWhatIsFree() {
        for (int seed = 1; seed <= SEEDS; seed++) {
            try {
                new History(seed).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static final class History {
        final Random random;
        final LockModel model = new LockModel(AGEING, 5, 10);

        /** As the agents know it from answers and events. */
        final Map<Owner, Claim> holding = new HashMap<>();

        final Map<Owner, Claim> waiting = new HashMap<>();
        final Map<Owner, Long> asked = new HashMap<>();
        final TreeSet<Long> tokens = new TreeSet<>();
        long greatestBefore;
        long micros = 1_000_000_000;

        History(long seed) {
            random = new Random(seed);
        }

        void run() {
            for (int i = 0; i < OPERATIONS; i++) {
                micros += random.nextInt(20_000);
                greatestBefore = tokens.isEmpty() ? 0 : tokens.last();
                step(new Owner("a" + random.nextInt(8), ""));
                check();
            }
            // Nobody hears of anybody any more: all is over in the end.
            micros += LONG.toMillis() * 3000;
            for (int i = 0; i < 10; i++) {
                note(model.sweep(micros));
                micros += LONG.toMillis() * 1000;
            }
            assertThat(model.isEmpty()).isTrue();
        }

        private void step(Owner owner) {
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> acquire(owner);
                case 3 -> {
                    LockModel.Outcome outcome = model.release(LOCK, owner, 0, micros);
                    holding.remove(owner);
                    waiting.remove(owner);
                    note(outcome.events());
                }
                case 4 ->
                    note(model.renew(new Renewal(LOCK, owner, 0, lease(), 1), micros)
                            .events());
                default -> note(model.sweep(micros));
            }
        }

        private Duration lease() {
            return random.nextInt(4) == 0 ? Duration.ofMillis(30) : LONG;
        }

        private void acquire(Owner owner) {
            LockMode mode = LockMode.forNumber(random.nextInt(3));
            int limit = mode == LockMode.LOCK_MODE_EXCLUSIVE ? 1 : mode == LockMode.LOCK_MODE_PERMIT ? 2 : 100;
            Duration patience = random.nextBoolean() ? LONG : Duration.ZERO;
            boolean preempt = random.nextInt(5) == 0;
            Claim claim = new Claim(LOCK, owner, mode, limit, random.nextInt(10), lease(), patience, preempt, 1);
            LockModel.Outcome outcome = model.acquire(claim, micros);
            if (outcome.standing().status() == Status.NONE) {
                waiting.remove(owner); // it does not want to wait any more, and others go on
            }
            note(outcome.events());
            if (outcome.standing().status() == Status.HELD && !holding.containsKey(owner)) {
                grant(
                        owner,
                        waiting.getOrDefault(owner, claim),
                        outcome.standing().token());
            } else if (outcome.standing().status() == Status.WAITING && !waiting.containsKey(owner)) {
                waiting.put(owner, claim);
                asked.put(owner, micros);
            }
        }

        private void note(List<Event> events) {
            for (Event event : events) {
                switch (event.kind()) {
                    case GRANTED -> grant(event.owner(), waiting.get(event.owner()), event.token());
                    case REVOKED, LAPSED -> holding.remove(event.owner());
                    case GAVE_UP -> waiting.remove(event.owner());
                }
            }
        }

        private void grant(Owner owner, Claim claim, long token) {
            assertThat(token).as("a token after those of earlier operations").isGreaterThan(greatestBefore);
            assertThat(tokens.add(token)).as("token %s is new", token).isTrue();
            if (waiting.remove(owner) != null) {
                checkNobodyWasPassedOver(claim, asked.get(owner));
            }
            holding.put(owner, claim);
        }

        /** Who waits has been asked for later, but for a head start for each step of priority. */
        private void checkNobodyWasPassedOver(Claim granted, long since) {
            waiting.forEach((owner, other) -> assertThat(since - granted.priority() * AGEING.toMillis() * 1000)
                    .as("%s came before %s", granted, other)
                    .isLessThanOrEqualTo(asked.get(owner) - other.priority() * AGEING.toMillis() * 1000 + 1));
        }

        private void check() {
            assertThat(model.tokens(LOCK)).hasSameSizeAs(holding.keySet());
            assertThat(model.waiting(LOCK)).isEqualTo(waiting.size());
            assertThat(holding.values().stream().map(Claim::mode).distinct().count())
                    .isLessThanOrEqualTo(1);
            holding.values().stream()
                    .mapToInt(Claim::limit)
                    .min()
                    .ifPresent(limit -> assertThat(holding).hasSizeLessThanOrEqualTo(limit));
            assertThat(holding.isEmpty() && !waiting.isEmpty())
                    .as("free, and somebody waits")
                    .isFalse();
        }
    }
}
