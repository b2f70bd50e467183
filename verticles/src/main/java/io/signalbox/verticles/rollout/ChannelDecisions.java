package io.signalbox.verticles.rollout;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.rollout.RolloutStore.Followed;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the channels, lets somebody decide, and has the store take it. Confined to its event loop. */
final class ChannelDecisions {
    private static final Logger log = LoggerFactory.getLogger(ChannelDecisions.class);

    private final RolloutStore store;
    private final InstantSource clock;
    private final BiConsumer<Followed, Move> taken;

    /** @param taken called with the channels after a decision, and with it */
    ChannelDecisions(RolloutStore store, InstantSource clock, BiConsumer<Followed, Move> taken) {
        this.store = store;
        this.clock = clock;
        this.taken = taken;
    }

    /**
     * Completes with the channels after it. Fails with a {@code ServiceException}, or with {@link StoreException} of kind
     * {@code FENCED}.
     *
     * @param decide from the channels and the time
     * @param note what else the history is to say
     */
    Future<Channels> decide(
            String definition,
            BiFunction<Channels, Instant, Channels.Outcome> decide,
            UnaryOperator<Move> note,
            Optional<ShardFence> fence) {
        return find(definition).compose(found -> switch (decide.apply(found.channels(), clock.instant())) {
            case Channels.Outcome.Refused(Code code, String reason) ->
                Future.failedFuture(new ServiceException(code, reason));
            case Channels.Outcome.Changed(Channels next, Move move) -> take(next, note.apply(move), fence);
        });
    }

    Future<Followed> find(String definition) {
        return store.find(definition)
                .recover(ChannelDecisions::refused)
                .map(found ->
                        found.orElseThrow(() -> new ServiceException(Code.NOT_FOUND, "no definition " + definition)));
    }

    private Future<Channels> take(Channels next, Move move, Optional<ShardFence> fence) {
        return store.take(next, move, fence)
                .recover(ChannelDecisions::refused)
                .compose(done -> done
                        ? find(next.definition())
                        : Future.failedFuture(new ServiceException(
                                Code.CONFLICT,
                                "another decision about " + next.definition() + " was taken at the same time;"
                                        + " look at its channels and decide again")))
                .map(after -> {
                    taken.accept(after, move);
                    return after.channels();
                });
    }

    /** For who asked; who is fenced has to know that. */
    static <T> Future<T> refused(Throwable cause) {
        if (!(cause instanceof StoreException failure) || failure.kind() == StoreException.Kind.FENCED) {
            return Future.failedFuture(cause);
        }
        if (failure.kind() == StoreException.Kind.FAULT) {
            log.error("The store refused a statement", failure);
        }
        return Future.failedFuture(failure.refusal());
    }
}
