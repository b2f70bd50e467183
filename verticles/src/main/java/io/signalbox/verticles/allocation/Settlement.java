package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import java.time.Instant;

/** How an attempt or a task ends, once it is stored. */
sealed interface Settlement {
    record Succeeded() implements Settlement {}

    record Dead(Code code, String reason) implements Settlement {}

    record Cancelled(String by) implements Settlement {}

    /** Another attempt follows. */
    record Retry(Instant notBefore, Code code, String reason) implements Settlement {}

    /** The agent did not want it: no attempt is counted. */
    record Returned(Instant declinedUntil, String reason) implements Settlement {}

    /** Somebody approved of a task that is held. */
    record Approved(String by, String reason) implements Settlement {}

    /** Somebody did not. */
    record Disapproved(String by, String reason) implements Settlement {}
}
