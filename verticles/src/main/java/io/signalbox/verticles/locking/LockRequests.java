package io.signalbox.verticles.locking;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.CoordinationRequest;
import io.signalbox.codecs.proto.AcquireLock;
import io.signalbox.codecs.proto.LockAnswer;
import io.signalbox.codecs.proto.LockAnswers;
import io.signalbox.codecs.proto.LockClaim;
import io.signalbox.codecs.proto.LockState;
import io.signalbox.codecs.proto.ReleaseLock;
import io.signalbox.codecs.proto.RenewLocks;
import io.signalbox.config.LocksConfig;
import io.signalbox.verticles.locking.LockStore.Claim;
import io.signalbox.verticles.locking.LockStore.Done;
import io.signalbox.verticles.locking.LockStore.Renewal;
import io.signalbox.verticles.locking.LockStore.Standing;
import io.signalbox.verticles.locking.LockStore.Status;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** What agents ask about locks. Confined to its event loop. */
final class LockRequests {
    private static final int DEFAULT_PRIORITY = 5;
    private static final int MAX_PRIORITY = 9;
    private static final int MAX_RENEWALS = 1000;
    private static final Duration SHORTEST_LEASE = Duration.ofMillis(50);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final LockStore store;
    private final LocksConfig config;
    private final LockNotices notices;
    private final LockSweep sweep;
    private final LockMeters meters;

    LockRequests(LockStore store, LocksConfig config, LockNotices notices, LockSweep sweep, LockMeters meters) {
        this.store = store;
        this.config = config;
        this.notices = notices;
        this.sweep = sweep;
        this.meters = meters;
    }

    Future<LockAnswer> acquire(CoordinationRequest from, AcquireLock request) {
        Claim claim = new Claim(
                Failures.checkName(request.getName()),
                owner(from, request.getHolder()),
                request.getMode(),
                limit(request),
                priority(request),
                lease(request.getLeaseMs()),
                patience(request),
                request.getPreempt(),
                from.getGeneration());
        return store.acquire(claim).map(done -> {
            settle(LockKeys.shard(claim.name()), done);
            Standing standing = done.standings().getFirst();
            meters.acquired(standing.status());
            return acquired(claim, standing);
        });
    }

    private LockAnswer acquired(Claim claim, Standing standing) {
        return switch (standing.status()) {
            case NONE ->
                answer(claim.name(), claim.owner(), standing).toBuilder()
                        .setReason("it is held, and the request was not to wait")
                        .build();
            case HELD, WAITING -> answer(claim.name(), claim.owner(), standing);
            case FULL ->
                throw new ServiceException(
                        Code.OVERLOADED,
                        standing.ahead() > 0
                                ? standing.ahead() + " wait for the lock already, more may not"
                                : "as many locks are in use as may be",
                        RETRY_AFTER);
            case CONFLICT ->
                throw new ServiceException(
                        Code.CONFLICT, "the holder has the lock in another mode; it must release it first");
        };
    }

    private static Owner owner(CoordinationRequest from, String holder) {
        return new Owner(from.getAgent(), Failures.checkPart(holder));
    }

    private int limit(AcquireLock request) {
        return switch (request.getMode()) {
            case LOCK_MODE_EXCLUSIVE -> 1;
            case LOCK_MODE_SHARED -> config.maxHolders();
            case LOCK_MODE_PERMIT -> permits(request.getPermits());
            case UNRECOGNIZED -> throw Failures.invalid("there is no such mode");
        };
    }

    private int permits(int permits) {
        if (permits < 1 || permits > config.maxHolders()) {
            throw Failures.invalid("permits must be 1 to " + config.maxHolders());
        }
        return permits;
    }

    private static int priority(AcquireLock request) {
        int priority = request.hasPriority() ? request.getPriority() : DEFAULT_PRIORITY;
        if (priority < 0 || priority > MAX_PRIORITY) {
            throw Failures.invalid("priority must be 0 to " + MAX_PRIORITY);
        }
        return priority;
    }

    private Duration lease(int millis) {
        Duration lease = millis == 0 ? config.lease() : Duration.ofMillis(Integer.toUnsignedLong(millis));
        if (lease.compareTo(SHORTEST_LEASE) < 0 || lease.compareTo(config.maxLease()) > 0) {
            throw Failures.invalid("a lease is from " + SHORTEST_LEASE.toMillis() + " to "
                    + config.maxLease().toMillis() + " ms");
        }
        return lease;
    }

    /** Whoever wants to wait longer asks again. */
    private Duration patience(AcquireLock request) {
        Duration patience = Duration.ofMillis(Integer.toUnsignedLong(request.getWaitMs()));
        return patience.compareTo(config.maxWait()) > 0 ? config.maxWait() : patience;
    }

    Future<LockAnswer> release(CoordinationRequest from, ReleaseLock request) {
        String name = Failures.checkName(request.getName());
        Owner owner = owner(from, request.getHolder());
        return store.release(name, owner, request.getToken()).map(done -> {
            settle(LockKeys.shard(name), done);
            return answer(name, owner, done.standings().getFirst());
        });
    }

    Future<LockAnswers> renew(CoordinationRequest from, RenewLocks request) {
        if (request.getClaimsCount() > MAX_RENEWALS) {
            throw Failures.invalid("at most " + MAX_RENEWALS + " claims at once");
        }
        List<Renewal> renewals = request.getClaimsList().stream()
                .map(claim -> renewal(from, claim))
                .toList();
        return store.renew(renewals).map(parts -> {
            LockAnswer[] answers = renewals.stream().map(LockRequests::unknown).toArray(LockAnswer[]::new);
            parts.forEach(part -> {
                settle(part.shard(), part.done());
                for (int i = 0; i < part.positions().size(); i++) {
                    int position = part.positions().get(i);
                    answers[position] = renewed(
                            renewals.get(position), part.done().standings().get(i));
                }
            });
            return LockAnswers.newBuilder()
                    .addAllAnswers(Arrays.asList(answers))
                    .build();
        });
    }

    private Renewal renewal(CoordinationRequest from, LockClaim claim) {
        return new Renewal(
                Failures.checkName(claim.getName()),
                owner(from, claim.getHolder()),
                claim.getToken(),
                lease(claim.getLeaseMs()),
                from.getGeneration());
    }

    private static LockAnswer unknown(Renewal renewal) {
        return LockAnswer.newBuilder()
                .setName(renewal.name())
                .setHolder(renewal.owner().holder())
                .setState(LockState.LOCK_STATE_UNKNOWN)
                .build();
    }

    /** Another token than it says is not its own any more: it was granted to the holder's next claim. */
    private static LockAnswer renewed(Renewal renewal, Standing standing) {
        boolean other = renewal.token() != LockToken.NONE && renewal.token() != standing.token();
        return other
                ? LockAnswer.newBuilder()
                        .setName(renewal.name())
                        .setHolder(renewal.owner().holder())
                        .setReason("the lease was over, or the lock was taken by one of higher priority")
                        .build()
                : answer(renewal.name(), renewal.owner(), standing);
    }

    private static LockAnswer answer(String name, Owner owner, Standing standing) {
        return LockAnswer.newBuilder()
                .setName(name)
                .setHolder(owner.holder())
                .setState(state(standing.status()))
                .setToken(standing.token())
                .setLeaseMs((int) standing.left().toMillis())
                .setPosition(standing.ahead())
                .build();
    }

    private static LockState state(Status status) {
        return switch (status) {
            case HELD -> LockState.LOCK_STATE_HELD;
            case WAITING -> LockState.LOCK_STATE_WAITING;
            case NONE, FULL, CONFLICT -> LockState.LOCK_STATE_NONE;
        };
    }

    private void settle(int shard, Done done) {
        notices.tell(done.events());
        sweep.heard(shard, done.micros(), done.nextDue());
    }
}
