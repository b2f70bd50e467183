package io.signalbox.verticles.allocation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a task needs besides an agent. Immutable.
 *
 * @param notBefore {@link Instant#MIN}: at once
 * @param requires tasks that have to end first
 * @param approval whether somebody has to approve of it
 * @param parent the task that it is a part of
 * @param root the one above that has no parent
 * @param depth generations below the root
 * @param budget of the root
 */
record TaskPlan(
        Instant notBefore,
        List<UUID> requires,
        OnLoss onLoss,
        boolean approval,
        Optional<UUID> parent,
        Optional<UUID> root,
        int depth,
        Budget budget) {
    /** What becomes of a task when one that it requires does not succeed. */
    enum OnLoss {
        FAIL,
        CANCEL,
        /** It runs without that result. */
        RUN
    }

    /** Of most tasks. */
    static final TaskPlan NONE = new TaskPlan(
            Instant.MIN, List.of(), OnLoss.FAIL, false, Optional.empty(), Optional.empty(), 0, Budget.NONE);

    TaskPlan {
        requires = List.copyOf(requires);
    }

    /** Whether the task waits for something before it waits for an agent. */
    boolean holds() {
        return approval || !requires.isEmpty() || notBefore.isAfter(Instant.MIN);
    }

    boolean hasBudget() {
        return budget != Budget.NONE;
    }

    static TaskPlan of(io.signalbox.codecs.internal.TaskPlan plan) {
        return new TaskPlan(
                plan.getNotBeforeMs() == 0 ? Instant.MIN : Instant.ofEpochMilli(plan.getNotBeforeMs()),
                plan.getRequiresList().stream().map(UUID::fromString).toList(),
                onLoss(plan.getOnRequirementLost()),
                plan.getApproval(),
                id(plan.getParent()),
                id(plan.getRoot()),
                plan.getDepth(),
                plan.hasBudget() ? Budget.of(plan.getBudget()) : Budget.NONE);
    }

    private static Optional<UUID> id(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(UUID.fromString(text));
    }

    private static OnLoss onLoss(String text) {
        return switch (text) {
            case "cancel" -> OnLoss.CANCEL;
            case "run" -> OnLoss.RUN;
            default -> OnLoss.FAIL;
        };
    }
}
