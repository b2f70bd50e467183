package io.signalbox.sdk;

import io.signalbox.codecs.proto.LockMode;
import java.time.Duration;

/** How a lock is wanted. Immutable. */
public final class LockOptions {
    private static final int DEFAULT_PRIORITY = 5;
    private static final int MAX_PRIORITY = 9;

    private final LockMode mode;
    private final int permits;
    private final int priority;
    private final Duration lease;
    private final boolean preempting;

    private LockOptions(LockMode mode, int permits, int priority, Duration lease, boolean preempting) {
        this.mode = mode;
        this.permits = permits;
        this.priority = priority;
        this.lease = lease;
        this.preempting = preempting;
    }

    private static LockOptions of(LockMode mode, int permits) {
        return new LockOptions(mode, permits, DEFAULT_PRIORITY, Duration.ZERO, false);
    }

    /** Nobody else has it. */
    public static LockOptions exclusive() {
        return of(LockMode.LOCK_MODE_EXCLUSIVE, 0);
    }

    /** Together with others that share it; not with one that has it exclusively. */
    public static LockOptions shared() {
        return of(LockMode.LOCK_MODE_SHARED, 0);
    }

    /** One of so many permits, at least 1; all that want it should say the same number. */
    public static LockOptions permitOf(int permits) {
        if (permits < 1) {
            throw new IllegalArgumentException("permits " + permits + ", must be at least 1");
        }
        return of(LockMode.LOCK_MODE_PERMIT, permits);
    }

    /** @param priority 0 (lowest) to 9; else 5. Who waits long enough comes before those of higher priority */
    public LockOptions withPriority(int priority) {
        if (priority < 0 || priority > MAX_PRIORITY) {
            throw new IllegalArgumentException("priority " + priority + ", must be 0 to 9");
        }
        return new LockOptions(mode, permits, priority, lease, preempting);
    }

    /** @param lease so long the lock outlives its holder's death; else what the node has as default */
    public LockOptions withLease(Duration lease) {
        if (!lease.isPositive() || lease.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("lease " + lease + ", must be positive and below 24 days");
        }
        return new LockOptions(mode, permits, priority, lease, preempting);
    }

    /** Takes the lock from holders of lower priority, if nobody waits before. They are told after they lost it. */
    public LockOptions preempting() {
        return new LockOptions(mode, permits, priority, lease, true);
    }

    LockMode mode() {
        return mode;
    }

    int permits() {
        return permits;
    }

    int priority() {
        return priority;
    }

    /** Zero: the node's default. */
    Duration lease() {
        return lease;
    }

    boolean isPreempting() {
        return preempting;
    }

    /** Whether who has it as {@code this} has what {@code other} wants, too. */
    boolean covers(LockOptions other) {
        return mode == other.mode || mode == LockMode.LOCK_MODE_EXCLUSIVE;
    }
}
