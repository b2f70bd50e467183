package io.signalbox.verticles.registry;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the presence store in step with the agents of this node: changes in batches, everything again at a third of the
 * time-to-live, and everything again after the store was away. Confined to its event loop.
 */
final class PresenceWriter {
    private static final Logger log = LoggerFactory.getLogger(PresenceWriter.class);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final int BATCH = 1000;

    private final PresenceStore store;
    private final AgentDirectory directory;
    private final Vertx vertx;
    private final long ticksBetweenRefreshes;

    /** By agent; empty: removed. At most one entry per live or just gone agent. */
    private final Map<String, Optional<PresenceStore.Entry>> dirty = new LinkedHashMap<>();

    private long timer;
    private long ticks;
    private boolean writing;
    private boolean away;

    PresenceWriter(PresenceStore store, AgentDirectory directory, Duration timeToLive, Vertx vertx) {
        this.store = store;
        this.directory = directory;
        this.vertx = vertx;
        this.ticksBetweenRefreshes = Math.max(1, timeToLive.dividedBy(3).dividedBy(TICK));
    }

    void start() {
        timer = vertx.setPeriodic(TICK.toMillis(), ignored -> tick());
    }

    void stop() {
        vertx.cancelTimer(timer);
    }

    /** True: the store did not take the last write. */
    boolean isAway() {
        return away;
    }

    void changed(LiveAgent agent) {
        dirty.put(agent.id(), entry(agent));
    }

    private static Optional<PresenceStore.Entry> entry(LiveAgent agent) {
        return switch (agent.presence()) {
            case PRESENCE_CONNECTED -> Optional.of(entry(agent, "connected"));
            case PRESENCE_SUSPENDED -> Optional.of(entry(agent, "suspended"));
            case PRESENCE_GONE, UNRECOGNIZED -> Optional.empty();
        };
    }

    private static PresenceStore.Entry entry(LiveAgent agent, String state) {
        return new PresenceStore.Entry(agent.id(), agent.generation(), agent.node(), state);
    }

    private void tick() {
        if (++ticks % ticksBetweenRefreshes == 0) {
            directory.own().forEach(this::changed);
        }
        if (!writing && !dirty.isEmpty()) {
            writeBatch();
        }
    }

    private void writeBatch() {
        List<PresenceStore.Entry> puts = new ArrayList<>();
        List<String> removals = new ArrayList<>();
        Iterator<Map.Entry<String, Optional<PresenceStore.Entry>>> changes =
                dirty.entrySet().iterator();
        while (changes.hasNext() && puts.size() + removals.size() < BATCH) {
            Map.Entry<String, Optional<PresenceStore.Entry>> change = changes.next();
            change.getValue().ifPresentOrElse(puts::add, () -> removals.add(change.getKey()));
            changes.remove();
        }
        writing = true;
        store.put(puts)
                .compose(written -> store.remove(removals))
                .onSuccess(written -> wrote())
                .onFailure(cause -> failed(removals, cause));
    }

    private void wrote() {
        writing = false;
        if (away) {
            away = false;
            log.info("The presence store is back");
        }
        if (!dirty.isEmpty()) {
            writeBatch();
        }
    }

    /** The store may have lost what it had: everything is to be written again. */
    private void failed(List<String> removals, Throwable cause) {
        writing = false;
        if (!away) {
            away = true;
            log.warn("The presence store is away, live agents are not touched by it: {}", cause.toString());
        }
        for (String agent : removals) {
            if (directory.find(agent).isEmpty()) {
                dirty.putIfAbsent(agent, Optional.empty());
            }
        }
        directory.own().forEach(agent -> dirty.putIfAbsent(agent.id(), entry(agent)));
    }
}
