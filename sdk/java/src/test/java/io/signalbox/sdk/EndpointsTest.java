package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointsTest {
    private static final Duration INITIAL = Duration.ofMillis(100);
    private static final Instant NOW = Instant.EPOCH;

    /** Every random wait is as long as it may be. */
    private static final RandomGenerator HIGHEST = new RandomGenerator() {
        @Override
        public long nextLong() {
            return 0;
        }

        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    private static Endpoints of(int nodes, RandomGenerator random) {
        List<URI> all = IntStream.range(0, nodes)
                .mapToObj(node -> URI.create("http://node-" + node))
                .toList();
        return new Endpoints(all, new Backoff(INITIAL, Duration.ofSeconds(10), random), random);
    }

    private static Endpoints of(int nodes) {
        return of(nodes, HIGHEST);
    }

    private static Duration unavailable(Endpoints endpoints, Duration atLeast, Instant now) {
        return endpoints.refused(false, atLeast, now).orElseThrow();
    }

    private static Duration unavailable(Endpoints endpoints) {
        return unavailable(endpoints, Duration.ZERO, NOW);
    }

    @Test
    void shouldBeginWithAnyNodeAndGoOnInAnyOrder() {
        Set<List<URI>> orders = new HashSet<>();
        for (int seed = 0; seed < 100; seed++) {
            Endpoints endpoints = of(3, new Random(seed));
            orders.add(IntStream.range(0, 3)
                    .mapToObj(i -> {
                        URI current = endpoints.current();
                        unavailable(endpoints);
                        return current;
                    })
                    .toList());
        }

        assertThat(orders).hasSize(6);
    }

    @Test
    void shouldTryAllNodesAtOnceBeforeItWaits() {
        Endpoints endpoints = of(3);
        Set<URI> tried = new HashSet<>();

        for (int round = 1; round <= 2; round++) {
            tried.clear();
            tried.add(endpoints.current());
            assertThat(unavailable(endpoints)).isZero();
            tried.add(endpoints.current());
            assertThat(unavailable(endpoints)).isZero();
            tried.add(endpoints.current());
            assertThat(unavailable(endpoints)).isEqualTo(INITIAL.multipliedBy(round));
            assertThat(tried).hasSize(3);
        }
    }

    @Test
    void shouldTryTheNodeAgainThatHeldTheSessionAndThenTheOthersAtOnce() {
        Endpoints endpoints = of(2);
        endpoints.accepted();
        URI first = endpoints.current();

        assertThat(endpoints.lost()).isEqualTo(INITIAL);
        assertThat(endpoints.current()).isEqualTo(first);
        assertThat(unavailable(endpoints)).isZero();
        assertThat(endpoints.current()).isNotEqualTo(first);
    }

    @Test
    void shouldGoToAnotherNodeAfterTheSlotWhenSentAway() {
        Endpoints endpoints = of(2);
        endpoints.accepted();
        URI leaving = endpoints.current();

        assertThat(endpoints.sentAway(Duration.ofSeconds(2), NOW))
                .isEqualTo(Duration.ofSeconds(2).plus(INITIAL));

        assertThat(endpoints.current()).isNotEqualTo(leaving);
    }

    @Test
    void shouldComeAgainAfterTheSlotWhenThereIsNoOtherNode() {
        Endpoints endpoints = of(1);

        assertThat(endpoints.sentAway(Duration.ofSeconds(2), NOW))
                .isEqualTo(Duration.ofSeconds(2).plus(INITIAL));
        assertThat(unavailable(endpoints, Duration.ofSeconds(3), NOW))
                .isEqualTo(Duration.ofSeconds(3).plus(INITIAL.multipliedBy(2)));
    }

    @Test
    void shouldGoToAnotherNodeAtOnceWhenOneIsFullAndComeBackNoSoonerThanItSaid() {
        Endpoints endpoints = of(2);
        URI full = endpoints.current();

        assertThat(unavailable(endpoints, Duration.ofSeconds(5), NOW)).isZero();
        assertThat(endpoints.current()).isNotEqualTo(full);
        assertThat(unavailable(endpoints)).as("the other is free").isEqualTo(INITIAL);
        assertThat(endpoints.current()).isNotEqualTo(full);
        assertThat(unavailable(endpoints, Duration.ZERO, NOW.plusSeconds(1)))
                .as("rather than wait for the slot: it may just be starting again")
                .isEqualTo(INITIAL.multipliedBy(2));
        assertThat(endpoints.current()).isNotEqualTo(full);
        assertThat(unavailable(endpoints, Duration.ZERO, NOW.plusSeconds(5))).isZero();
        assertThat(endpoints.current()).isEqualTo(full);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shouldGiveUpWhenAllRefuseForGoodAndNoSooner(int nodes) {
        Endpoints endpoints = of(nodes);

        for (int i = 1; i < nodes; i++) {
            assertThat(endpoints.refused(true, Duration.ZERO, NOW)).isPresent();
        }
        assertThat(endpoints.refused(true, Duration.ZERO, NOW)).isEmpty();
    }

    @Test
    void shouldGoOnWhenOneRefusesForGoodAndAnotherIsAway() {
        Endpoints endpoints = of(2);

        for (int round = 0; round < 5; round++) {
            assertThat(endpoints.refused(true, Duration.ZERO, NOW)).isPresent();
            assertThat(endpoints.refused(false, Duration.ZERO, NOW)).isPresent();
        }
    }

    @Test
    void shouldForgetRefusalsWhenANodeTakesTheClient() {
        Endpoints endpoints = of(2);
        endpoints.refused(true, Duration.ZERO, NOW);

        endpoints.accepted();

        assertThat(endpoints.refused(true, Duration.ZERO, NOW)).isPresent();
    }

    @Test
    void shouldWaitLongerWithEveryLossUntilAConnectionLasts() {
        Endpoints endpoints = of(2);

        assertThat(endpoints.lost()).isEqualTo(INITIAL);
        endpoints.accepted();
        assertThat(endpoints.lost()).isEqualTo(INITIAL.multipliedBy(2));
        endpoints.lasted();
        assertThat(endpoints.lost()).isEqualTo(INITIAL);
    }
}
