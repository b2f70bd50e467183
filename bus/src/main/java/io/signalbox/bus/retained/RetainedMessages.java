package io.signalbox.bus.retained;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.redis.RedisFailure;
import io.signalbox.bus.retained.RetainedStore.Position;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Durability;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retained messages: stored first, then given to whoever is subscribed, without the mark; and read for those who subscribe
 * later. Looks every few seconds how many there are, and removes those whose time-to-live is over. Thread-safe.
 */
public final class RetainedMessages implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RetainedMessages.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofSeconds(5);

    /** Of this node's clients; as many as of messages for mailboxes by default. */
    private static final long MAX_UNSTORED_BYTES = 64 << 20;

    private final Vertx vertx;
    private final MessageBus bus;
    private final RetainedStore store;
    private final int replicas;
    private final AtomicLong unstored = new AtomicLong();
    private final AtomicBoolean looking = new AtomicBoolean();
    private final AtomicLong present = new AtomicLong();
    private final Counter stored;
    private final Counter refused;
    private final long timer;

    /** @param replicas of the store that must have a message whose sender asked for it */
    public RetainedMessages(Vertx vertx, MessageBus bus, RetainedStore store, int replicas, MeterRegistry meters) {
        this.vertx = vertx;
        this.bus = bus;
        this.store = store;
        this.replicas = replicas;
        this.stored = Counter.builder("signalbox.retained.stored")
                .description("Retained messages that were stored or removed by their senders")
                .register(meters);
        this.refused = Counter.builder("signalbox.retained.refused")
                .description("Retained messages that could not be stored")
                .register(meters);
        Gauge.builder("signalbox.retained.messages", present, AtomicLong::get)
                .description("Retained messages of the whole cluster, a few seconds ago")
                .register(meters);
        this.timer = vertx.setPeriodic(LOOK.toMillis(), ignored -> look());
        look();
    }

    private void look() {
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        store.purge()
                .onComplete(done -> looking.set(false))
                .onSuccess(size -> present.set(size.messages()))
                .onFailure(cause -> log.debug("Retained messages cannot be counted now", cause));
    }

    /**
     * Stores a message as the retained one of its address, or without a payload removes that; then publishes it. Completes
     * once it is as safe as its durability says, at least {@code local}, whether or not anybody is subscribed.
     *
     * @param message stamped now, with the mark, to an address of {@link RetainedAddresses}
     * @return fails with {@link ServiceException}: {@code RETAINED_FULL}, {@code OVERLOADED} and {@code UNAVAILABLE}: nothing
     *     was done; {@code TIMEOUT}: whether it was done is unknown; {@code UNREPLICATED}: it was, on the primary store. In
     *     these cases present subscribers did not get it
     */
    public Future<Void> publish(EncodedMessage message) {
        long size = message.size();
        if (unstored.addAndGet(size) > MAX_UNSTORED_BYTES) {
            unstored.addAndGet(-size);
            refused.increment();
            return Future.failedFuture(new ServiceException(
                    Code.OVERLOADED, "too many retained messages are on their way to the store", RETRY_AFTER));
        }
        return change(message)
                .onComplete(done -> unstored.addAndGet(-size))
                .map(revision -> stored(message, revision))
                .recover(cause -> {
                    refused.increment();
                    if (cause instanceof RetainedFullException) {
                        look(); // others may have made room
                    }
                    return Future.failedFuture(refusal(cause));
                });
    }

    private Future<Long> change(EncodedMessage message) {
        int wanted = message.durability() == Durability.DURABILITY_REPLICATED_VALUE ? replicas : 0;
        return message.payload().isEmpty()
                ? store.remove(message.address(), wanted)
                : store.put(new RetainedStore.Put(message.address(), message.bytes(), message.timeToLive(), wanted));
    }

    private Void stored(EncodedMessage message, long revision) {
        stored.increment();
        OfferResult result = bus.publish(message.liveOfRetained(revision));
        if (result == OfferResult.BACK_PRESSURED) {
            log.debug("No subscriber of {} has room for what is retained there now", message.address());
        }
        return null;
    }

    private static Throwable refusal(Throwable cause) {
        return switch (cause) {
            case RetainedFullException full -> new ServiceException(Code.RETAINED_FULL, full.getMessage(), RETRY_AFTER);
            case RedisFailure failure ->
                switch (failure.reason()) {
                    case NOT_SENT ->
                        new ServiceException(
                                Code.UNAVAILABLE,
                                "the store of retained messages is away; nothing was done, try again",
                                RETRY_AFTER);
                    case UNKNOWN ->
                        new ServiceException(
                                Code.TIMEOUT,
                                "the store of retained messages did not answer; publish it again",
                                RETRY_AFTER);
                    case REFUSED ->
                        new ServiceException(
                                Code.UNAVAILABLE,
                                "the store of retained messages refused: " + failure.getMessage(),
                                RETRY_AFTER);
                    case UNREPLICATED -> new ServiceException(Code.UNREPLICATED, failure.getMessage(), RETRY_AFTER);
                };
            default -> cause;
        };
    }

    /**
     * What a subscription is given next.
     *
     * @param until where to go on; empty: this was all
     */
    public record Page(List<Retained> messages, Optional<Position> until) {}

    /** As {@link RetainedStore#page}. */
    public Future<Page> read(RetainedReader reader, Position after, long maxBytes) {
        return store.page(reader.pattern(), after, maxBytes)
                .map(page -> new Page(
                        page.entries().stream()
                                .flatMap(entry -> decoded(entry).stream())
                                .toList(),
                        page.next()));
    }

    private static Optional<Retained> decoded(RetainedStore.Entry entry) {
        try {
            return Optional.of(new Retained(entry.position(), entry.revision(), EncodedMessage.of(entry.message())));
        } catch (CodecException e) {
            log.error("What is retained at {} is no message", entry.address(), e);
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        vertx.cancelTimer(timer);
    }
}
