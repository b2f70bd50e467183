package io.signalbox.verticles.registry;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.internal.Presence;
import io.signalbox.verticles.registry.PresenceStore.Entry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PresenceWriterTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Duration LONG = Duration.ofHours(1);

    /** Counts, holds answers back and is away, as the test says. */
    private static final class ScriptedPresenceStore implements PresenceStore {
        private final InMemoryPresenceStore kept = new InMemoryPresenceStore(LONG);
        private final List<List<Entry>> puts = new CopyOnWriteArrayList<>();
        private volatile boolean away;
        private volatile Future<Void> gate = Future.succeededFuture();

        @Override
        public Future<Void> put(List<Entry> entries) {
            puts.add(List.copyOf(entries));
            return gate.compose(open -> away ? Future.failedFuture("away") : kept.put(entries));
        }

        @Override
        public Future<Void> remove(List<String> agents) {
            return away ? Future.failedFuture("away") : kept.remove(agents);
        }

        @Override
        public Future<Optional<Entry>> find(String agent) {
            return kept.find(agent);
        }

        @Override
        public Future<Void> close() {
            return kept.close();
        }
    }

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final ScriptedPresenceStore store = new ScriptedPresenceStore();
    private long generations;
    private final AgentDirectory directory = new AgentDirectory("n1", 100_000, new FleetDirectives());
    private PresenceWriter writer;

    @BeforeEach
    void start() {
        start(LONG);
    }

    private void start(Duration timeToLive) {
        on(() -> {
            writer = new PresenceWriter(store, directory, timeToLive, vertx);
            writer.start();
            return writer;
        });
    }

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    /** Does something on the writer's event loop. */
    private <T> T on(Supplier<T> action) {
        Promise<T> result = Promise.promise();
        context.runOnContext(ignored -> result.complete(action.get()));
        return get(result.future());
    }

    private LiveAgent attach(AgentDirectory directory, PresenceWriter writer, String id) {
        AgentDirectory.Request request =
                new AgentDirectory.Request(id, "", List.of(), 1, Map.of(), "n1", "me", "session", List.of());
        LiveAgent agent = ((AgentDirectory.Outcome.Attached) directory.attach(request, ++generations, NOW)).agent();
        writer.changed(agent);
        return agent;
    }

    private LiveAgent attach(String id) {
        return on(() -> attach(directory, writer, id));
    }

    /** Another writer has written: the time has come in which this one would have, too. */
    private void awaitATick() {
        ScriptedPresenceStore otherStore = new ScriptedPresenceStore();
        AgentDirectory otherDirectory = new AgentDirectory("n1", 1, new FleetDirectives());
        on(() -> {
            PresenceWriter other = new PresenceWriter(otherStore, otherDirectory, LONG, vertx);
            other.start();
            return attach(otherDirectory, other, "other");
        });
        await(() -> otherStore.kept.now("other").isPresent());
    }

    private void change(LiveAgent agent, Presence presence) {
        on(() -> {
            directory.change(agent.id(), agent.generation(), presence, NOW).ifPresent(writer::changed);
            return agent;
        });
    }

    private static Entry entry(LiveAgent agent, String state) {
        return new Entry(agent.id(), agent.generation(), "n1", state);
    }

    private void awaitStored(LiveAgent agent, String state) {
        await(() -> store.kept.now(agent.id()).equals(Optional.of(entry(agent, state))));
    }

    @Test
    void shouldFollowAnAgentThroughItsLife() {
        LiveAgent agent = attach("a");
        awaitStored(agent, "connected");

        change(agent, Presence.PRESENCE_SUSPENDED);
        awaitStored(agent, "suspended");
        change(agent, Presence.PRESENCE_CONNECTED);
        awaitStored(agent, "connected");
        change(agent, Presence.PRESENCE_GONE);

        await(() -> store.kept.now("a").isEmpty());
    }

    @Test
    void shouldWriteWhatIsTrueAtTheTimeOfWritingAlone() {
        Promise<Void> gate = Promise.promise();
        store.gate = gate.future();
        attach("first");
        await(() -> !store.puts.isEmpty());
        LiveAgent old = attach("a");
        change(old, Presence.PRESENCE_GONE);
        LiveAgent young = attach("a");
        change(attach("gone"), Presence.PRESENCE_GONE);
        awaitATick();
        assertThat(store.puts).as("one write at a time").hasSize(1);

        gate.complete();

        awaitStored(young, "connected");
        assertThat(store.puts)
                .containsExactly(
                        List.of(entry(on(() -> directory.find("first")).orElseThrow(), "connected")),
                        List.of(entry(young, "connected")));
    }

    /** A removal that is under way must not take the registration that came after it. */
    @Test
    void shouldKeepAnAgentThatCameAgainWhileItWasBeingRemoved() {
        LiveAgent old = attach("a");
        awaitStored(old, "connected");
        Promise<Void> gate = Promise.promise();
        store.gate = gate.future();
        int before = store.puts.size();
        change(old, Presence.PRESENCE_GONE);
        await(() -> store.puts.size() > before);
        LiveAgent young = attach("a");

        gate.complete();

        awaitStored(young, "connected");
        LiveAgent last = attach("last");
        awaitStored(last, "connected");
        assertThat(store.kept.now("a")).contains(entry(young, "connected"));
    }

    @Test
    void shouldWriteAFleetInBoundedBatchesAndEachAgentOnce() {
        List<LiveAgent> fleet = on(() -> IntStream.range(0, 3_500)
                .mapToObj(i -> {
                    AgentDirectory.Request request = new AgentDirectory.Request(
                            "agent-" + i, "", List.of(), 1, Map.of(), "n1", "me", "session", List.of());
                    LiveAgent agent =
                            ((AgentDirectory.Outcome.Attached) directory.attach(request, ++generations, NOW)).agent();
                    writer.changed(agent);
                    return agent;
                })
                .toList());

        fleet.forEach(agent -> awaitStored(agent, "connected"));

        assertThat(store.puts).extracting(List::size).containsExactly(1_000, 1_000, 1_000, 500);
    }

    @Test
    void shouldWriteEverythingAgainBeforeItExpires() {
        on(() -> {
            writer.stop();
            return writer;
        });
        start(Duration.ofMillis(1_300));
        LiveAgent agent = attach("a");
        awaitStored(agent, "connected");
        get(store.kept.remove(List.of("a")));

        awaitStored(agent, "connected");
    }

    @Test
    void shouldBringEverythingUpToDateAfterTheStoreWasAway() {
        LiveAgent left = attach("left");
        LiveAgent stays = attach("stays");
        LiveAgent suspended = attach("suspended");
        awaitStored(suspended, "connected");
        store.away = true;
        change(left, Presence.PRESENCE_GONE);
        change(suspended, Presence.PRESENCE_SUSPENDED);
        await(() -> on(writer::isAway));
        LiveAgent came = attach("came");
        get(store.kept.remove(List.of("stays"))); // what the store had may be lost

        store.away = false;

        awaitStored(stays, "connected");
        awaitStored(suspended, "suspended");
        awaitStored(came, "connected");
        await(() -> store.kept.now("left").isEmpty());
        assertThat(on(writer::isAway)).isFalse();
    }

    /** The removal failed with the store; the agent came again before the store did. */
    @Test
    void shouldNotRemoveAnAgentThatCameAgainWhileTheStoreWasAway() {
        LiveAgent old = attach("a");
        awaitStored(old, "connected");
        store.away = true;
        change(old, Presence.PRESENCE_GONE);
        await(() -> on(writer::isAway));
        LiveAgent young = attach("a");

        store.away = false;

        awaitStored(young, "connected");
        awaitStored(attach("last"), "connected");
        assertThat(store.kept.now("a")).contains(entry(young, "connected"));
    }

    @Test
    void shouldWriteNothingAfterItWasStopped() {
        awaitStored(attach("a"), "connected");
        on(() -> {
            writer.stop();
            return writer;
        });
        int before = store.puts.size();
        attach("b");

        awaitATick();

        assertThat(store.puts).hasSize(before);
        assertThat(store.kept.now("b")).isEmpty();
    }
}
