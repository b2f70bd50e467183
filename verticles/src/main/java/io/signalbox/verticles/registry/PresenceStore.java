package io.signalbox.verticles.registry;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Where each agent is, for other nodes and tools; gone by itself when it is not refreshed. Thread-safe. */
public interface PresenceStore {
    /** @param state {@code connected} or {@code suspended} */
    record Entry(String agent, long generation, String node, String state) {}

    /** Writes and refreshes. Fails when the store is away or did not answer in time. */
    Future<Void> put(List<Entry> entries);

    Future<Void> remove(List<String> agents);

    Future<Optional<Entry>> find(String agent);

    Future<Void> close();
}
