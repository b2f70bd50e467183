package io.signalbox.gateway.agent;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.mailbox.MailboxStore;
import io.signalbox.bus.mailbox.MailboxSweep;
import io.signalbox.bus.mailbox.Mailboxes;
import io.signalbox.bus.retained.RetainedMessages;
import io.signalbox.bus.retained.RetainedStore;
import io.signalbox.bus.service.BusServices;
import io.signalbox.config.BusConfig;
import io.signalbox.config.ByteSize;
import io.signalbox.config.GatewayConfig;
import io.signalbox.config.MailboxConfig;
import io.signalbox.gateway.identity.Authenticator;
import io.signalbox.gateway.identity.Identity;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/** An endpoint of a node without services, on a clock that stands. */
final class Endpoints implements AutoCloseable {
    static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    static final Duration HELLO_TIMEOUT = Duration.ofSeconds(10);

    private static final GatewayConfig CONFIG = new GatewayConfig(
            "127.0.0.1",
            0,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            10,
            10,
            new ByteSize(4096),
            new ByteSize(1024),
            new ByteSize(65_536),
            new ByteSize(4096),
            Duration.ofSeconds(10),
            Duration.ofSeconds(15),
            Duration.ofSeconds(10),
            HELLO_TIMEOUT);

    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final BusServices services;
    final AgentEndpoint endpoint;
    private final Vertx vertx = Vertx.vertx();
    private final RetainedMessages retained;

    Endpoints(Authenticator authenticator) {
        this(authenticator, vertx -> new AbsentRetainedStore());
    }

    Endpoints(Authenticator authenticator, Function<Vertx, RetainedStore> retainedStore) {
        LocalMessageBus bus = new LocalMessageBus(new Random(1), meters);
        BusConfig busConfig = new BusConfig(100, Duration.ofSeconds(1));
        InstantSource clock = InstantSource.fixed(NOW);
        services = new BusServices(bus, vertx, "n1", busConfig, clock, meters);
        retained = new RetainedMessages(vertx, bus, retainedStore.apply(vertx), 1, meters);
        AgentEndpoint.Shared shared = new AgentEndpoint.Shared(
                "n1",
                bus,
                services,
                authenticator,
                CONFIG,
                busConfig,
                mailboxes(bus),
                retained,
                new SessionDirectory(new SecureRandom()),
                new DoorMeters(meters),
                10,
                new ConnectPacer(10, new Random(1)),
                clock,
                new Random(1));
        endpoint = new AgentEndpoint(shared, vertx.getOrCreateContext());
    }

    private MailboxParts mailboxes(LocalMessageBus bus) {
        MailboxConfig config = new MailboxConfig(
                100,
                new ByteSize(65_536),
                new ByteSize(65_536),
                10,
                Duration.ofSeconds(60),
                10,
                1,
                Duration.ofDays(30));
        MailboxStore store = new AbsentMailboxStore();
        return new MailboxParts(
                new Mailboxes(bus, store, config, meters), store, new MailboxSweep(vertx, store), config);
    }

    AgentSession session(String subject, String token) {
        return new AgentSession(endpoint, "session-of-" + subject, token, identity(subject));
    }

    static Identity identity(String subject) {
        return new Identity(subject, List.of(), List.of(), List.of(), Set.of(), Optional.empty());
    }

    @Override
    public void close() {
        retained.close();
        vertx.close().await();
    }
}
