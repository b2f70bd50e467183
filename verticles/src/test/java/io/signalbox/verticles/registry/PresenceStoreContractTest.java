package io.signalbox.verticles.registry;

import static io.signalbox.verticles.PortCalls.assertAnswersOnTheCallersContext;
import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.registry.PresenceStore.Entry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link PresenceStore} keeps to. */
@Timeout(60)
abstract class PresenceStoreContractTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    /** An empty one. */
    abstract PresenceStore store(Duration timeToLive);

    /** One that cannot reach its server. */
    abstract PresenceStore away();

    abstract Vertx vertx();

    private static Entry entry(String agent, long generation) {
        return new Entry(agent, generation, "n1", "connected");
    }

    @Test
    void shouldFindWhatWasPutAndNothingElse() {
        PresenceStore store = store(LONG);
        Entry suspended = new Entry("b", Long.MAX_VALUE, "n 2", "suspended");

        get(store.put(List.of(entry("a", 1), suspended)));

        assertThat(get(store.find("a"))).contains(entry("a", 1));
        assertThat(get(store.find("b"))).contains(suspended);
        assertThat(get(store.find("A"))).as("upper case is another agent").isEmpty();
        assertThat(get(store.find(""))).isEmpty();
    }

    @Test
    void shouldKeepTheLastOfEachAgentInTheOrderOfTheCalls() {
        PresenceStore store = store(LONG);

        get(store.put(List.of(entry("a", 1), entry("a", 3), entry("b", 9))));
        get(store.put(List.of(entry("b", 2))));

        assertThat(get(store.find("a"))).contains(entry("a", 3));
        assertThat(get(store.find("b"))).contains(entry("b", 2));
    }

    @Test
    void shouldDoOneCallersWritesInTheirOrderWithoutWaitingForEach() {
        PresenceStore store = store(LONG);
        List<Future<Void>> writes = new ArrayList<>();

        for (int i = 1; i <= 50; i++) {
            writes.add(store.put(List.of(entry("a", i), entry("b", i))));
            writes.add(store.remove(List.of("b")));
        }
        writes.forEach(write -> get(write));

        assertThat(get(store.find("a"))).contains(entry("a", 50));
        assertThat(get(store.find("b"))).isEmpty();
    }

    @Test
    void shouldForgetWhatIsRemovedAndDoItAgainWithoutHarm() {
        PresenceStore store = store(LONG);
        get(store.put(List.of(entry("a", 1), entry("b", 1))));

        get(store.remove(List.of("a", "never", "a")));
        get(store.remove(List.of("a")));

        assertThat(get(store.find("a"))).isEmpty();
        assertThat(get(store.find("b"))).contains(entry("b", 1));
    }

    @Test
    void shouldDoNothingWithNothing() {
        PresenceStore store = store(LONG);

        get(store.put(List.of()));
        get(store.remove(List.of()));

        assertThat(get(store.find("a"))).isEmpty();
    }

    @Test
    void shouldForgetWhatIsNotRefreshed() {
        PresenceStore store = store(Duration.ofMillis(100));
        get(store.put(List.of(entry("a", 1))));

        await(() -> get(store.find("a")).isEmpty());
    }

    @Test
    void shouldKeepWhatIsRefreshedWhileTheRestGoes() {
        PresenceStore store = store(Duration.ofSeconds(1));
        get(store.put(List.of(entry("refreshed", 1), entry("left", 1))));

        await(() -> {
            get(store.put(List.of(entry("refreshed", 2))));
            return get(store.find("left")).isEmpty();
        });

        assertThat(get(store.find("refreshed"))).contains(entry("refreshed", 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "b} {\r\nDEL x",
                "%62",
                "nul \0 nul",
                "\u00e9t\u00e9 \ud83d\ude80 \u4eba\u5de5",
                "agent@host-1._",
                "* ? [a-z]"
            })
    void shouldTakeAnyTextAsAgentAndNode(String text) {
        PresenceStore store = store(LONG);
        Entry odd = new Entry(text, Long.MIN_VALUE, text, "suspended");

        get(store.put(List.of(odd, entry("other", 1))));

        assertThat(get(store.find(text))).contains(odd);
        get(store.remove(List.of(text)));
        assertThat(get(store.find(text))).isEmpty();
        assertThat(get(store.find("other"))).contains(entry("other", 1));
    }

    /** An id that looks like the escaped form of another one is still itself. */
    @Test
    void shouldNotMixUpTwoAgents() {
        PresenceStore store = store(LONG);
        List<String> alike = List.of("b ", "%6220", "6220", "b%20", "b", "{b}", "b}");

        get(store.put(IntStream.range(0, alike.size())
                .mapToObj(i -> entry(alike.get(i), i))
                .toList()));

        for (int i = 0; i < alike.size(); i++) {
            assertThat(get(store.find(alike.get(i)))).contains(entry(alike.get(i), i));
        }
    }

    @Test
    void shouldTakeTwoCallersWithAThousandAgentsEach() {
        PresenceStore store = store(LONG);
        List<Entry> one =
                IntStream.range(0, 1_000).mapToObj(i -> entry("one-" + i, i)).toList();
        List<Entry> other =
                IntStream.range(0, 1_000).mapToObj(i -> entry("other-" + i, i)).toList();

        Future<Void> first = store.put(one);
        Future<Void> second = store.put(other);
        get(first);
        get(second);

        for (int i : new int[] {0, 1, 999}) {
            assertThat(get(store.find("one-" + i))).contains(one.get(i));
            assertThat(get(store.find("other-" + i))).contains(other.get(i));
        }
    }

    @Test
    void shouldFailEveryCallWhenTheServerIsAway() {
        PresenceStore away = away();

        assertThat(failure(away.put(List.of(entry("a", 1))))).isNotNull();
        assertThat(failure(away.remove(List.of("a")))).isNotNull();
        assertThat(failure(away.find("a"))).isNotNull();
    }

    @Test
    void shouldFailAfterItWasClosedAndCloseTwiceWithoutHarm() {
        PresenceStore store = store(LONG);
        get(store.put(List.of(entry("a", 1))));

        get(store.close());
        get(store.close());

        assertThat(failure(store.put(List.of(entry("a", 2))))).isNotNull();
    }

    @Test
    void shouldAnswerOnTheCallersContext() {
        PresenceStore store = store(LONG);

        assertAnswersOnTheCallersContext(vertx(), () -> store.put(List.of(entry("a", 1))));
        assertAnswersOnTheCallersContext(vertx(), () -> store.find("a"));
        assertAnswersOnTheCallersContext(vertx(), () -> store.remove(List.of("a")));
    }
}
