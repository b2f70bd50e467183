package io.signalbox.sdk;

/** Thrown by a {@link TaskHandler}: not now. The task is queued again and no attempt is counted. */
public final class TaskDeclinedException extends Exception {
    public TaskDeclinedException(String reason) {
        super(reason);
    }
}
