package io.signalbox.verticles.locking;

import io.vertx.core.Future;

/** Numbers that only grow, whatever is lost elsewhere. Thread-safe. */
public interface LockEpochs {
    /** Greater than every one that was given before this was asked. Fails with {@code StoreException}. */
    Future<Integer> next();
}
