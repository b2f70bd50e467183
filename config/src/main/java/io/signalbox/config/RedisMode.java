package io.signalbox.config;

/** How the Redis servers stand to each other. Immutable, thread-safe. */
public enum RedisMode {
    /** One server. */
    STANDALONE,
    /** A primary with replicas, watched by Redis Sentinel, which names another primary when this one is lost. */
    SENTINEL,
    /** Redis Cluster: keys are divided among several primaries. */
    CLUSTER
}
