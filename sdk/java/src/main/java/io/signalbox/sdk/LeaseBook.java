package io.signalbox.sdk;

import io.signalbox.codecs.proto.LockAnswer;
import io.signalbox.codecs.proto.LockClaim;
import io.signalbox.codecs.proto.LockState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An agent's claims of locks: which it holds, which it waits for, when each is to be renewed, and when one is lost. Leases are counted
 * from when the question was sent whose answer gave them, so they never last longer here than at the store, however long anything
 * was under way or stood still. Times are nanoseconds that only go forward. Single writer, not thread-safe; knows no clock.
 */
final class LeaseBook {
    private static final int RENEWALS_PER_LEASE = 3;

    /** Clocks do not run alike; this part of a lease is not used. */
    private static final int SAFETY_PARTS = 20;

    /** After a renewal that failed. */
    private static final int RETRIES_PER_LEASE = 10;

    /** Claims of one question. */
    static final int MOST_AT_ONCE = 200;

    private static final long NEVER = Long.MAX_VALUE;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Of a claim that wanted the node's, as long as that is not known; rather too short. */
    private static final long DEFAULT_LEASE = 1000 * NANOS_PER_MILLI;

    record Key(String name, String holder) {}

    sealed interface Effect {
        /** To be asked now; then {@link #renewed} or {@link #failed}. */
        record Renew(List<LockClaim> claims) implements Effect {}

        /** The claim is held from now on. */
        record Held(Key key, long token) implements Effect {}

        /** What was held is not any more, or may not be. The claim is forgotten. */
        record Lost(Key key, long token, String reason) implements Effect {}

        /** Does not wait any more. The claim is forgotten. */
        record Gone(Key key, String reason) implements Effect {}

        /** Nobody here wants what was granted. */
        record GiveBack(Key key, long token) implements Effect {}
    }

    private enum State {
        ASKING,
        WAITING,
        HELD
    }

    private static final class Claim {
        final long lease;
        State state = State.ASKING;
        long token;
        long granted;

        /** When the last question was sent that was answered with: it waits. A grant came later than that. */
        long waitedAt;

        long heldAt;
        long until = NEVER;
        long renewAt = NEVER;

        Claim(long lease) {
            this.lease = lease;
        }
    }

    private final Map<Key, Claim> claims = new LinkedHashMap<>();

    /** @param lease in nanoseconds; 0: the node's, known from its answer */
    void ask(Key key, long lease) {
        claims.put(key, new Claim(lease));
    }

    /** The answer to the first question; not for a refusal. */
    List<Effect> asked(Key key, LockAnswer answer, long sentAt, long now) {
        Claim claim = claims.get(key);
        if (claim == null) {
            return answer.getState() == LockState.LOCK_STATE_HELD
                    ? List.of(new Effect.GiveBack(key, answer.getToken()))
                    : List.of();
        }
        return apply(key, claim, answer, sentAt, now);
    }

    private List<Effect> apply(Key key, Claim claim, LockAnswer answer, long sentAt, long now) {
        long lease =
                claim.lease > 0 ? claim.lease : answer.getLeaseMs() == 0 ? DEFAULT_LEASE : millis(answer.getLeaseMs());
        switch (answer.getState()) {
            case LOCK_STATE_HELD -> {
                boolean before = claim.state == State.HELD;
                if (before && claim.token != answer.getToken()) {
                    return lose(key, claim, "it was lost and granted again");
                }
                claim.state = State.HELD;
                claim.token = answer.getToken();
                long left = millis(answer.getLeaseMs());
                claim.until = sentAt + left - left / SAFETY_PARTS;
                claim.renewAt = Math.min(sentAt + left / RENEWALS_PER_LEASE, claim.until);
                if (claim.until <= now) {
                    return lose(key, claim, "its lease was over before the answer came");
                }
                return before ? List.of() : List.of(new Effect.Held(key, claim.token));
            }
            case LOCK_STATE_WAITING -> {
                if (claim.state == State.HELD && sentAt < claim.heldAt) { // said before the grant that has overtaken it
                    claim.renewAt = now;
                    return List.of();
                }
                if (claim.state == State.HELD) {
                    return lose(key, claim, "it waits again");
                }
                claim.state = State.WAITING;
                claim.waitedAt = sentAt;
                claim.renewAt = sentAt + lease / RENEWALS_PER_LEASE;
                // A notice may have been faster than the answer.
                return claim.granted == 0 ? List.of() : granted(key, claim, claim.granted, lease, now);
            }
            case LOCK_STATE_UNKNOWN, UNRECOGNIZED -> {
                claim.renewAt = now + lease / RETRIES_PER_LEASE;
                return List.of();
            }
            case LOCK_STATE_NONE -> {
                return claim.state == State.HELD ? lose(key, claim, answer.getReason()) : gone(key, answer.getReason());
            }
        }
        throw new AssertionError(answer);
    }

    /**
     * A claim is granted once, so it was after the store had said that it waits, and the lease ends no sooner than if it had begun with
     * that question. When that leaves too little, for the notice was under way for long, the holder asks before it believes.
     */
    private static List<Effect> granted(Key key, Claim claim, long token, long lease, long now) {
        long until = claim.waitedAt + lease - lease / SAFETY_PARTS;
        if (until - now < lease / RENEWALS_PER_LEASE) {
            claim.renewAt = now;
            return List.of();
        }
        claim.state = State.HELD;
        claim.token = token;
        claim.heldAt = now;
        claim.until = until;
        return List.of(new Effect.Held(key, token));
    }

    private List<Effect> lose(Key key, Claim claim, String reason) {
        claims.remove(key);
        return List.of(new Effect.Lost(key, claim.token, reason));
    }

    private List<Effect> gone(Key key, String reason) {
        claims.remove(key);
        return List.of(new Effect.Gone(key, reason));
    }

    /** What time brings. */
    List<Effect> tick(long now) {
        List<Effect> effects = new ArrayList<>();
        List.copyOf(claims.entrySet()).forEach(entry -> {
            Claim claim = entry.getValue();
            if (claim.state == State.HELD && claim.until <= now) {
                effects.addAll(lose(entry.getKey(), claim, "it could not be renewed within its lease"));
            }
        });
        List<LockClaim> due = new ArrayList<>();
        claims.forEach((key, claim) -> {
            if (claim.renewAt <= now) {
                claim.renewAt = NEVER;
                due.add(question(key, claim));
            }
        });
        for (int from = 0; from < due.size(); from += MOST_AT_ONCE) {
            effects.add(new Effect.Renew(List.copyOf(due.subList(from, Math.min(from + MOST_AT_ONCE, due.size())))));
        }
        return effects;
    }

    private static LockClaim question(Key key, Claim claim) {
        return LockClaim.newBuilder()
                .setName(key.name())
                .setHolder(key.holder())
                .setToken(claim.token)
                .setLeaseMs((int) (claim.lease / NANOS_PER_MILLI))
                .build();
    }

    /** When {@link #tick} has something to do; empty: never, as things are. */
    Optional<Long> nextTick() {
        return claims.values().stream()
                .map(claim -> Math.min(claim.renewAt, claim.state == State.HELD ? claim.until : NEVER))
                .filter(at -> at != NEVER)
                .min(Long::compare);
    }

    /** @param sentAt when the question was sent */
    List<Effect> renewed(List<LockAnswer> answers, long sentAt, long now) {
        List<Effect> effects = new ArrayList<>();
        for (LockAnswer answer : answers) {
            Key key = new Key(answer.getName(), answer.getHolder());
            Claim claim = claims.get(key);
            if (claim != null && claim.state != State.ASKING) {
                effects.addAll(apply(key, claim, answer, sentAt, now));
            }
        }
        return effects;
    }

    /** A renewal has no answer: whether it was done is unknown. It is tried again. */
    void failed(List<LockClaim> questions, long now) {
        for (LockClaim question : questions) {
            Claim claim = claims.get(new Key(question.getName(), question.getHolder()));
            if (claim != null && claim.renewAt == NEVER && claim.state != State.ASKING) {
                long lease = claim.lease > 0 ? claim.lease : DEFAULT_LEASE;
                claim.renewAt = now + lease / RETRIES_PER_LEASE;
            }
        }
    }

    /**
     * Something came by itself.
     *
     * @param type {@code LockGranted}, {@code LockRevoked}, {@code LockLapsed}
     */
    List<Effect> noticed(String type, LockAnswer notice, long now) {
        Key key = new Key(notice.getName(), notice.getHolder());
        Claim claim = claims.get(key);
        if (type.equals("LockGranted")) {
            if (claim == null) {
                return List.of(new Effect.GiveBack(key, notice.getToken()));
            }
            if (claim.state == State.ASKING) {
                claim.granted = notice.getToken();
            } else if (claim.state == State.WAITING) {
                long lease = claim.lease > 0 ? claim.lease : millis(notice.getLeaseMs());
                return granted(key, claim, notice.getToken(), lease, now);
            }
            return List.of();
        }
        boolean its = claim != null && claim.state == State.HELD && claim.token == notice.getToken();
        return its ? lose(key, claim, notice.getReason()) : List.of();
    }

    /** Nobody wants it any more. */
    void forget(Key key) {
        claims.remove(key);
    }

    /** The agent is gone: none of them is renewed any more. */
    List<Effect> loseAll(String reason) {
        List<Effect> effects = new ArrayList<>();
        List.copyOf(claims.entrySet())
                .forEach(entry -> effects.addAll(
                        entry.getValue().state == State.HELD
                                ? lose(entry.getKey(), entry.getValue(), reason)
                                : gone(entry.getKey(), reason)));
        return effects;
    }

    boolean isEmpty() {
        return claims.isEmpty();
    }

    private static long millis(int unsigned) {
        return Integer.toUnsignedLong(unsigned) * NANOS_PER_MILLI;
    }
}
