package io.signalbox.load.chaos;

import io.signalbox.node.embedded.StoreAddress;
import java.io.IOException;
import java.net.URI;

/** What many take for a lock: {@code SET NX PX}, and a script that deletes what is one's own. Over a connection of its own. */
final class PlainRedisLock implements AutoCloseable {
    private static final String DELETE_OWN =
            "if redis.call('GET',KEYS[1]) == ARGV[1] then return redis.call('DEL',KEYS[1]) end return 0";

    private final RedisConversation redis;

    PlainRedisLock(StoreAddress address) throws IOException {
        redis = new RedisConversation(
                URI.create(address.url()).getPort(), address.password().reveal());
    }

    /** Nobody is told when it becomes free: one that waits asks again and again. */
    boolean tryLock(String name, String owner, long leaseMillis) throws IOException {
        return redis.ask("SET", "plain:" + name, owner, "NX", "PX", Long.toString(leaseMillis))
                .equals("+OK");
    }

    void unlock(String name, String owner) throws IOException {
        redis.ask("EVAL", DELETE_OWN, "1", "plain:" + name, owner);
    }

    @Override
    public void close() throws IOException {
        redis.close();
    }
}
