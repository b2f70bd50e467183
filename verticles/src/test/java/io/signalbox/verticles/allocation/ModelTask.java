package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.BrokerModel.Agent;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** A task that has not ended, as far as the broker was told; of the {@link BrokerModel}. */
final class ModelTask {
    /** @param orphan given before the node started, and not claimed since */
    record Decision(String agent, long generation, long token, Instant leaseUntil, boolean orphan) {}

    final TaskSpec spec;
    final Map<String, Instant> declinedUntil = new HashMap<>();
    Optional<Decision> decision = Optional.empty();
    boolean settling;
    int attempt;
    Instant notBefore = Instant.MIN;
    boolean held;
    boolean approved;

    /** Required tasks that ended before, and of which the store is being asked. */
    final Set<UUID> unknown = new HashSet<>();

    /** Since when it waits for an agent, if it does. */
    Instant since;

    ModelTask(TaskSpec spec) {
        this.spec = spec;
        this.since = spec.submittedAt();
        this.held = spec.plan().holds();
    }

    boolean isLive(String agent, long generation, long token) {
        return !settling
                && decision.filter(made -> !made.orphan()
                                && made.agent().equals(agent)
                                && made.generation() == generation
                                && made.token() == token)
                        .isPresent();
    }

    boolean waitsAt(Instant time) {
        return !held && !settling && decision.isEmpty() && !notBefore.isAfter(time);
    }

    boolean mayAsk(Agent agent, Instant time) {
        return !declinedUntil.getOrDefault(agent.id, Instant.MIN).isAfter(time);
    }

    boolean isOverdue(Instant time) {
        return spec.deadline().filter(deadline -> !deadline.isAfter(time)).isPresent();
    }
}
