package io.signalbox.bus.retained;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Redis keys of a bucket of addresses. Addresses are a user's text, and never part of a key. */
record RetainedKeys(String messages, String addresses, String expiries, String state) {
    /**
     * Never to be changed: it says where every message is. Few, for a subscription with a wildcard asks all of them; enough
     * to spread over the servers of a Redis Cluster.
     */
    static final int BUCKETS = 16;

    static RetainedKeys of(int bucket) {
        String tag = "{rt" + bucket + "}:";
        return new RetainedKeys(tag + "messages", tag + "addresses", tag + "expiries", tag + "state");
    }

    static int bucket(String address) {
        CRC32 hash = new CRC32();
        hash.update(address.getBytes(StandardCharsets.UTF_8));
        return (int) (hash.getValue() % BUCKETS);
    }
}
