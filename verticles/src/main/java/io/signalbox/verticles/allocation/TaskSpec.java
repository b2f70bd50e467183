package io.signalbox.verticles.allocation;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.semver4j.range.RangeList;
import org.semver4j.range.RangeListFactory;

/**
 * What the broker has to know of a task; its input stays in the store. Immutable.
 *
 * @param tenant whose share of the agents it takes
 */
record TaskSpec(
        UUID id,
        String skill,
        String versionRange,
        String tenant,
        int priority,
        Instant submittedAt,
        Optional<Instant> deadline,
        int maxAttempts,
        TaskPlan plan) {

    /** The task at the top of its tree, which may be itself. */
    UUID root() {
        return plan.root().orElse(id);
    }

    /** Tasks of one demand compete for the same agents. */
    Demand demand() {
        return new Demand(skill, versionRange);
    }

    /** @param versionRange npm style; empty: any */
    record Demand(String skill, String versionRange) {
        RangeList range() {
            return RangeListFactory.create(versionRange.isEmpty() ? "*" : versionRange);
        }
    }
}
