package io.signalbox.verticles.registry;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * Where each agent is, for other nodes and tools; gone by itself when it is not refreshed. Up to 1,000 agents in a call.
 * A future fails when the store is away, refused, or did not answer in time: what was asked may or may not have been done,
 * and can be asked again. Thread-safe.
 */
public interface PresenceStore {
    /** @param state {@code connected} or {@code suspended} */
    record Entry(String agent, long generation, String node, String state) {}

    /** Writes and refreshes; the last one of an agent counts. */
    Future<Void> put(List<Entry> entries);

    Future<Void> remove(List<String> agents);

    Future<Optional<Entry>> find(String agent);

    Future<Void> close();
}
