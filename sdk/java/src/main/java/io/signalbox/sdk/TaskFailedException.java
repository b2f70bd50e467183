package io.signalbox.sdk;

/** Thrown by a {@link TaskHandler}: the attempt failed. */
public final class TaskFailedException extends Exception {
    private final boolean retryable;

    /** @param retryable false: no further attempt can succeed, the task is dead at once */
    public TaskFailedException(String reason, boolean retryable) {
        super(reason);
        this.retryable = retryable;
    }

    public boolean retryable() {
        return retryable;
    }
}
