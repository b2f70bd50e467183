package io.signalbox.gateway.agent;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.redis.RedisFailure;
import io.signalbox.bus.retained.RetainedStore;
import io.vertx.core.Future;
import java.util.Optional;

/** A store that cannot be reached. */
final class AbsentRetainedStore implements RetainedStore {
    private static <T> Future<T> away() {
        return Future.failedFuture(new RedisFailure(RedisFailure.Reason.NOT_SENT, "on purpose"));
    }

    @Override
    public Future<Long> put(Put put) {
        return away();
    }

    @Override
    public Future<Long> remove(String address, int replicas) {
        return away();
    }

    @Override
    public Future<Optional<Entry>> get(String address) {
        return away();
    }

    @Override
    public Future<Page> page(AddressPattern pattern, Position after, long maxBytes) {
        return away();
    }

    @Override
    public Future<Size> purge() {
        return away();
    }
}
