package io.signalbox.bus.mailbox;

import io.signalbox.bus.mailbox.MailboxStore.Cursor;
import io.signalbox.bus.mailbox.MailboxStore.Position;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Decides what one attached agent is handed of its mailbox. A live copy goes on to the agent when the reader has all that was
 * appended before it; when it has not, the copy is forgotten and the store is asked for what is missing. Holds no messages,
 * only the positions of unacknowledged ones. Single writer, not thread-safe; knows no clock.
 *
 * <p>In a lane, messages are handed out for the first time in the order in which they were appended. One that is handed
 * out again has an attempt of more than 1, and may come after later ones.
 */
public final class MailboxReader {
    private static final Lane[] LANES = {Lane.URGENT, Lane.NORMAL, Lane.BULK};

    /** Of a window, free before more is claimed: one claim for many acknowledgements. */
    private static final int CLAIMED_PART = 4;

    /** Live copies that came before their predecessors, in all: those come from another event loop or another node. */
    private static final int MAX_EARLY = 64;

    private static final long MAX_EARLY_BYTES = 256 * 1024;

    /** So long one waits for its predecessor before that is looked for in the log. */
    private static final Duration EARLY_PATIENCE = Duration.ofMillis(50);

    /** A copy of an entry, by the store or live. */
    public record Copy(Position position, int attempt, EncodedMessage message) {}

    private record Early(Copy copy, long history, long predecessor, Instant since) {}

    private final ReaderSettings settings;
    private final RandomGenerator random;
    private final int window;
    private final Unacknowledged unacknowledged = new Unacknowledged();

    /** In each lane, all up to there was handed out or does not wait, as far as that history goes. */
    private Cursor had;

    /** The last of each lane that was seen since the claim under way began, or would begin. */
    private Cursor announced = Cursor.START;

    /** Since then something of another history was seen. */
    private boolean announcedElsewhere;

    /** The log of another history than before is being read, from its beginning on. */
    private boolean rereads;

    /** Something waits, or may, that was not handed out. */
    private boolean behind;

    /** Live copies that wait for what comes before them, or for the end of the claim under way. */
    private final List<Early> early = new ArrayList<>(0);

    private long earlyBytes;
    private boolean attached = true;
    private long claims;

    /** Number of the claim under way; 0: none. */
    private long claim;

    private long claimAgain;
    private List<Delivery> claimedAgain = List.of();
    private Instant retryAt = Instant.MIN;
    private int failures;

    /**
     * One that takes it that nothing waits; {@link #attached} makes it look.
     *
     * @param random spreads retries
     * @param window how many may be unacknowledged; 0: the agent takes none
     * @param completeUpTo of an earlier reader for the same attached agent, that had handed out nothing and was given up to
     *     save memory; else {@link Cursor#START}
     */
    public MailboxReader(ReaderSettings settings, RandomGenerator random, int window, Cursor completeUpTo) {
        this.settings = settings;
        this.random = random;
        this.window = window;
        this.had = completeUpTo;
    }

    /**
     * The agent takes messages, on a new connection or one that was resumed. What was handed out and not acknowledged
     * comes again; numbers go on.
     */
    public List<ReaderEffect> attached(Instant now) {
        detached();
        attached = true;
        had = Cursor.START;
        behind = true;
        List<ReaderEffect> effects = new ArrayList<>();
        claimMore(now, effects);
        return effects;
    }

    /** The agent takes nothing any more, until {@link #attached}. Answers to what is under way will be ignored. */
    public void detached() {
        attached = false;
        unacknowledged.clear();
        claim = 0;
        claimAgain = 0;
        claimedAgain = List.of();
        behind = false;
        rereads = false;
        failures = 0;
        retryAt = Instant.MIN;
        clearEarly();
    }

    private void clearEarly() {
        early.clear();
        earlyBytes = 0;
    }

    /**
     * @param history of its position, as {@link MailboxStore.Appended} has it. One that the reader does not go by: whether
     *     it has all that was before, only the store knows
     * @param predecessor as {@link MailboxStore.Appended} has it
     */
    public List<ReaderEffect> live(Copy copy, long history, long predecessor, Instant now) {
        Position position = copy.position();
        boolean elsewhere = history != had.history();
        if (!attached || !elsewhere && position.position() <= had.in(position.lane())) {
            return List.of();
        }
        List<ReaderEffect> effects = new ArrayList<>(1);
        if (!elsewhere && !behind && room() > 0 && continues(position, predecessor)) {
            take(copy, now, effects);
            takeEarly(now, effects);
        } else if (mayWait(copy, elsewhere)) {
            early.add(new Early(copy, history, predecessor, now));
            earlyBytes += copy.message().size();
        } else {
            announce(position, history);
            claimMore(now, effects);
        }
        return effects;
    }

    /** What waits between the two was appended later than the predecessor and earlier than the copy: nothing. */
    private boolean continues(Position position, long predecessor) {
        return predecessor <= had.in(position.lane());
    }

    /** With a gap before it, or while a claim is under way, which will tell whether there is one, and which history counts. */
    private boolean mayWait(Copy copy, boolean elsewhere) {
        return room() > 0
                && (claim != 0 || !behind && !elsewhere)
                && early.size() < MAX_EARLY
                && earlyBytes + copy.message().size() <= MAX_EARLY_BYTES;
    }

    /** Those that continue what the agent has by now, one after the other. */
    private void takeEarly(Instant now, List<ReaderEffect> effects) {
        boolean found = true;
        while (found && room() > 0) {
            found = false;
            for (Early each : List.copyOf(early)) {
                Position position = each.copy().position();
                boolean had = position.position() <= this.had.in(position.lane());
                if (had || room() > 0 && continues(position, each.predecessor())) {
                    early.remove(each);
                    earlyBytes -= each.copy().message().size();
                    found = true;
                    if (!had) {
                        take(each.copy(), now, effects);
                    }
                }
            }
        }
    }

    /** They are looked for in the log, and what is before them. */
    private void announceEarly() {
        early.forEach(each -> announce(each.copy().position(), each.history()));
        clearEarly();
    }

    /** Something waits: what a sweep found. Ends the pause after a failure, for the store can be reached. */
    public List<ReaderEffect> poked(Cursor newest, Instant now) {
        List<ReaderEffect> effects = new ArrayList<>(0);
        if (attached) {
            found(newest);
            retryAt = Instant.MIN;
            claimDueAgain(now, effects);
            claimMore(now, effects);
        }
        return effects;
    }

    private void found(Cursor newest) {
        for (Lane lane : LANES) {
            if (newest.history() != had.history() || newest.in(lane) > had.in(lane)) {
                announce(new Position(lane, newest.in(lane)), newest.history());
            }
        }
    }

    private void announce(Position position, long history) {
        behind = true;
        if (history != had.history()) {
            announcedElsewhere = true;
        } else if (position.position() > announced.in(position.lane())) {
            announced = announced.with(position);
        }
    }

    /**
     * @param claim the number that the effect had
     * @param found by {@link MailboxStore#claim}
     * @param entries its entries
     */
    public List<ReaderEffect> claimed(long claim, MailboxStore.Claimed found, List<Copy> entries, Instant now) {
        if (claim != this.claim) {
            return List.of();
        }
        this.claim = 0;
        failures = 0;
        List<ReaderEffect> effects = new ArrayList<>(entries.size());
        goBy(found.history());
        entries.forEach(copy -> takeClaimed(copy, now, effects));
        if (!found.more()) {
            had = upTo(found.upTo());
            rereads = false;
        }
        announceEarlyOfOthers();
        behind = found.more() || announcedElsewhere || isBeyond(announced, had);
        if (!behind) {
            takeEarly(now, effects);
        }
        if (behind || room() == 0) {
            announceEarly();
        }
        claimMore(now, effects);
        return effects;
    }

    /** What was seen of another one is nothing that this one must have. */
    private void goBy(long history) {
        if (history != had.history()) {
            rereads = had.history() != Cursor.START.history();
            had = Cursor.beginningOf(history);
            announced = Cursor.START;
        }
    }

    private void announceEarlyOfOthers() {
        for (Early each : List.copyOf(early)) {
            if (each.history() != had.history()) {
                early.remove(each);
                earlyBytes -= each.copy().message().size();
                announcedElsewhere = true;
            }
        }
    }

    /**
     * After a change of the history the log is read from its beginning, where what is handed out may still be, and that
     * something was handed out may not have been counted.
     */
    private void takeClaimed(Copy copy, Instant now, List<ReaderEffect> effects) {
        if (unacknowledged.has(copy.position())) {
            had = had.with(copy.position());
        } else if (rereads && copy.attempt() == 1) {
            take(new Copy(copy.position(), 2, copy.message()), now, effects);
        } else {
            take(copy, now, effects);
        }
    }

    private Cursor upTo(long position) {
        return new Cursor(
                had.history(),
                Math.max(had.urgent(), position),
                Math.max(had.normal(), position),
                Math.max(had.bulk(), position));
    }

    private static boolean isBeyond(Cursor one, Cursor other) {
        return one.urgent() > other.urgent() || one.normal() > other.normal() || one.bulk() > other.bulk();
    }

    /** Of {@link ReaderEffect.Claim} and {@link ReaderEffect.ClaimAgain}. It will be tried again at {@link #wakeAt}. */
    public void claimFailed(long claim, Instant now) {
        if (claim == this.claim) {
            this.claim = 0;
            announceEarly();
        } else if (claim == claimAgain) {
            claimAgain = 0;
            claimedAgain = List.of();
        } else {
            return;
        }
        retryAt = now.plus(pause());
    }

    /** By chance between half of what it would be and the whole. */
    private Duration pause() {
        Duration doubled = settings.firstRetry().multipliedBy(1L << Math.min(failures++, 20));
        Duration longest = doubled.compareTo(settings.lastRetry()) < 0 ? doubled : settings.lastRetry();
        long half = longest.toNanos() / 2;
        return Duration.ofNanos(half + random.nextLong(half + 1));
    }

    /** @param entries those that are still there */
    public List<ReaderEffect> claimedAgain(long claim, List<Copy> entries, Instant now) {
        if (claim != claimAgain) {
            return List.of();
        }
        claimAgain = 0;
        failures = 0;
        Map<Position, Copy> found = new HashMap<>();
        entries.forEach(copy -> found.put(copy.position(), copy));
        List<ReaderEffect> effects = new ArrayList<>();
        for (Delivery delivery : claimedAgain) {
            Optional<Copy> copy = Optional.ofNullable(found.get(delivery.position()));
            if (!unacknowledged.contains(delivery)) {
                continue;
            }
            if (copy.isPresent() && !isDead(copy.get(), now)) {
                hand(unacknowledged.again(delivery, copy.get().attempt(), dueAfter(now)), copy.get(), effects);
            } else {
                unacknowledged.remove(delivery);
                copy.ifPresent(dead -> bury(dead, now, effects));
            }
        }
        claimedAgain = List.of();
        claimMore(now, effects);
        return effects;
    }

    /** @param upTo 0: none. Numbers that were never given or wait for nothing do not matter */
    public List<ReaderEffect> acked(long upTo, List<Long> numbers, Instant now) {
        List<Position> done = new ArrayList<>();
        unacknowledged.removeUpTo(upTo, delivery -> done.add(delivery.position()));
        for (long number : numbers) {
            unacknowledged.remove(number).ifPresent(delivery -> done.add(delivery.position()));
        }
        if (done.isEmpty()) {
            return List.of();
        }
        List<ReaderEffect> effects = new ArrayList<>(2);
        effects.add(new ReaderEffect.Delete(done));
        claimMore(now, effects);
        return effects;
    }

    public List<ReaderEffect> rejected(long number, String reason, Instant now) {
        List<ReaderEffect> effects = new ArrayList<>(2);
        unacknowledged
                .remove(number)
                .ifPresent(delivery -> effects.add(new ReaderEffect.DeadLetter(
                        delivery.position(), delivery.attempt(), Code.REJECTED, reason, Optional.empty())));
        claimMore(now, effects);
        return effects;
    }

    /** To be called at {@link #wakeAt} or later. */
    public List<ReaderEffect> tick(Instant now) {
        List<ReaderEffect> effects = new ArrayList<>();
        claimDueAgain(now, effects);
        if (!earlyUntil().isAfter(now)) {
            announceEarly();
        }
        claimMore(now, effects);
        return effects;
    }

    /** While a claim is under way they wait for its end. */
    private Instant earlyUntil() {
        return early.isEmpty() || claim != 0
                ? Instant.MAX
                : early.getFirst().since().plus(EARLY_PATIENCE);
    }

    /** When there is something to do without any event; {@link Instant#MAX}: never. Changes with each call. */
    public Instant wakeAt() {
        Instant claimAt = wantsToClaim() ? retryAt : Instant.MAX;
        Instant againAt = claimAgain == 0
                ? unacknowledged.nextDue().map(this::notBeforeRetry).orElse(Instant.MAX)
                : Instant.MAX;
        Instant first = claimAt.isBefore(againAt) ? claimAt : againAt;
        return first.isBefore(earlyUntil()) ? first : earlyUntil();
    }

    private Instant notBeforeRetry(Instant due) {
        return due.isBefore(retryAt) ? retryAt : due;
    }

    /**
     * Whether this reader may be given up, and another begun at {@link #completeUpTo} when something comes: nothing was
     * handed out so far, and nothing waits.
     */
    public boolean isUnused() {
        return attached && !behind && early.isEmpty() && unacknowledged.lastNumber() == 0;
    }

    public Cursor completeUpTo() {
        return had;
    }

    private int room() {
        return window - unacknowledged.size();
    }

    private boolean wantsToClaim() {
        int wanted = unacknowledged.isEmpty() ? 1 : Math.max(1, window / CLAIMED_PART);
        return behind && claim == 0 && room() >= wanted;
    }

    private void claimMore(Instant now, List<ReaderEffect> effects) {
        if (wantsToClaim() && !now.isBefore(retryAt)) {
            claim = ++claims;
            announced = Cursor.START;
            announcedElsewhere = false;
            effects.add(new ReaderEffect.Claim(claim, had, Math.min(room(), MailboxStore.MAX_CLAIMED)));
        }
    }

    private void claimDueAgain(Instant now, List<ReaderEffect> effects) {
        if (claimAgain != 0 || now.isBefore(retryAt)) {
            return;
        }
        List<Delivery> again = new ArrayList<>();
        for (Delivery delivery : unacknowledged.due(now)) {
            if (delivery.attempt() < settings.maxAttempts()) {
                again.add(delivery);
            } else {
                unacknowledged.remove(delivery);
                effects.add(new ReaderEffect.DeadLetter(
                        delivery.position(), delivery.attempt(), Code.ATTEMPTS_EXHAUSTED, "", Optional.empty()));
            }
        }
        if (!again.isEmpty()) {
            claimAgain = ++claims;
            claimedAgain = again;
            effects.add(new ReaderEffect.ClaimAgain(
                    claimAgain, again.stream().map(Delivery::position).toList()));
        }
    }

    private void take(Copy copy, Instant now, List<ReaderEffect> effects) {
        had = had.with(copy.position());
        if (isDead(copy, now)) {
            bury(copy, now, effects);
        } else {
            hand(unacknowledged.add(copy.position(), copy.attempt(), dueAfter(now)), copy, effects);
        }
    }

    private static void hand(Delivery delivery, Copy copy, List<ReaderEffect> effects) {
        effects.add(new ReaderEffect.Hand(delivery.number(), copy.attempt(), copy.message()));
    }

    private boolean isDead(Copy copy, Instant now) {
        return copy.attempt() > settings.maxAttempts() || isExpired(copy, now);
    }

    private static boolean isExpired(Copy copy, Instant now) {
        return copy.message().expired(EncodedMessage.micros(now));
    }

    /** This attempt does not take place. */
    private static void bury(Copy copy, Instant now, List<ReaderEffect> effects) {
        effects.add(new ReaderEffect.DeadLetter(
                copy.position(),
                copy.attempt() - 1,
                isExpired(copy, now) ? Code.EXPIRED : Code.ATTEMPTS_EXHAUSTED,
                "",
                Optional.of(copy.message())));
    }

    private Instant dueAfter(Instant now) {
        return now.plus(settings.redeliverAfter());
    }
}
