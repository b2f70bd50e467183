package io.signalbox.verticles.registry;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps the contract in the simplest way, for tests of what uses a store. Thread-safe. */
final class InMemoryPresenceStore implements PresenceStore {
    private record Kept(Entry entry, Instant until) {}

    private final Map<String, Kept> entries = new ConcurrentHashMap<>();
    private final InstantSource clock = InstantSource.system();
    private final Duration timeToLive;
    private volatile boolean closed;

    InMemoryPresenceStore(Duration timeToLive) {
        this.timeToLive = timeToLive;
    }

    @Override
    public Future<Void> put(List<Entry> puts) {
        Instant until = clock.instant().plus(timeToLive);
        return unlessClosed(() -> puts.forEach(entry -> entries.put(entry.agent(), new Kept(entry, until))));
    }

    @Override
    public Future<Void> remove(List<String> agents) {
        return unlessClosed(() -> agents.forEach(entries::remove));
    }

    private Future<Void> unlessClosed(Runnable work) {
        if (closed) {
            return Future.failedFuture("closed");
        }
        work.run();
        return Future.succeededFuture();
    }

    @Override
    public Future<Optional<Entry>> find(String agent) {
        return closed ? Future.failedFuture("closed") : Future.succeededFuture(now(agent));
    }

    Optional<Entry> now(String agent) {
        return Optional.ofNullable(entries.get(agent))
                .filter(kept -> kept.until().isAfter(clock.instant()))
                .map(Kept::entry);
    }

    @Override
    public Future<Void> close() {
        closed = true;
        return Future.succeededFuture();
    }
}
