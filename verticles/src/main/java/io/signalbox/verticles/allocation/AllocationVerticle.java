package io.signalbox.verticles.allocation;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.service.BusServices;
import io.signalbox.config.AllocationConfig;
import io.signalbox.config.BusConfig;
import io.signalbox.verticles.postgres.ShardFence;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Allocation as a service at {@value #ADDRESS}. One node of the cluster does it, the owner of the one shard of {@value #KIND};
 * this verticle begins and ends the node's {@link Tenure} as ownership comes and goes. Confined to its event loop.
 */
public final class AllocationVerticle extends VerticleBase {
    public static final String ADDRESS = "$sys/allocation";

    /** The kind of work, of which there is one shard: agents' slots are shared by all tasks. */
    public static final String KIND = "tasks";

    private static final Logger log = LoggerFactory.getLogger(AllocationVerticle.class);
    private static final Shard TASKS = new Shard(KIND, 0);
    private static final Duration TRY_AGAIN = Duration.ofMillis(300);

    private final Tenure.Means means;
    private final Function<ShardFence, AllocationStores> stores;
    private final ClusterView view;
    private final AtomicInteger allocates = new AtomicInteger();
    private Optional<Tenure> tenure = Optional.empty();
    private int epoch;

    /** @param stores makes stores that take writes only as long as the fence holds */
    public AllocationVerticle(
            MessageBus bus,
            BusServices services,
            Function<ShardFence, AllocationStores> stores,
            ClusterView view,
            AllocationConfig config,
            BusConfig busConfig,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry meters) {
        this.means = new Tenure.Means(bus, services, config, busConfig, clock, random, new AllocationMeters(meters));
        this.stores = stores;
        this.view = view;
        Gauge.builder("signalbox.allocation.owner", allocates, AtomicInteger::get)
                .description("1 on the node that allocates")
                .register(meters);
    }

    /** Completes at once: the tasks may come later. */
    @Override
    public Future<?> start() {
        view.listen(new Ownership());
        beginIfOwner();
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        return leave();
    }

    /** Called on membership's event loop. */
    private final class Ownership implements ClusterView.Listener {
        @Override
        public void shardsGained(Map<Shard, Integer> epochs) {
            if (epochs.containsKey(TASKS)) {
                context.runOnContext(ignored -> beginIfOwner());
            }
        }

        @Override
        public Future<?> shardsLeaving(Set<Shard> shards) {
            if (!shards.contains(TASKS)) {
                return Future.succeededFuture();
            }
            Promise<Void> left = Promise.promise();
            context.runOnContext(ignored -> leave().onComplete(left));
            return left.future();
        }

        @Override
        public void shardsLost(Set<Shard> shards) {
            if (shards.contains(TASKS)) {
                context.runOnContext(ignored -> abandon());
            }
        }

        @Override
        public void notActing(String why) {
            context.runOnContext(ignored -> tenure.ifPresent(Tenure::pause));
        }

        @Override
        public void acting(int incarnation) {
            context.runOnContext(ignored -> tenure.ifPresent(Tenure::resume));
        }
    }

    private void beginIfOwner() {
        OptionalInt owned = view.epoch(TASKS);
        if (owned.isEmpty() || tenure.isPresent() && epoch == owned.getAsInt()) {
            return;
        }
        abandon();
        epoch = owned.getAsInt();
        ShardFence fence = new ShardFence(KIND, Map.of(TASKS.number(), epoch));
        Tenure begun = new Tenure(context, means, stores.apply(fence), epoch, this::abandon);
        tenure = Optional.of(begun);
        begun.begin()
                .onSuccess(serving -> allocates.set(tenure.filter(begun::equals).isPresent() ? 1 : 0))
                .onFailure(cause -> couldNotBegin(begun, cause));
    }

    private void couldNotBegin(Tenure begun, Throwable cause) {
        if (tenure.filter(begun::equals).isPresent()) {
            log.warn("The tasks cannot be taken over yet: {}", cause.toString());
            abandon();
            vertx.setTimer(TRY_AGAIN.toMillis(), ignored -> beginIfOwner());
        }
    }

    /** Hands over in order. */
    private Future<Void> leave() {
        Optional<Tenure> leaving = tenure;
        return leaving.map(Tenure::drain).orElse(Future.succeededFuture()).onComplete(done -> {
            if (tenure.equals(leaving)) {
                abandon();
            }
        });
    }

    private void abandon() {
        tenure.ifPresent(Tenure::end);
        tenure = Optional.empty();
        allocates.set(0);
    }
}
