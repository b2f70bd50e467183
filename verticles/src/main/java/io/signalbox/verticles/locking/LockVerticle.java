package io.signalbox.verticles.locking;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.CoordinationAnswer;
import io.signalbox.codecs.internal.CoordinationRequest;
import io.signalbox.codecs.internal.GetLock;
import io.signalbox.codecs.internal.ListLocks;
import io.signalbox.codecs.proto.AcquireLock;
import io.signalbox.codecs.proto.ArriveAtBarrier;
import io.signalbox.codecs.proto.GetDocument;
import io.signalbox.codecs.proto.LeaveBarrier;
import io.signalbox.codecs.proto.PutDocument;
import io.signalbox.codecs.proto.ReleaseLock;
import io.signalbox.codecs.proto.RenewLocks;
import io.signalbox.config.LocksConfig;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.InstantSource;

/**
 * Locks, barriers and documents as a service at {@value #ADDRESS}. Every node has one and they are all alike: what they decide on is
 * in the stores. Confined to its event loop.
 */
public final class LockVerticle extends VerticleBase {
    public static final String ADDRESS = "$sys/locks";

    private final BusServices services;
    private final LockStore store;
    private final LocksConfig config;
    private final LockMeters meters;
    private final LockNotices notices;
    private final LockViews views;
    private final SharedStateRequests sharedState;
    private Subscription subscription;
    private LockSweep sweep;
    private LockRequests locks;

    public LockVerticle(
            MessageBus bus,
            BusServices services,
            LockStore store,
            DocumentStore documents,
            BarrierStore barriers,
            LocksConfig config,
            InstantSource clock,
            MeterRegistry meters) {
        this.services = services;
        this.store = store;
        this.config = config;
        this.meters = new LockMeters(meters);
        this.notices = new LockNotices(bus, this.meters);
        this.views = new LockViews(store);
        this.sharedState = new SharedStateRequests(documents, barriers, config, notices, clock);
    }

    @Override
    public Future<?> start() {
        sweep = new LockSweep(vertx, store, notices, meters);
        locks = new LockRequests(store, config, notices, sweep, meters);
        subscription = services.serve(context, ADDRESS, this::handle);
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        subscription.close();
        sweep.close();
        return Future.succeededFuture();
    }

    private Future<? extends MessageLite> handle(String type, EncodedMessage request) {
        try {
            Future<? extends MessageLite> answer = switch (type) {
                case "CoordinationRequest" -> ofAgent(CoordinationRequest.parseFrom(request.payload()));
                case "GetLock" -> views.get(GetLock.parseFrom(request.payload()));
                case "ListLocks" -> views.list(ListLocks.parseFrom(request.payload()));
                case "FindDeadlocks" -> views.deadlocks();
                default -> throw unsupported(type);
            };
            return answer.recover(Failures::refused);
        } catch (InvalidProtocolBufferException e) {
            return Future.failedFuture(new ServiceException(Code.MALFORMED, type + " does not parse"));
        }
    }

    private static ServiceException unsupported(String type) {
        return new ServiceException(Code.UNSUPPORTED, "the service of locks does not do '" + type + "'");
    }

    private Future<CoordinationAnswer> ofAgent(CoordinationRequest request) throws InvalidProtocolBufferException {
        ByteString body = request.getBody();
        Future<? extends MessageLite> answer = switch (request.getType()) {
            case "AcquireLock" -> locks.acquire(request, AcquireLock.parseFrom(body));
            case "ReleaseLock" -> locks.release(request, ReleaseLock.parseFrom(body));
            case "RenewLocks" -> locks.renew(request, RenewLocks.parseFrom(body));
            case "ArriveAtBarrier" -> sharedState.arrive(request, ArriveAtBarrier.parseFrom(body));
            case "LeaveBarrier" -> sharedState.leave(request, LeaveBarrier.parseFrom(body));
            case "GetDocument" -> sharedState.get(GetDocument.parseFrom(body));
            case "PutDocument" -> sharedState.put(request, PutDocument.parseFrom(body));
            default -> throw unsupported(request.getType());
        };
        return answer.map(message -> CoordinationAnswer.newBuilder()
                .setType(message.getClass().getSimpleName())
                .setBody(message.toByteString())
                .build());
    }
}
