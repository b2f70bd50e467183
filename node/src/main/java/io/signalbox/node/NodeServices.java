package io.signalbox.node;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.cluster.ClusterMessageBus;
import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.bus.mailbox.MailboxStore;
import io.signalbox.bus.mailbox.MailboxSweep;
import io.signalbox.bus.mailbox.Mailboxes;
import io.signalbox.bus.mailbox.RedisMailboxStore;
import io.signalbox.bus.redis.RedisLink;
import io.signalbox.bus.retained.RedisRetainedStore;
import io.signalbox.bus.retained.RetainedMessages;
import io.signalbox.bus.retained.RetainedStore;
import io.signalbox.bus.service.BusServices;
import io.signalbox.config.GatewayConfig;
import io.signalbox.config.LocksConfig;
import io.signalbox.config.MailboxConfig;
import io.signalbox.config.NodeKind;
import io.signalbox.config.PostgresConfig;
import io.signalbox.config.SignalboxConfig;
import io.signalbox.gateway.GatewayVerticle;
import io.signalbox.gateway.agent.AgentEndpoint;
import io.signalbox.gateway.agent.ConnectPacer;
import io.signalbox.gateway.agent.DoorMeters;
import io.signalbox.gateway.agent.MailboxParts;
import io.signalbox.gateway.agent.SessionDirectory;
import io.signalbox.gateway.http.Access;
import io.signalbox.gateway.http.ApiParts;
import io.signalbox.gateway.identity.AnonymousAuthenticator;
import io.signalbox.gateway.identity.Authenticator;
import io.signalbox.gateway.identity.Ed25519Keys;
import io.signalbox.gateway.identity.JwtAuthenticator;
import io.signalbox.gateway.tls.ServerTls;
import io.signalbox.verticles.allocation.AllocationStores;
import io.signalbox.verticles.allocation.AllocationVerticle;
import io.signalbox.verticles.allocation.PgScheduleStore;
import io.signalbox.verticles.allocation.PgTaskStore;
import io.signalbox.verticles.deadletter.DeadLetterVerticle;
import io.signalbox.verticles.deadletter.PgDeadLetterStore;
import io.signalbox.verticles.locking.LockVerticle;
import io.signalbox.verticles.locking.PgBarrierStore;
import io.signalbox.verticles.locking.PgDocumentStore;
import io.signalbox.verticles.locking.PgLockEpochs;
import io.signalbox.verticles.locking.RedisLockStore;
import io.signalbox.verticles.membership.MembershipVerticle;
import io.signalbox.verticles.membership.NodeProfile;
import io.signalbox.verticles.membership.NodesVerticle;
import io.signalbox.verticles.membership.PgMembershipStore;
import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.registry.MiniLmEmbedder;
import io.signalbox.verticles.registry.PgDefinitionStore;
import io.signalbox.verticles.registry.PgDirectiveStore;
import io.signalbox.verticles.registry.RedisPresenceStore;
import io.signalbox.verticles.registry.RegistryVerticle;
import io.signalbox.verticles.rollout.PgRolloutStore;
import io.signalbox.verticles.rollout.RolloutVerticle;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts bus, services and doors over running stores. Used once, by {@link NodeAssembly}. */
final class NodeServices {
    private static final Logger log = LoggerFactory.getLogger(NodeServices.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final int MEMBERSHIP_CONNECTIONS = 2;
    private static final Duration JOIN_PATIENCE = Duration.ofSeconds(20);

    /** How many each kind of work has. */
    private static final Map<String, Integer> SHARDS = Map.of(AllocationVerticle.KIND, 1);

    /** A node that was alone before has the tasks at once; another's lease may have to run out first. */
    private static final Duration ALLOCATION_PATIENCE = Duration.ofSeconds(10);

    private static final Duration PROBE_INTERVAL = Duration.ofMillis(20);

    private final SignalboxConfig config;
    private final StartedParts parts;
    private final Vertx vertx;
    private final PrometheusMeterRegistry meters;
    private final int capacity;
    private final GatewayLimits limits;
    private final int cores;
    private final Supplier<Map<String, String>> lackingStores;
    private final UUID home;
    private final NodeCluster cluster;
    private final InstantSource clock = NodeClock.ofThisProcess();
    private final RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();

    /**
     * @param home of the data directory, which this process alone has
     * @param lackingStores what the node waits for, by name
     */
    NodeServices(
            SignalboxConfig config,
            StartedParts parts,
            Vertx vertx,
            PrometheusMeterRegistry meters,
            int capacity,
            GatewayLimits limits,
            int cores,
            UUID home,
            Supplier<Map<String, String>> lackingStores) {
        this.config = config;
        this.parts = parts;
        this.vertx = vertx;
        this.meters = meters;
        this.capacity = capacity;
        this.limits = limits;
        this.cores = cores;
        this.home = home;
        this.cluster = new NodeCluster(config.node().id(), config.cluster());
        this.lackingStores = lackingStores;
    }

    /** Completes with the port, once clients are taken. */
    Future<Integer> start(NodeStores.Addresses stores) {
        Authenticator authenticator = authenticator();
        Optional<ServerTls> tls = tls();
        PostgresStore postgres = PostgresStore.open(vertx, stores.postgres());
        parts.add("PostgreSQL connections", CLOSE_PATIENCE, postgres::close);
        return postgres.migrate()
                .recover(cause -> Future.failedFuture(new NodeException(
                        "The database could not be brought to this version: " + cause.getMessage(), cause)))
                .compose(migrated -> join(stores.postgres()))
                .compose(membership ->
                        redis(stores).compose(redis -> services(redis, postgres, membership, authenticator, tls)));
    }

    /** Membership has connections of its own, so that it never waits for others' work. */
    private Future<MembershipVerticle> join(PostgresConfig postgres) {
        PostgresStore store = PostgresStore.open(
                vertx,
                new PostgresConfig(
                        postgres.url(),
                        postgres.user(),
                        postgres.password(),
                        MEMBERSHIP_CONNECTIONS,
                        LEASE.dividedBy(3)));
        parts.add("membership's connections", CLOSE_PATIENCE, store::close);
        return join(store, System.nanoTime() + JOIN_PATIENCE.toNanos());
    }

    /** Its calls have short time limits, which a busy machine may miss just after the start. */
    private Future<MembershipVerticle> join(PostgresStore store, long latest) {
        MembershipVerticle membership =
                new MembershipVerticle(new PgMembershipStore(store), profile(), SHARDS, LEASE, System::nanoTime);
        return deploy("membership", membership).map(membership).recover(cause -> {
            if (System.nanoTime() - latest > 0) {
                return Future.failedFuture(
                        new NodeException("The node could not join its cluster: " + cause.getMessage(), cause));
            }
            log.warn("The node could not join its cluster yet: {}", cause.getMessage());
            return vertx.timer(PROBE_INTERVAL.toMillis(), TimeUnit.MILLISECONDS).compose(passed -> join(store, latest));
        });
    }

    /** One for all that the node does with Redis. It need not be there yet. */
    private Future<RedisLink> redis(NodeStores.Addresses stores) {
        return RedisLink.open(
                        vertx,
                        stores.redis(),
                        List.of(RedisMailboxStore.library(), RedisRetainedStore.library(), RedisLockStore.library()),
                        random)
                .map(redis -> {
                    parts.add("Redis connections", CLOSE_PATIENCE, redis::close);
                    Gauge.builder("signalbox.redis.up", redis, link -> link.isUp() ? 1 : 0)
                            .description("1 while all Redis servers take commands")
                            .register(meters);
                    return redis;
                });
    }

    private NodeProfile profile() {
        return new NodeProfile(
                config.node().id(), config.node().kind(), capacity, cluster.address(), UUID.randomUUID(), home);
    }

    private Authenticator authenticator() {
        if (config.identity().publicKeyFile().isEmpty()) {
            return new AnonymousAuthenticator();
        }
        Path file = config.identity().publicKeyFile().get();
        try {
            return new JwtAuthenticator(Ed25519Keys.readPublic(file), config.identity(), clock);
        } catch (IOException e) {
            throw new NodeException("identity.public-key-file: " + e.getMessage(), e);
        }
    }

    private Optional<ServerTls> tls() {
        GatewayConfig gateway = config.gateway();
        if (gateway.tlsCertificateFile().isEmpty() || gateway.tlsKeyFile().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(ServerTls.read(
                    gateway.tlsCertificateFile().get(), gateway.tlsKeyFile().get()));
        } catch (IOException e) {
            throw new NodeException("TLS: " + e.getMessage(), e);
        }
    }

    private Future<Integer> services(
            RedisLink redis,
            PostgresStore postgres,
            MembershipVerticle membership,
            Authenticator authenticator,
            Optional<ServerTls> tls) {
        ClusterView view = membership.view();
        AtomicReference<Optional<BusServices>> callers = new AtomicReference<>(Optional.empty());
        Consumer<String> gone = peer -> callers.get().ifPresent(services -> failCalls(services, view, peer));
        return cluster.bus(vertx, view, membership.hints(), gone, random, clock, meters, this::willLeave)
                .compose(bus -> postgres.clock(System::nanoTime).compose(databaseMillis -> {
                    BusServices services = busServices(bus);
                    callers.set(Optional.of(services));
                    return verticles(bus, services, redis, postgres, databaseMillis, membership, authenticator, tls);
                }));
    }

    private void willLeave(ClusterMessageBus bus) {
        parts.add("links to other nodes", CLOSE_PATIENCE, bus::stop);
    }

    /** What was asked of a node that is gone is not answered any more. */
    private static void failCalls(BusServices services, ClusterView view, String peer) {
        Shard tasks = new Shard(AllocationVerticle.KIND, 0);
        if (view.owner(tasks).filter(owner -> owner.node().equals(peer)).isPresent()) {
            services.fail(AllocationVerticle.ADDRESS, "node " + peer + ", which allocated, cannot be reached");
        }
    }

    private BusServices busServices(MessageBus bus) {
        BusServices services = new BusServices(bus, vertx, config.node().id(), config.bus(), clock, meters);
        parts.add("bus", CLOSE_PATIENCE, () -> {
            services.close();
            return Future.succeededFuture();
        });
        return services;
    }

    private Future<Integer> verticles(
            MessageBus bus,
            BusServices services,
            RedisLink redis,
            PostgresStore postgres,
            LongSupplier databaseMillis,
            MembershipVerticle membership,
            Authenticator authenticator,
            Optional<ServerTls> tls) {
        ClusterView view = membership.view();
        MailboxParts mailboxes = mailboxes(bus, redis);
        RetainedMessages retained = retained(bus, redis);
        DeadLetterVerticle deadLetters = new DeadLetterVerticle(
                services,
                new PgDeadLetterStore(postgres),
                mailboxes.store(),
                config.mailbox().deadLetterRetention(),
                config.mailbox().replicas(),
                mailboxes.sweep()::wake,
                clock,
                meters);
        RegistryVerticle registry = new RegistryVerticle(
                bus,
                services,
                new PgDefinitionStore(postgres),
                new PgDirectiveStore(postgres),
                new RedisPresenceStore(redis, config.registry().presenceTimeToLive()),
                config.registry().searchByMeaning() ? Optional.of(new MiniLmEmbedder(vertx)) : Optional.empty(),
                config.node().id(),
                view,
                config.registry(),
                config.bus(),
                databaseMillis,
                config.allocation().reattachGrace(),
                capacity,
                clock,
                meters);
        RolloutVerticle rollouts = new RolloutVerticle(
                bus,
                services,
                new PgRolloutStore(postgres),
                config.node().id(),
                config.bus(),
                epoch -> new ShardFence(AllocationVerticle.KIND, Map.of(0, epoch)),
                clock,
                meters);
        AllocationVerticle allocation = new AllocationVerticle(
                bus,
                services,
                fence -> new AllocationStores(new PgTaskStore(postgres, fence), new PgScheduleStore(postgres, fence)),
                view,
                config.allocation(),
                config.bus(),
                clock,
                random,
                meters);
        return deploy("registry", registry)
                .compose(deployed -> deploy("rollouts", rollouts))
                .compose(deployed -> deploy("allocation", allocation))
                .compose(deployed -> deploy("dead letters", deadLetters))
                .compose(deployed -> deploy("locks", locks(bus, services, redis, postgres)))
                .compose(deployed -> deploy(
                        "list of nodes",
                        new NodesVerticle(services, view, config.node().id(), SHARDS)))
                .compose(deployed -> gateway(bus, services, mailboxes, retained, view, authenticator, tls))
                .compose(port -> ready(bus, membership).map(port));
    }

    private LockVerticle locks(MessageBus bus, BusServices services, RedisLink redis, PostgresStore postgres) {
        LocksConfig limits = config.locks();
        RedisLockStore store = new RedisLockStore(
                redis,
                new PgLockEpochs(postgres),
                new RedisLockStore.Bounds(
                        limits.ageing(), limits.maxWaiters(), limits.maxLocks(), limits.maxHolders()));
        return new LockVerticle(
                bus,
                services,
                store,
                new PgDocumentStore(postgres, limits.maxDocuments()),
                new PgBarrierStore(postgres, limits.maxDocuments()),
                limits,
                clock,
                meters);
    }

    /** From here on the node may own work. Completes when there is somebody who allocates, if it does not take too long. */
    private Future<Void> ready(MessageBus bus, MembershipVerticle membership) {
        // The first to be stopped: others have the work before the node's clients go.
        parts.add(
                "work on shards",
                LEASE.plus(CLOSE_PATIENCE),
                () -> hasHeirs(membership.view()) ? membership.drain() : Future.succeededFuture());
        Promise<Void> alone = Promise.promise();
        awaitNoStranger(
                membership.view(),
                alone,
                System.nanoTime() + LEASE.multipliedBy(2).toNanos());
        return alone.future().compose(checked -> {
            membership.ready();
            Promise<Void> served = Promise.promise();
            awaitAllocation(bus, served, System.nanoTime() + ALLOCATION_PATIENCE.toNanos());
            return served.future();
        });
    }

    /** One that was killed is a member until its lease is over. */
    private void awaitNoStranger(ClusterView view, Promise<Void> alone, long latest) {
        Optional<String> stranger = cluster.stranger(view);
        if (stranger.isEmpty()) {
            alone.complete();
        } else if (System.nanoTime() - latest > 0) {
            alone.fail(new NodeException(stranger.get()));
        } else {
            vertx.setTimer(PROBE_INTERVAL.toMillis(), ignored -> awaitNoStranger(view, alone, latest));
        }
    }

    private void awaitAllocation(MessageBus bus, Promise<Void> served, long latest) {
        if (bus.hasSubscribers(AllocationVerticle.ADDRESS)) {
            served.complete();
        } else if (System.nanoTime() - latest > 0) {
            log.warn("Nobody allocates tasks yet; the node goes on without");
            served.complete();
        } else {
            vertx.setTimer(PROBE_INTERVAL.toMillis(), ignored -> awaitAllocation(bus, served, latest));
        }
    }

    private boolean hasHeirs(ClusterView view) {
        return view.members().stream()
                .anyMatch(member -> !member.id().equals(config.node().id())
                        && member.state() == State.LIVE
                        && member.kind() != NodeKind.EDGE);
    }

    private Map<String, String> lacking(ClusterView view) {
        Map<String, String> lacking = new LinkedHashMap<>(lackingStores.get());
        view.whyNot().ifPresent(why -> lacking.put("membership", "the node does not act: " + why));
        return lacking;
    }

    private MailboxParts mailboxes(MessageBus bus, RedisLink redis) {
        MailboxConfig limits = config.mailbox();
        MailboxStore store = new RedisMailboxStore(
                redis, limits.maxMessages(), limits.maxBytes().bytes());
        MailboxSweep sweep = new MailboxSweep(vertx, store);
        redis.onRecovered(sweep::sweepAll);
        parts.add("mailboxes", CLOSE_PATIENCE, () -> {
            sweep.close();
            return Future.succeededFuture();
        });
        return new MailboxParts(new Mailboxes(bus, store, limits, meters), store, sweep, limits);
    }

    private RetainedMessages retained(MessageBus bus, RedisLink redis) {
        RetainedStore store = new RedisRetainedStore(
                redis,
                config.retained().maxMessages(),
                config.retained().maxBytes().bytes());
        RetainedMessages retained =
                new RetainedMessages(vertx, bus, store, config.mailbox().replicas(), meters);
        parts.add("retained messages", CLOSE_PATIENCE, () -> {
            retained.close();
            return Future.succeededFuture();
        });
        return retained;
    }

    private Future<Void> deploy(String name, Deployable verticle) {
        return willStop(name, vertx.deployVerticle(verticle));
    }

    private Future<Void> willStop(String name, Future<String> deployed) {
        return deployed.map(id -> {
            parts.add(
                    name,
                    config.node().drainTimeout().plus(CLOSE_PATIENCE),
                    () -> vertx.undeploy(id).mapEmpty());
            return null;
        });
    }

    private Future<Integer> gateway(
            MessageBus bus,
            BusServices services,
            MailboxParts mailboxes,
            RetainedMessages retained,
            ClusterView view,
            Authenticator authenticator,
            Optional<ServerTls> tls) {
        AgentEndpoint.Shared door = new AgentEndpoint.Shared(
                config.node().id(),
                bus,
                services,
                authenticator,
                config.gateway(),
                config.bus(),
                mailboxes,
                retained,
                new SessionDirectory(new SecureRandom()),
                new DoorMeters(meters),
                limits.connections(),
                new ConnectPacer(limits.connectsPerSecond(), random),
                clock,
                random);
        boolean localOnly = config.identity().publicKeyFile().isEmpty();
        ApiParts api = new ApiParts(
                config.gateway(),
                config.bus(),
                services,
                bus,
                new Access(config.gateway(), authenticator, localOnly),
                () -> lacking(view),
                meters::scrape,
                meters,
                clock,
                random);
        ListenAddress address = ListenAddress.of(config.gateway());
        int port = address.choosePort();
        // Together, so that whom one sends away does not come back to another.
        Future<String> listening = vertx.deployVerticle(
                () -> new GatewayVerticle(door, api, tls, port, config.node().drainTimeout()),
                new DeploymentOptions().setInstances(cores));
        return willStop("gateway", listening).map(port).recover(cause -> Future.failedFuture(address.explain(cause)));
    }
}
