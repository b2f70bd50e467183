package io.signalbox.sdk;

import io.signalbox.codecs.proto.LockAnswer;
import io.signalbox.codecs.proto.LockAnswers;
import io.signalbox.codecs.proto.LockClaim;
import io.signalbox.codecs.proto.RenewLocks;
import io.signalbox.sdk.LeaseBook.Effect;
import io.signalbox.sdk.LeaseBook.Key;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * Keeps an agent's leases: renews them together, and tells their holders when one is lost. It has a thread while there is a claim.
 * Thread-safe.
 */
final class LeaseKeeper {
    /** Asks the service and waits for the answer. */
    interface Renewer {
        LockAnswers.Builder ask(com.google.protobuf.Message request, LockAnswers.Builder answer)
                throws InterruptedException;
    }

    private final Renewer renewer;
    private final BiConsumer<Key, Long> giveBack;
    private final LongSupplier nanoClock;
    private final LeaseBook book = new LeaseBook();
    private final Map<Key, CompletableFuture<Long>> waiting = new HashMap<>();
    private final Map<Key, HeldLock> held = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean running;

    /** @param giveBack what nobody wants any more; must return at once */
    LeaseKeeper(Renewer renewer, BiConsumer<Key, Long> giveBack, LongSupplier nanoClock) {
        this.renewer = renewer;
        this.giveBack = giveBack;
        this.nanoClock = nanoClock;
    }

    /**
     * Before the service is asked for the lock.
     *
     * @return the token once it is held; fails when the claim is over
     */
    CompletableFuture<Long> ask(Key key, Duration lease) {
        lock.lock();
        try {
            CompletableFuture<Long> token = new CompletableFuture<>();
            waiting.put(key, token);
            book.ask(key, lease.toNanos());
            if (!running) {
                running = true;
                Thread.ofVirtual().name("signalbox-leases").start(this::keep);
            }
            return token;
        } finally {
            lock.unlock();
        }
    }

    private interface Step {
        List<Effect> on(LeaseBook book);
    }

    private void decide(Step step) {
        lock.lock();
        try {
            step.on(book).forEach(this::perform);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void asked(Key key, LockAnswer answer, long sentAt) {
        decide(claims -> claims.asked(key, answer, sentAt, nanoClock.getAsLong()));
    }

    void noticed(String type, LockAnswer notice) {
        decide(claims -> claims.noticed(type, notice, nanoClock.getAsLong()));
    }

    void end(String reason) {
        decide(claims -> claims.loseAll(reason));
    }

    void forget(Key key) {
        decide(claims -> {
            claims.forget(key);
            waiting.remove(key);
            held.remove(key);
            return List.of();
        });
    }

    /** From now on its holder is told of a loss; false: it is lost already. */
    boolean hold(HeldLock taken) {
        lock.lock();
        try {
            boolean still = waiting.remove(taken.key()) != null;
            if (still) {
                held.put(taken.key(), taken);
            }
            return still;
        } finally {
            lock.unlock();
        }
    }

    private void perform(Effect effect) {
        switch (effect) {
            case Effect.Renew renew ->
                Thread.ofVirtual().name("signalbox-renew").start(() -> renew(renew.claims()));
            case Effect.Held taken ->
                Optional.ofNullable(waiting.get(taken.key())).ifPresent(token -> token.complete(taken.token()));
            case Effect.Lost lost -> over(lost.key(), lost.reason());
            case Effect.Gone gone -> over(gone.key(), gone.reason());
            case Effect.GiveBack unwanted -> giveBack.accept(unwanted.key(), unwanted.token());
        }
    }

    private void over(Key key, String reason) {
        Optional.ofNullable(waiting.remove(key))
                .ifPresent(token -> token.completeExceptionally(new IllegalStateException(reason)));
        Optional.ofNullable(held.remove(key)).ifPresent(taken -> taken.lost(reason));
    }

    /** However long it takes: that a lease is over meanwhile is seen by the keeper's own thread. */
    private void renew(List<LockClaim> claims) {
        long sentAt = nanoClock.getAsLong();
        try {
            RenewLocks renew = RenewLocks.newBuilder().addAllClaims(claims).build();
            List<LockAnswer> answers =
                    renewer.ask(renew, LockAnswers.newBuilder()).getAnswersList();
            decide(book -> book.renewed(answers, sentAt, nanoClock.getAsLong()));
        } catch (SignalboxException e) {
            failed(claims);
        } catch (InterruptedException e) {
            failed(claims);
            Thread.currentThread().interrupt();
        }
    }

    private void failed(List<LockClaim> claims) {
        decide(book -> {
            book.failed(claims, nanoClock.getAsLong());
            return List.of();
        });
    }

    private void keep() {
        lock.lock();
        try {
            while (!book.isEmpty()) {
                book.tick(nanoClock.getAsLong()).forEach(this::perform);
                awaitNext();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running = false;
            lock.unlock();
        }
    }

    private void awaitNext() throws InterruptedException {
        Optional<Long> next = book.nextTick();
        if (book.isEmpty()) {
            return;
        }
        if (next.isEmpty()) {
            changed.await();
        } else {
            long nanos = next.get() - nanoClock.getAsLong();
            if (nanos > 0) {
                changed.await(nanos, TimeUnit.NANOSECONDS);
            }
        }
    }
}
