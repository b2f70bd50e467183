package io.signalbox.bus.mailbox;

import io.signalbox.bus.outbound.Lane;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** In memory, and at once. Not thread-safe. */
final class FakeMailboxStore implements MailboxStore {
    private static final Comparator<Position> ORDER =
            Comparator.comparing(Position::lane).thenComparingLong(Position::position);

    private static final class Stored {
        final UUID id;
        final byte[] message;
        int handed;

        Stored copy() {
            return new Stored(id, message, handed);
        }

        Stored(UUID id, byte[] message, int handed) {
            this.id = id;
            this.message = message;
            this.handed = handed;
        }
    }

    private final Map<String, TreeMap<Position, Stored>> mailboxes = new TreeMap<>();
    private final InstantSource clock;
    private final int maxMessages;
    private final long maxBytes;
    private long last;
    private long history = 1;

    FakeMailboxStore(InstantSource clock, int maxMessages, long maxBytes) {
        this.clock = clock;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /** As a replica has it that follows no longer, or goes on by itself. */
    FakeMailboxStore copy(long history) {
        FakeMailboxStore copy = new FakeMailboxStore(clock, maxMessages, maxBytes);
        mailboxes.forEach((agent, mailbox) -> {
            TreeMap<Position, Stored> same = new TreeMap<>(ORDER);
            mailbox.forEach((position, stored) -> same.put(position, stored.copy()));
            copy.mailboxes.put(agent, same);
        });
        copy.last = last;
        copy.history = history;
        return copy;
    }

    Set<Position> positions(String agent) {
        return Set.copyOf(mailbox(agent).keySet());
    }

    private TreeMap<Position, Stored> mailbox(String agent) {
        return mailboxes.getOrDefault(agent, new TreeMap<>(ORDER));
    }

    private static long newest(TreeMap<Position, Stored> mailbox, Lane lane, long before) {
        return Optional.ofNullable(mailbox.lowerKey(new Position(lane, before)))
                .filter(position -> position.lane() == lane)
                .map(Position::position)
                .orElse(BEGINNING);
    }

    private static long bytes(TreeMap<Position, Stored> mailbox) {
        return mailbox.values().stream().mapToLong(each -> each.message.length).sum();
    }

    @Override
    public Future<Appended> append(Append append) {
        TreeMap<Position, Stored> mailbox = mailbox(append.agent());
        Optional<Position> there = mailbox.entrySet().stream()
                .filter(each -> each.getKey().lane() == append.lane()
                        && each.getValue().id.equals(append.id()))
                .map(Map.Entry::getKey)
                .findFirst();
        if (there.isPresent()) {
            return Future.succeededFuture(repeated(mailbox, there.get(), append.live()));
        }
        if (mailbox.size() >= maxMessages || bytes(mailbox) + append.message().length > maxBytes) {
            return Future.failedFuture(new MailboxFullException(
                    "the mailbox has " + mailbox.size() + " messages of " + bytes(mailbox) + " bytes"));
        }
        long least = Math.max(last + 1, ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()));
        last = least + Math.floorMod(history - least, 8L);
        int handed = (append.live() ? 1 : 0) + (append.again() ? 1 : 0);
        long predecessor = newest(mailbox, append.lane(), last);
        mailbox.put(new Position(append.lane(), last), new Stored(append.id(), append.message(), handed));
        mailboxes.put(append.agent(), mailbox);
        return Future.succeededFuture(
                new Appended(last, predecessor, handed + (append.live() ? 0 : 1), false, history));
    }

    private Appended repeated(TreeMap<Position, Stored> mailbox, Position position, boolean live) {
        Stored stored = mailbox.get(position);
        long predecessor = newest(mailbox, position.lane(), position.position());
        Appended answer = new Appended(position.position(), predecessor, stored.handed + 1, true, history);
        stored.handed += live ? 1 : 0;
        return answer;
    }

    @Override
    public Future<Claimed> claim(String agent, Cursor after, int maxEntries, long maxBytes) {
        Cursor begin = after.history() == history ? after : Cursor.START;
        List<Entry> claimed = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<Position, Stored> each : mailbox(agent).entrySet()) {
            if (each.getKey().position() > begin.in(each.getKey().lane())) {
                bytes += each.getValue().message.length;
                if (claimed.size() == maxEntries || bytes > maxBytes && !claimed.isEmpty()) {
                    return Future.succeededFuture(new Claimed(claimed, true, last, history));
                }
                claimed.add(handOut(each.getKey(), each.getValue()));
            }
        }
        return Future.succeededFuture(new Claimed(claimed, false, last, history));
    }

    private static Entry handOut(Position position, Stored stored) {
        return new Entry(position, stored.message, ++stored.handed);
    }

    @Override
    public Future<List<Entry>> claimAgain(String agent, List<Position> positions) {
        TreeMap<Position, Stored> mailbox = mailbox(agent);
        return Future.succeededFuture(positions.stream()
                .filter(mailbox::containsKey)
                .map(position -> handOut(position, mailbox.get(position)))
                .toList());
    }

    @Override
    public Future<Void> delete(String agent, List<Position> positions) {
        TreeMap<Position, Stored> mailbox = mailbox(agent);
        positions.forEach(mailbox::remove);
        if (mailbox.isEmpty()) {
            mailboxes.remove(agent);
        }
        return Future.succeededFuture();
    }

    @Override
    public Future<Pending> pending(String agent) {
        TreeMap<Position, Stored> mailbox = mailbox(agent);
        long oldest =
                mailbox.keySet().stream().mapToLong(Position::position).min().orElse(0);
        return Future.succeededFuture(
                new Pending(mailbox.size(), bytes(mailbox), Instant.EPOCH.plus(oldest, ChronoUnit.MICROS)));
    }

    @Override
    public Future<Changed> changedSince(Mark since) {
        long mark = since.positions().isEmpty() ? BEGINNING : since.positions().getFirst();
        Map<String, Cursor> newest = new TreeMap<>();
        mailboxes.forEach((agent, mailbox) -> {
            if (mailbox.keySet().stream().anyMatch(position -> position.position() > mark)) {
                newest.put(
                        agent,
                        new Cursor(
                                history,
                                newest(mailbox, Lane.URGENT, Long.MAX_VALUE),
                                newest(mailbox, Lane.NORMAL, Long.MAX_VALUE),
                                newest(mailbox, Lane.BULK, Long.MAX_VALUE)));
            }
        });
        return Future.succeededFuture(new Changed(newest, new Mark(List.of(last))));
    }
}
