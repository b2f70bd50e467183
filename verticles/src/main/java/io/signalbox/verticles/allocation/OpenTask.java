package io.signalbox.verticles.allocation;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** A task that has not ended, as the {@link TaskBroker} keeps it. Not thread-safe. */
final class OpenTask {
    enum State {
        /** In its queue. */
        WAITING,
        /** Not in its queue until a time: backing off. */
        DELAYED,
        /** An agent has it. */
        ASSIGNED,
        /** An agent had it before the node started; it may come back. */
        ORPHANED,
        /** Its end or return is being stored. */
        SETTLING
    }

    final TaskSpec spec;
    final long rank;

    /** Agents that declined it lately, and until when they are not asked again. */
    final Map<String, Instant> declinedBy = new HashMap<>(0);

    State state = State.WAITING;

    /** What it was before it was {@code SETTLING}. */
    State before = State.WAITING;

    int attempt;
    long token;
    String agent = "";
    long generation;
    Instant leaseUntil = Instant.MAX;
    Instant notBefore = Instant.MIN;

    OpenTask(TaskSpec spec, long rank) {
        this.spec = spec;
        this.rank = rank;
    }

    UUID id() {
        return spec.id();
    }

    boolean isHeld(long byToken) {
        return token == byToken && (state == State.ASSIGNED || state == State.ORPHANED || wasAssigned());
    }

    boolean wasAssigned() {
        return state == State.SETTLING && before == State.ASSIGNED;
    }

    void release() {
        agent = "";
        generation = 0;
        leaseUntil = Instant.MAX;
    }

    static int byRank(OpenTask a, OpenTask b) {
        int order = Long.compare(a.rank, b.rank);
        return order != 0 ? order : a.id().compareTo(b.id());
    }
}
