package io.signalbox.bus.redis;

import io.vertx.core.Future;

/** Knows where the one primary is. Confined to the link's event loop. */
interface PrimaryLocator {
    /**
     * Completes once it knows, or the first trial to find out failed; never fails.
     *
     * @param moved run whenever the primary is another one than before
     */
    Future<Void> start(Runnable moved);

    /** As far as is known now. */
    Future<ServerAddress> locate();

    void close();

    /** It is always at the same place. */
    record Fixed(ServerAddress address) implements PrimaryLocator {
        @Override
        public Future<Void> start(Runnable moved) {
            return Future.succeededFuture();
        }

        @Override
        public Future<ServerAddress> locate() {
            return Future.succeededFuture(address);
        }

        @Override
        public void close() {
            // There is nothing to end.
        }
    }
}
