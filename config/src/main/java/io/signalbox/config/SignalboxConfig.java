package io.signalbox.config;

/** Everything that can be configured. Immutable; valid as a whole once it was loaded. */
public record SignalboxConfig(
        NodeConfig node,
        GatewayConfig gateway,
        IdentityConfig identity,
        BusConfig bus,
        MailboxConfig mailbox,
        RetainedConfig retained,
        LocksConfig locks,
        ClusterConfig cluster,
        RegistryConfig registry,
        AllocationConfig allocation,
        PostgresConfig postgres,
        RedisConfig redis,
        LogConfig log) {}
