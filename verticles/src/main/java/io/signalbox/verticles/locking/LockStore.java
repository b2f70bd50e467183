package io.signalbox.verticles.locking;

import io.signalbox.codecs.proto.LockMode;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Locks, their holders and those that wait. Whatever is done to a lock also ends what is over there and hands it on; what that
 * meant for others comes back as events, to be told by the caller. Any node may do it, as often as it likes. A failed future
 * carries a {@code RedisFailure}, a {@code StoreException}, or a {@code ServiceException} that says why not. Thread-safe.
 */
public interface LockStore {

    /**
     * @param limit how many may hold in this mode
     * @param patience how long to wait; zero: not at all
     * @param generation of the agent, to tell it by
     */
    record Claim(
            String name,
            Owner owner,
            LockMode mode,
            int limit,
            int priority,
            Duration lease,
            Duration patience,
            boolean preempt,
            long generation) {}

    /**
     * @param token 0: whatever it has
     * @param generation as in its claim; may be another one since
     */
    record Renewal(String name, Owner owner, long token, Duration lease, long generation) {}

    enum Status {
        /** Neither holds nor waits. */
        NONE,
        HELD,
        WAITING,
        /** Refused: as many wait, or as many locks are in use, as may be. */
        FULL,
        /** Refused: it has the lock in another mode. */
        CONFLICT
    }

    /**
     * @param token 0 unless held
     * @param left until the lease is over
     * @param ahead how many wait before it, or at all when it has no claim
     */
    record Standing(Status status, long token, Duration left, int ahead) {}

    /**
     * What became of somebody's claim that did not ask for it now.
     *
     * @param waited of one that was granted it; else zero
     */
    record Event(Kind kind, String name, Owner owner, long generation, long token, Duration lease, Duration waited) {
        enum Kind {
            GRANTED,
            /** By one of higher priority. */
            REVOKED,
            /** A holder was not heard of for its lease. */
            LAPSED,
            /** A waiter was not heard of, or did not want to wait longer. */
            GAVE_UP
        }
    }

    /**
     * @param micros of the store's clock
     * @param nextDue when the next lease of the shard is over, in milliseconds of the store's clock; 0: there is none
     */
    record Done(long micros, List<Standing> standings, List<Event> events, long nextDue) {}

    /** @param locks of the shard */
    record Swept(long micros, List<Event> events, long nextDue, int locks) {}

    /**
     * @param limit how many may hold in this mode
     * @param token 0: waits
     */
    record Seen(Owner owner, LockMode mode, int limit, int priority, long token, long since, long until) {}

    /** @param waiters the first of them, in their order */
    record Lock(String name, int holding, int waiting, List<Seen> holders, List<Seen> waiters) {}

    /** Where a page ended. */
    record Place(int shard, String name) {
        static final Place START = new Place(0, "");
    }

    record Page(List<Lock> locks, Optional<Place> next) {}

    Future<Done> acquire(Claim claim);

    /** @param token 0: whatever it has */
    Future<Done> release(String name, Owner owner, long token);

    /** One or more for each shard that the locks are in; without those of shards that fail, unless all do. */
    Future<List<Renewed>> renew(List<Renewal> renewals);

    /** @param positions of the standings in the list of renewals */
    record Renewed(int shard, List<Integer> positions, Done done) {}

    /** Ends what is over. */
    Future<Swept> sweep(int shard);

    Future<Optional<Lock>> get(String name, int maxWaiters);

    /**
     * By shard and name. A page may be empty and have a next one.
     *
     * @param contended only those that somebody waits for
     */
    Future<Page> list(Place after, int limit, int maxHolders, int maxWaiters, boolean contended);
}
