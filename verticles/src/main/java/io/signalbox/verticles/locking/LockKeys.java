package io.signalbox.verticles.locking;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** In which shard a lock is. A shard's keys have one tag, so one command may touch several locks of it. */
final class LockKeys {
    /** Never to be changed: it says where every lock is. */
    static final int SHARDS = 16;

    private LockKeys() {}

    static int shard(String name) {
        CRC32 hash = new CRC32();
        hash.update(name.getBytes(StandardCharsets.UTF_8));
        return (int) (hash.getValue() % SHARDS);
    }

    /** The functions make the others of it. */
    static String key(int shard) {
        return "{lk" + shard + "}:shard";
    }
}
