package io.signalbox.gateway.agent;

import io.signalbox.bus.mailbox.MailboxStore;
import io.signalbox.bus.redis.RedisFailure;
import io.vertx.core.Future;
import java.util.List;

/** A store that cannot be reached. */
final class AbsentMailboxStore implements MailboxStore {
    private static <T> Future<T> away() {
        return Future.failedFuture(new RedisFailure(RedisFailure.Reason.NOT_SENT, "on purpose"));
    }

    @Override
    public Future<Appended> append(Append append) {
        return away();
    }

    @Override
    public Future<Claimed> claim(String agent, Cursor after, int maxEntries, long maxBytes) {
        return away();
    }

    @Override
    public Future<List<Entry>> claimAgain(String agent, List<Position> positions) {
        return away();
    }

    @Override
    public Future<Void> delete(String agent, List<Position> positions) {
        return away();
    }

    @Override
    public Future<Pending> pending(String agent) {
        return away();
    }

    @Override
    public Future<Changed> changedSince(Mark since) {
        return away();
    }
}
