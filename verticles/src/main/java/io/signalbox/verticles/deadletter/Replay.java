package io.signalbox.verticles.deadletter;

import io.signalbox.bus.mailbox.MailboxFailures;
import io.signalbox.bus.mailbox.MailboxStore;
import io.signalbox.bus.mailbox.MailboxStore.Append;
import io.signalbox.bus.mailbox.MailboxStore.Appended;
import io.signalbox.bus.mailbox.MailboxStore.Position;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.internal.Replayed;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.verticles.deadletter.DeadLetterStore.Filter;
import io.signalbox.verticles.postgres.StoreException;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Puts dead letters into the mailboxes again. First there, then out of the dead letters: whatever fails between, the message
 * is in one of them, and a replay that is repeated does not put it in twice. Confined to one event loop.
 */
final class Replay {
    /** Letters read at once. */
    private static final int CHUNK = 20;

    /** So that a request ends within its time; the rest is for the next one. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final DeadLetterStore store;
    private final MailboxStore mailboxes;
    private final int replicas;
    private final Consumer<String> wake;
    private final InstantSource clock;

    /**
     * @param replicas that must have a message whose sender asked for it
     * @param wake told the agent whose mailbox has something new
     */
    Replay(DeadLetterStore store, MailboxStore mailboxes, int replicas, Consumer<String> wake, InstantSource clock) {
        this.store = store;
        this.mailboxes = mailboxes;
        this.replicas = replicas;
        this.wake = wake;
        this.clock = clock;
    }

    /** What became of some that were to be appended one after the other. */
    private record Turn(List<DeadLetter> appended, Optional<Throwable> stopped) {}

    Future<Replayed> one(String agent, UUID id) {
        return store.find(agent, id)
                .compose(found -> append(found.orElseThrow(() -> DeadLetterVerticle.notFound(agent, id.toString()))))
                .compose(letter -> settle(List.of(letter)))
                .map(replayed(1, false))
                .recover(Replay::refused);
    }

    /** The oldest first, up to the limit; ends at the first that cannot be put in. */
    Future<Replayed> some(Filter filter, int limit) {
        return next(filter, clock.instant(), limit, 0);
    }

    private Future<Replayed> next(Filter filter, Instant begun, int limit, int done) {
        int wanted = Math.min(CHUNK, limit - done);
        if (wanted == 0 || clock.instant().isAfter(begun.plus(PATIENCE))) {
            return Future.succeededFuture(replayed(done, true));
        }
        // What dies again meanwhile is not replayed for ever.
        return store.oldest(filter, begun, wanted)
                .compose(this::appendInTurn)
                .compose(turn -> settle(turn.appended()).map(turn))
                .<Replayed>compose(turn -> {
                    int sum = done + turn.appended().size();
                    if (turn.stopped().isPresent()) {
                        return early(turn.stopped().get(), sum);
                    }
                    return turn.appended().size() < wanted
                            ? Future.succeededFuture(replayed(sum, false))
                            : next(filter, begun, limit, sum);
                })
                .recover(cause -> early(cause, done));
    }

    private Future<Turn> appendInTurn(List<DeadLetter> letters) {
        Future<Turn> turn = Future.succeededFuture(new Turn(new ArrayList<>(), Optional.empty()));
        for (DeadLetter letter : letters) {
            turn = turn.compose(
                    before -> before.stopped().isPresent() ? Future.succeededFuture(before) : append(before, letter));
        }
        return turn;
    }

    private Future<Turn> append(Turn before, DeadLetter letter) {
        return append(letter).transform(result -> {
            if (result.failed()) {
                return Future.succeededFuture(new Turn(before.appended(), Optional.of(result.cause())));
            }
            before.appended().add(letter);
            return Future.succeededFuture(before);
        });
    }

    private Future<DeadLetter> append(DeadLetter letter) {
        Append append = new Append(
                letter.agent(),
                letter.lane(),
                letter.id(),
                letter.revived(clock.instant()),
                false,
                true,
                replicas(letter));
        return mailboxes
                .append(append)
                .compose(appended ->
                        isLeaving(letter, appended) ? afresh(letter, append) : Future.succeededFuture(appended))
                .map(letter);
    }

    private int replicas(DeadLetter letter) {
        return letter.decoded().getDurability() == Durability.DURABILITY_REPLICATED ? replicas : 0;
    }

    /** It is still where it died: who put it to the dead letters is about to delete it. */
    private static boolean isLeaving(DeadLetter letter, Appended appended) {
        return appended.repeated() && appended.position() == letter.position();
    }

    private Future<Appended> afresh(DeadLetter letter, Append append) {
        return mailboxes
                .delete(letter.agent(), List.of(new Position(letter.lane(), letter.position())))
                .compose(deleted -> mailboxes.append(append));
    }

    private Future<Void> settle(List<DeadLetter> appended) {
        if (appended.isEmpty()) {
            return Future.succeededFuture();
        }
        wake.accept(appended.getFirst().agent());
        return store.remove(appended).mapEmpty();
    }

    private static Replayed replayed(int done, boolean more) {
        return Replayed.newBuilder().setReplayed(done).setMore(more).build();
    }

    /** An error only when nothing was replayed. */
    private static Future<Replayed> early(Throwable cause, int done) {
        Future<Replayed> refused = refused(cause);
        return done > 0 && refused.cause() instanceof ServiceException refusal
                ? Future.succeededFuture(replayed(done, true).toBuilder()
                        .setCode(refusal.code().number())
                        .setReason(refusal.getMessage())
                        .build())
                : refused;
    }

    /** Of either store. */
    static <T> Future<T> refused(Throwable cause) {
        return cause instanceof StoreException failure
                ? Future.failedFuture(failure.refusal())
                : MailboxFailures.refused(cause);
    }
}
