package io.signalbox.sdk;

import io.signalbox.codecs.proto.LockAnswer;
import io.signalbox.codecs.proto.LockClaim;
import io.signalbox.codecs.proto.LockState;
import io.signalbox.sdk.LeaseBook.Key;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The service as an agent sees it, with one exclusive lock: leases of holders and waiters by its own clock, in milliseconds. */
final class SimulatedLocks {
    private static final long LEASE = 1000;

    private final BiConsumer<String, LockAnswer> notices;
    private final Map<Key, Long> waiting = new LinkedHashMap<>();
    private Optional<Key> holder = Optional.empty();
    private long until;
    private long token;

    /** @param notices what it tells by itself: type and content */
    SimulatedLocks(BiConsumer<String, LockAnswer> notices) {
        this.notices = notices;
    }

    static LockAnswer.Builder answer(Key key) {
        return LockAnswer.newBuilder().setName(key.name()).setHolder(key.holder());
    }

    private LockAnswer standing(Key key, long now) {
        if (holder.equals(Optional.of(key))) {
            return answer(key)
                    .setState(LockState.LOCK_STATE_HELD)
                    .setToken(token)
                    .setLeaseMs((int) (until - now))
                    .build();
        }
        return answer(key)
                .setState(waiting.containsKey(key) ? LockState.LOCK_STATE_WAITING : LockState.LOCK_STATE_NONE)
                .setLeaseMs((int) LEASE)
                .build();
    }

    void expire(long now) {
        waiting.values().removeIf(end -> end <= now);
        if (holder.isPresent() && until <= now) {
            notices.accept("LockLapsed", answer(holder.get()).setToken(token).build());
            holder = Optional.empty();
        }
        if (holder.isEmpty() && !waiting.isEmpty()) {
            Key next = waiting.keySet().iterator().next();
            waiting.remove(next);
            grant(next, now);
            notices.accept("LockGranted", answer(next).setToken(token).build());
        }
    }

    private void grant(Key key, long now) {
        holder = Optional.of(key);
        token++;
        until = now + LEASE;
    }

    LockAnswer acquire(Key key, long now) {
        expire(now);
        if (holder.isEmpty()) {
            grant(key, now);
        } else if (!holder.get().equals(key)) {
            waiting.put(key, now + LEASE);
        }
        return standing(key, now);
    }

    LockAnswer renew(LockClaim claim, long now) {
        expire(now);
        Key key = new Key(claim.getName(), claim.getHolder());
        boolean its = holder.equals(Optional.of(key)) && (claim.getToken() == 0 || claim.getToken() == token);
        if (its) {
            until = now + LEASE;
        }
        waiting.computeIfPresent(key, (ignored, end) -> now + LEASE);
        return standing(key, now);
    }

    void release(Key key, long now) {
        waiting.remove(key);
        holder = holder.filter(held -> !held.equals(key));
        expire(now);
    }

    /** By one that is none of the simulated. */
    void preempt(long now) {
        holder.ifPresent(held ->
                notices.accept("LockRevoked", answer(held).setToken(token).build()));
        grant(new Key("lock", "stranger"), now);
    }

    boolean isHeldBy(Key key, long itsToken) {
        return holder.equals(Optional.of(key)) && token == itsToken;
    }
}
