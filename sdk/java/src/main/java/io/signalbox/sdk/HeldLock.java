package io.signalbox.sdk;

import io.signalbox.codecs.Code;
import io.signalbox.sdk.LeaseBook.Key;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that this agent holds, renewed until it is closed. When it is lost nevertheless (the process stood still, the node could not
 * be reached, one of higher priority took it), the thread that took it is interrupted. By then somebody else may have it: what a holder
 * changes elsewhere is safe only if that checks the {@link #token}. Thread-safe.
 */
public final class HeldLock implements AutoCloseable {
    private final Coordination coordination;
    private final Key key;
    private final long token;
    private final LockOptions options;
    private final Thread holder;
    private final ReentrantLock lock = new ReentrantLock();
    private int entered = 1;
    private String lostBy = "";
    private boolean interrupted;

    HeldLock(Coordination coordination, Key key, long token, LockOptions options, Thread holder) {
        this.coordination = coordination;
        this.key = key;
        this.token = token;
        this.options = options;
        this.holder = holder;
    }

    public String name() {
        return key.name();
    }

    /**
     * Greater than every token that was given for this lock before. A resource that remembers the greatest it has seen and
     * refuses lower ones cannot be changed by one that has lost the lock.
     */
    public long token() {
        return token;
    }

    /** False: it is closed, or lost. Another may have it even so, for this can be true only of a moment. */
    public boolean isHeld() {
        lock.lock();
        try {
            return entered > 0 && lostBy.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** @throws SignalboxException {@code LEASE_EXPIRED} when the lock is lost */
    public void checkHeld() {
        lock.lock();
        try {
            if (!lostBy.isEmpty()) {
                throw new SignalboxException(Code.LEASE_EXPIRED, "lock " + name() + " is lost: " + lostBy);
            }
        } finally {
            lock.unlock();
        }
    }

    LockOptions options() {
        return options;
    }

    Thread holder() {
        return holder;
    }

    Key key() {
        return key;
    }

    /** Taken once more by its thread; false: it is lost. */
    boolean enter() {
        lock.lock();
        try {
            if (entered == 0 || !lostBy.isEmpty()) {
                return false;
            }
            entered++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void lost(String reason) {
        lock.lock();
        try {
            if (end(reason.isEmpty() ? "another has it" : reason)) {
                interrupted = true;
                holder.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Without an interrupt, for it is on purpose, perhaps by its holder. False: it was over already. */
    boolean end(String reason) {
        lock.lock();
        try {
            boolean was = entered > 0 && lostBy.isEmpty();
            if (was) {
                lostBy = reason;
            }
            return was;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives it back, as often as it was taken. Waits for the node to know, but not long; should it not hear of it, the lease
     * ends by itself. The interrupt that told of a loss ends with it. Idempotent once it is given back.
     */
    @Override
    public void close() {
        boolean last;
        lock.lock();
        try {
            last = entered == 1;
            entered = Math.max(0, entered - 1);
            if (last && interrupted && Thread.currentThread() == holder) {
                Thread.interrupted();
            }
        } finally {
            lock.unlock();
        }
        if (last) {
            coordination.release(this);
        }
    }

    @Override
    public String toString() {
        return "lock " + name() + " under token " + Long.toUnsignedString(token);
    }
}
