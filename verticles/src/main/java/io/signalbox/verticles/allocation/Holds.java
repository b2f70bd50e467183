package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** What a task still waits for before it waits for an agent. Not thread-safe. */
final class Holds {
    /** Why it will never wait for an agent. */
    record Loss(UUID requirement, String reason) {}

    /** The time has not come. */
    boolean time;

    boolean approval;

    /** Have not ended. */
    final Set<UUID> requires;

    Optional<Loss> loss = Optional.empty();

    Holds(boolean time, boolean approval, Collection<UUID> requires) {
        this.time = time;
        this.approval = approval;
        this.requires = new TreeSet<>(requires);
    }

    boolean areOver() {
        return !time && !approval && requires.isEmpty();
    }

    /** What comes last, for people decide best when the rest is there. */
    Code code() {
        if (time) {
            return Code.NOT_YET;
        }
        return requires.isEmpty() ? Code.AWAITS_APPROVAL : Code.AWAITS_TASKS;
    }
}
