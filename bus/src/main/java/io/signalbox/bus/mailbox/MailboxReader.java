package io.signalbox.bus.mailbox;

import io.signalbox.bus.mailbox.MailboxStore.Cursor;
import io.signalbox.bus.mailbox.MailboxStore.Entry;
import io.signalbox.bus.mailbox.MailboxStore.Position;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.MailboxPlace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides what of an agent's mailbox is handed to it. A live copy that continues what the agent has goes to it at once; all
 * else is claimed from the log. Single writer, not thread-safe; knows no clock.
 *
 * <p>Whoever performs the effects tells what became of them: {@link #claimed} or {@link #claimFailed}, {@link #claimedAgain},
 * {@link #deleted}, {@link #buried}. What is not told within the time for redelivery is asked for again.
 */
public final class MailboxReader {
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** What is to be done. */
    public sealed interface Effect {
        /** Give it to the agent, under this number. */
        record Hand(long number, int attempt, byte[] message) implements Effect {}

        /** @param id to be given back with the result */
        record Claim(long id, Cursor after, int maxEntries, long maxBytes) implements Effect {}

        record ClaimAgain(List<Position> positions) implements Effect {}

        record Delete(List<Position> positions) implements Effect {}

        /** Make it a dead letter, then delete it. */
        record Bury(Position position, Code reason, String detail) implements Effect {}
    }

    /**
     * @param maxUnacknowledged messages; 0: the agent takes none
     * @param maxBytes of them; a single message is handed out whatever its size
     * @param maxAttempts how often a message is handed out
     */
    public record Limits(int maxUnacknowledged, long maxBytes, Duration redeliverAfter, int maxAttempts) {}

    private record Burial(Code reason, String detail) {}

    /** Handed out and not acknowledged, or on its way to the dead letters. */
    private static final class Unacknowledged {
        final Position position;
        final int bytes;
        Instant since;
        Optional<Burial> burial = Optional.empty();

        Unacknowledged(Position position, int bytes, Instant since) {
            this.position = position;
            this.bytes = bytes;
            this.since = since;
        }
    }

    private final Limits limits;
    private final Map<Long, Unacknowledged> unacknowledged = new LinkedHashMap<>();
    private final List<Position> undeleted = new ArrayList<>(0);
    private final long[] reached = new long[Lane.values().length];
    private final long[] announced = new long[Lane.values().length];
    private long bytes;
    private long lastNumber;
    private long lastClaim;
    private boolean claiming;
    private boolean more;
    private boolean paused;
    private Instant notBefore = Instant.MIN;
    private Instant undeletedSince = Instant.MAX;

    /** Of a mailbox of which nothing is known; see {@link #look}. */
    public MailboxReader(Limits limits) {
        this.limits = limits;
    }

    /** There may be something in the log. */
    public List<Effect> look(Instant now) {
        more = true;
        return claim(now);
    }

    /** @param newest what the log has last in each lane */
    public List<Effect> look(Cursor newest, Instant now) {
        more |= newest.urgent() > reached[Lane.URGENT.ordinal()]
                || newest.normal() > reached[Lane.NORMAL.ordinal()]
                || newest.bulk() > reached[Lane.BULK.ordinal()];
        return claim(now);
    }

    /** A copy of what was just put in. */
    public List<Effect> liveCopy(EncodedMessage message, Instant now) {
        MailboxPlace place = message.mailboxPlace();
        Lane lane = Lane.of(message.priority());
        if (place.position() <= reached[lane.ordinal()]) {
            return List.of();
        }
        // What waited between the two would be its predecessor.
        boolean continues = place.predecessor() <= reached[lane.ordinal()];
        if (!continues || claiming || more || !hasRoom()) {
            announced[lane.ordinal()] = Math.max(announced[lane.ordinal()], place.position());
            more = true;
            return claim(now);
        }
        List<Effect> effects = new ArrayList<>(1);
        hand(new Position(lane, place.position()), message.bytes(), place.attempt(), message, now, effects);
        return effects;
    }

    private List<Effect> claim(Instant now) {
        if (!more || claiming || !hasRoom() || now.isBefore(notBefore)) {
            return List.of();
        }
        claiming = true;
        more = false;
        Arrays.fill(announced, MailboxStore.BEGINNING);
        return List.of(new Effect.Claim(
                ++lastClaim,
                new Cursor(
                        reached[Lane.URGENT.ordinal()], reached[Lane.NORMAL.ordinal()], reached[Lane.BULK.ordinal()]),
                limits.maxUnacknowledged() - unacknowledged.size(),
                limits.maxBytes() - bytes));
    }

    private boolean hasRoom() {
        return !paused
                && unacknowledged.size() < limits.maxUnacknowledged()
                && (bytes < limits.maxBytes() || unacknowledged.isEmpty());
    }

    /** Ignored when it is not the last one asked for. */
    public List<Effect> claimed(long id, MailboxStore.Claimed result, Instant now) {
        if (!claiming || id != lastClaim) {
            return List.of();
        }
        claiming = false;
        List<Effect> effects = new ArrayList<>(result.entries().size() + 1);
        for (Entry entry : result.entries()) {
            int lane = entry.position().lane().ordinal();
            if (entry.position().position() > reached[lane]) {
                hand(entry, now, effects);
            }
        }
        for (int lane = 0; lane < reached.length; lane++) {
            more |= announced[lane] > reached[lane];
        }
        more |= result.more();
        effects.addAll(claim(now));
        return effects;
    }

    /** It is asked for again, a while later. */
    public void claimFailed(long id, Instant now) {
        if (claiming && id == lastClaim) {
            claiming = false;
            more = true;
            notBefore = now.plus(RETRY);
        }
    }

    private void hand(Entry entry, Instant now, List<Effect> effects) {
        hand(entry.position(), entry.message(), entry.attempt(), read(entry), now, effects);
    }

    private static EncodedMessage read(Entry entry) {
        try {
            return EncodedMessage.of(entry.message());
        } catch (CodecException e) {
            throw new IllegalStateException("a message in a mailbox does not parse", e);
        }
    }

    private void hand(
            Position position, byte[] encoded, int attempt, EncodedMessage message, Instant now, List<Effect> effects) {
        reached[position.lane().ordinal()] = position.position();
        Unacknowledged next = new Unacknowledged(position, encoded.length, now);
        unacknowledged.put(++lastNumber, next);
        bytes += encoded.length;
        handOrBury(lastNumber, next, encoded, attempt, message.expired(EncodedMessage.micros(now)), effects);
    }

    private void handOrBury(
            long number, Unacknowledged next, byte[] encoded, int attempt, boolean expired, List<Effect> effects) {
        if (expired) {
            effects.add(bury(next, new Burial(Code.EXPIRED, "")));
        } else if (attempt > limits.maxAttempts()) {
            effects.add(bury(next, new Burial(Code.ATTEMPTS_EXHAUSTED, "handed out " + (attempt - 1) + " times")));
        } else {
            effects.add(new Effect.Hand(number, attempt, encoded));
        }
    }

    private static Effect bury(Unacknowledged dead, Burial burial) {
        dead.burial = Optional.of(burial);
        return new Effect.Bury(dead.position, burial.reason(), burial.detail());
    }

    /** @param upTo all with this number or a lower one; 0: none */
    public List<Effect> acknowledged(long upTo, List<Long> numbers, Instant now) {
        List<Position> done = new ArrayList<>();
        if (upTo > 0) {
            Iterator<Map.Entry<Long, Unacknowledged>> all =
                    unacknowledged.entrySet().iterator();
            while (all.hasNext()) {
                Map.Entry<Long, Unacknowledged> next = all.next();
                if (next.getKey() > upTo) {
                    break;
                }
                if (next.getValue().burial.isEmpty()) {
                    all.remove();
                    done.add(settled(next.getValue()));
                }
            }
        }
        for (long number : numbers) {
            find(number).ifPresent(found -> {
                unacknowledged.remove(number);
                done.add(settled(found));
            });
        }
        List<Effect> effects = new ArrayList<>(2);
        if (!done.isEmpty()) {
            effects.add(new Effect.Delete(done));
        }
        effects.addAll(claim(now));
        return effects;
    }

    /** Of what the agent has. */
    private Optional<Unacknowledged> find(long number) {
        return Optional.ofNullable(unacknowledged.get(number)).filter(found -> found.burial.isEmpty());
    }

    private Position settled(Unacknowledged done) {
        bytes -= done.bytes;
        return done.position;
    }

    /** The agent cannot handle it, ever. */
    public List<Effect> rejected(long number, String reason) {
        return find(number)
                .map(found -> List.of(bury(found, new Burial(Code.REJECTED, reason))))
                .orElse(List.of());
    }

    /** It is among the dead letters, and deleted. */
    public List<Effect> buried(Position position, Instant now) {
        forget(position);
        return claim(now);
    }

    private void forget(Position position) {
        Iterator<Unacknowledged> all = unacknowledged.values().iterator();
        while (all.hasNext()) {
            Unacknowledged next = all.next();
            if (next.position.equals(position)) {
                all.remove();
                settled(next);
                return;
            }
        }
    }

    /**
     * Could not be deleted now. Kept to be tried again, as many as may be unacknowledged; beyond that they come again to the
     * agent some day.
     */
    public void notDeleted(List<Position> positions, Instant now) {
        int room = Math.max(0, limits.maxUnacknowledged() - undeleted.size());
        undeleted.addAll(positions.subList(0, Math.min(room, positions.size())));
        undeletedSince = now;
    }

    /** What time brings; to be called about once a second. */
    public List<Effect> tick(Instant now) {
        List<Effect> effects = new ArrayList<>();
        if (!undeleted.isEmpty() && !undeletedSince.plus(RETRY).isAfter(now)) {
            effects.add(new Effect.Delete(List.copyOf(undeleted)));
            undeleted.clear();
        }
        List<Position> late = new ArrayList<>();
        for (Unacknowledged next : unacknowledged.values()) {
            if (paused || next.since.plus(limits.redeliverAfter()).isAfter(now)) {
                continue;
            }
            next.since = now;
            next.burial.ifPresentOrElse(burial -> effects.add(bury(next, burial)), () -> late.add(next.position));
        }
        if (!late.isEmpty()) {
            effects.add(new Effect.ClaimAgain(late));
        }
        effects.addAll(claim(now));
        return effects;
    }

    /**
     * @param asked for
     * @param found of these; the others are not in the log any more
     */
    public List<Effect> claimedAgain(List<Position> asked, List<Entry> found, Instant now) {
        List<Effect> effects = new ArrayList<>();
        for (Position position : asked) {
            Optional<Entry> entry = found.stream()
                    .filter(each -> each.position().equals(position))
                    .findFirst();
            if (entry.isEmpty()) {
                forget(position);
            } else {
                handAgain(entry.get(), now, effects);
            }
        }
        effects.addAll(claim(now));
        return effects;
    }

    /** Under its number, if it is not acknowledged meanwhile. */
    private void handAgain(Entry entry, Instant now, List<Effect> effects) {
        unacknowledged.forEach((number, next) -> {
            if (next.position.equals(entry.position()) && next.burial.isEmpty()) {
                next.since = now;
                boolean expired = read(entry).expired(EncodedMessage.micros(now));
                handOrBury(number, next, entry.message(), entry.attempt(), expired, effects);
            }
        });
    }

    /** The agent's connection is lost: nothing is handed out. */
    public void pause() {
        paused = true;
    }

    /** It has another one, and what was handed out on the last counts for nothing: all comes again from the log. */
    public List<Effect> resume(Instant now) {
        paused = false;
        claiming = false;
        unacknowledged.clear();
        bytes = 0;
        Arrays.fill(reached, MailboxStore.BEGINNING);
        return look(now);
    }

    /** Whether nothing of it would be missed: nothing was handed out yet, and nothing is known to wait. */
    public boolean isUnused() {
        return lastNumber == 0 && !claiming && !more && undeleted.isEmpty();
    }
}
