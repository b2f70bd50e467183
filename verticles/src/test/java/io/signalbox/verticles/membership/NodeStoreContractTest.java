package io.signalbox.verticles.membership;

import static io.signalbox.verticles.PortCalls.assertAnswersOnTheCallersContext;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.postgres.StoreException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every {@link NodeStore} keeps to. */
abstract class NodeStoreContractTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    abstract NodeStore store();

    /** One that cannot reach its server. */
    abstract NodeStore away();

    abstract Vertx vertx();

    private Future<Integer> claim(String id) {
        return store().claim(id, "primary", 100, NOW);
    }

    @Test
    void shouldGiveEveryStartOfAnyNodeAGreaterIncarnation() {
        int first = get(claim("n1"));
        int other = get(claim("n2"));
        int again = get(claim("n1"));

        assertThat(first).isPositive();
        assertThat(other).isGreaterThan(first);
        assertThat(again).isGreaterThan(other);
    }

    @Test
    void shouldGiveDifferentOnesToStartsAtTheSameTime() {
        List<Future<Integer>> claims = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            claims.add(claim("together-" + i % 3));
        }

        int last = get(claim("afterwards"));

        List<Integer> incarnations =
                claims.stream().map(claim -> (Integer) get(claim)).toList();
        assertThat(incarnations).doesNotHaveDuplicates().hasSize(50);
        assertThat(get(claim("together-0"))).isGreaterThan(last);
    }

    @Test
    void shouldNotGoBackWithTheClock() {
        int first = get(store().claim("clock", "primary", 100, NOW));

        int second = get(store().claim("clock", "primary", 100, NOW.minusSeconds(1_000_000)));

        assertThat(second).isGreaterThan(first);
    }

    @ParameterizedTest
    @CsvSource({"'', '', 0", "'n\u0153ud-\ud83d\ude80 ''x''', secondary, 2147483647", "e, edge, -1"})
    void shouldTakeAnyNameAndCapacity(String id, String kind, int capacity) {
        int first = get(store().claim(id, kind, capacity, NOW));

        assertThat(get(store().claim(id, kind, capacity, Instant.EPOCH))).isGreaterThan(first);
    }

    @Test
    void shouldFailWithAStoreExceptionWhenTheServerIsAway() {
        assertThat(failure(away().claim("n1", "primary", 100, NOW)))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE));
    }

    @Test
    void shouldAnswerOnTheCallersContext() {
        assertAnswersOnTheCallersContext(vertx(), () -> claim("context"));
    }
}
