package io.signalbox.bus.service;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.HandOver;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.OfferResult;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Error;
import io.signalbox.codecs.proto.Message;
import io.signalbox.config.BusConfig;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests and answers over the bus. A request is a message whose type names its Protobuf type; all answers come to one
 * address of the node and are told apart by correlation id. Thread-safe.
 */
public final class BusServices implements ServiceClient, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BusServices.class);
    private static final String ERROR = Error.getDescriptor().getName();
    private static final Duration TICK = Duration.ofMillis(50);
    private static final int PRIORITY = 9;

    private final MessageBus bus;
    private final Vertx vertx;
    private final BusConfig config;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final String replyAddress;
    private final Subscription replies;
    private final Map<String, Call<?>> calls = new ConcurrentHashMap<>();
    private final DeadlineWheel<Call<?>> deadlines = new DeadlineWheel<>(TICK);
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicLong ids = new AtomicLong();
    private final long timer;
    private volatile boolean closed;

    /** One request on its way. */
    private final class Call<T extends MessageLite> {
        final String id;
        final String address;
        final Parser<T> parser;
        final Promise<T> promise;
        final Timer.Sample begin = Timer.start(meters);

        Call(String id, String address, Parser<T> parser, Promise<T> promise) {
            this.id = id;
            this.address = address;
            this.parser = parser;
            this.promise = promise;
        }

        void answer(Message answer) {
            try {
                if (answer.getType().equals(ERROR)) {
                    fail(exception(Error.parseFrom(answer.getPayload())));
                } else {
                    complete(parser.parseFrom(answer.getPayload()));
                }
            } catch (InvalidProtocolBufferException e) {
                log.error("The service at {} gave an answer that does not parse", address, e);
                fail(new ServiceException(Code.UNAVAILABLE, "the service's answer does not parse"));
            }
        }

        private void complete(T result) {
            if (finish("OK")) {
                settle(() -> promise.complete(result));
            }
        }

        void fail(ServiceException failure) {
            if (finish(failure.code().name())) {
                settle(() -> promise.fail(failure));
            }
        }

        /** What a caller does with its result may run here: its fault must not reach the calls that end with this one. */
        private void settle(Runnable end) {
            try {
                end.run();
            } catch (RuntimeException e) {
                log.error("A caller of {} failed on its result", address, e);
            }
        }

        private boolean finish(String outcome) {
            if (calls.remove(id) == null) {
                return false;
            }
            pending.decrementAndGet();
            begin.stop(Timer.builder("signalbox.bus.call")
                    .description("Requests to services, from asking to the answer")
                    .tag("service", address)
                    .tag("outcome", outcome)
                    .register(meters));
            return true;
        }
    }

    public BusServices(
            MessageBus bus, Vertx vertx, String nodeId, BusConfig config, InstantSource clock, MeterRegistry meters) {
        this.bus = bus;
        this.vertx = vertx;
        this.config = config;
        this.clock = clock;
        this.meters = meters;
        this.replyAddress = "$sys/reply/" + nodeId;
        this.replies = bus.subscribe(new AddressPattern(replyAddress), "", this::takeReply);
        this.timer = vertx.setPeriodic(TICK.toMillis(), ignored -> expireCalls());
    }

    @Override
    public <T extends MessageLite> Future<T> call(
            String address, MessageLite request, Parser<T> answer, Duration timeout) {
        Promise<T> promise = promise();
        if (pending.incrementAndGet() > config.maxQueued()) {
            pending.decrementAndGet();
            promise.fail(new ServiceException(Code.OVERLOADED, "too many requests are under way"));
            return promise.future();
        }
        Call<T> call = new Call<>(Long.toString(ids.incrementAndGet(), 36), address, answer, promise);
        calls.put(call.id, call);
        deadlines.add(call, clock.instant().plus(timeout));
        if (closed) {
            // Looked at after the call was put where close() finds it: one of the two ends it.
            call.fail(shuttingDown());
            return promise.future();
        }
        refusal(bus.send(encode(address, request, call.id)), address).ifPresent(call::fail);
        return promise.future();
    }

    private <T> Promise<T> promise() {
        Context current = Vertx.currentContext();
        return current instanceof ContextInternal internal ? internal.promise() : Promise.promise();
    }

    private static Optional<ServiceException> refusal(OfferResult result, String address) {
        return switch (result) {
            case ACCEPTED -> Optional.empty();
            case BACK_PRESSURED ->
                Optional.of(new ServiceException(Code.OVERLOADED, "the service at " + address + " has too much to do"));
            case NO_ROUTE, CLOSED ->
                Optional.of(new ServiceException(Code.UNAVAILABLE, "no service answers at " + address));
        };
    }

    @Override
    public boolean tell(String address, MessageLite request) {
        return bus.send(encode(address, request, "")) == OfferResult.ACCEPTED;
    }

    private EncodedMessage encode(String address, MessageLite request, String correlationId) {
        Message.Builder message = Message.newBuilder()
                .setAddress(address)
                .setType(request.getClass().getSimpleName())
                .setPriority(PRIORITY)
                .setPayload(request.toByteString());
        if (!correlationId.isEmpty()) {
            message.setReplyTo(replyAddress).setCorrelationId(correlationId);
        }
        return EncodedMessage.of(message.build());
    }

    private OfferResult takeReply(EncodedMessage reply) {
        Message answer = reply.decode();
        Call<?> call = calls.get(answer.getCorrelationId());
        if (call != null) {
            call.answer(answer);
        }
        return OfferResult.ACCEPTED;
    }

    private void expireCalls() {
        for (Call<?> late : deadlines.expired(clock.instant())) {
            late.fail(new ServiceException(Code.TIMEOUT, "no answer from " + late.address));
        }
    }

    /** Ends what was asked at an address and is not answered: nobody knows whether it was done. */
    public void fail(String address, String why) {
        calls.values().stream()
                .filter(call -> call.address.equals(address))
                .forEach(call -> call.fail(new ServiceException(Code.TIMEOUT, why)));
    }

    /**
     * Answers the requests to an address.
     *
     * @param context the event loop that {@code service} is called on
     */
    public Subscription serve(Context context, String address, Service service) {
        HandOver handOver = new HandOver(context, config.maxQueued());
        return bus.subscribe(
                new AddressPattern(address), "service", handOver.to(request -> answer(address, service, request)));
    }

    private void answer(String address, Service service, EncodedMessage encoded) {
        Message request = encoded.decode();
        handle(service, request, encoded).onComplete(result -> {
            MessageLite answer = result.succeeded() ? result.result() : error(address, request, result.cause());
            if (!encoded.replyTo().isEmpty()) {
                reply(request, answer);
            }
        });
    }

    private static Future<? extends MessageLite> handle(Service service, Message request, EncodedMessage encoded) {
        try {
            return service.handle(request.getType(), encoded);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private void reply(Message request, MessageLite answer) {
        OfferResult result = bus.send(EncodedMessage.of(Message.newBuilder()
                .setAddress(request.getReplyTo())
                .setType(answer.getClass().getSimpleName())
                .setCorrelationId(request.getCorrelationId())
                .setPriority(PRIORITY)
                .setPayload(answer.toByteString())
                .build()));
        if (result != OfferResult.ACCEPTED) {
            log.warn("An answer to {} could not be given: {}", request.getReplyTo(), result);
        }
    }

    private Error error(String address, Message request, Throwable cause) {
        if (cause instanceof ServiceException refusal) {
            return Error.newBuilder()
                    .setCode(refusal.code().number())
                    .setMessage(refusal.getMessage())
                    .setRetryAfterMs((int) refusal.retryAfter().toMillis())
                    .build();
        }
        log.error("The service at {} failed on {}", address, request.getType(), cause);
        Counter.builder("signalbox.bus.service.failures")
                .description("Faults of services, not refusals")
                .tag("service", address)
                .register(meters)
                .increment();
        return Error.newBuilder()
                .setCode(Code.UNAVAILABLE.number())
                .setMessage("the service failed; the node's log has the details")
                .build();
    }

    private static ServiceException exception(Error error) {
        return new ServiceException(
                Code.of(error.getCode()).orElse(Code.UNAVAILABLE),
                error.getMessage(),
                Duration.ofMillis(Integer.toUnsignedLong(error.getRetryAfterMs())));
    }

    private static ServiceException shuttingDown() {
        return new ServiceException(Code.UNAVAILABLE, "the node is shutting down");
    }

    /** Fails what is under way, and whatever is asked later, with {@code UNAVAILABLE}. */
    @Override
    public void close() {
        closed = true;
        vertx.cancelTimer(timer);
        replies.close();
        calls.values().forEach(call -> call.fail(shuttingDown()));
    }
}
