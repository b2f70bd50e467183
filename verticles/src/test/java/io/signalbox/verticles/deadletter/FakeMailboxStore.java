package io.signalbox.verticles.deadletter;

import io.signalbox.bus.mailbox.MailboxStore;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Supplier;

/** Mailboxes that fail as a test says, which real ones do not. Confined to one thread at a time. */
final class FakeMailboxStore implements MailboxStore {
    record Waiting(Append append, long position) {}

    final List<Waiting> waiting = new ArrayList<>();

    /** What appends end with, after they were done. */
    final Queue<Supplier<Future<Void>>> ends = new ArrayDeque<>();

    /** What appends fail with before anything is done. */
    Optional<Throwable> refusal = Optional.empty();

    int bound = Integer.MAX_VALUE;
    private long last = 100;

    @Override
    public synchronized Future<Appended> append(Append append) {
        if (refusal.isPresent() && waiting.size() >= bound) {
            return Future.failedFuture(refusal.get());
        }
        Optional<Waiting> there = waiting.stream()
                .filter(each -> append.again() && each.append().id().equals(append.id()))
                .findFirst();
        Waiting entry = there.orElseGet(() -> new Waiting(append, ++last));
        if (there.isEmpty()) {
            waiting.add(entry);
        }
        Future<Void> end =
                ends.isEmpty() ? Future.succeededFuture() : ends.remove().get();
        return end.map(new Appended(entry.position(), BEGINNING, 2, there.isPresent(), 1));
    }

    @Override
    public synchronized Future<Void> delete(String agent, List<Position> positions) {
        waiting.removeIf(each -> each.append().agent().equals(agent)
                && positions.contains(new Position(each.append().lane(), each.position())));
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<Pending> pending(String agent) {
        if (refusal.isPresent()) {
            return Future.failedFuture(refusal.get());
        }
        List<Waiting> own = waiting.stream()
                .filter(each -> each.append().agent().equals(agent))
                .toList();
        long bytes =
                own.stream().mapToLong(each -> each.append().message().length).sum();
        return Future.succeededFuture(new Pending(own.size(), bytes, Letters.NOW.minusSeconds(own.size())));
    }

    @Override
    public Future<Claimed> claim(String agent, Cursor after, int maxEntries, long maxBytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<List<Entry>> claimAgain(String agent, List<Position> positions) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Changed> changedSince(Mark since) {
        return Future.failedFuture(new UnsupportedOperationException());
    }
}
