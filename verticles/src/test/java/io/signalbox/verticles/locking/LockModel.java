package io.signalbox.verticles.locking;

import io.signalbox.codecs.proto.LockMode;
import io.signalbox.verticles.locking.LockStore.Claim;
import io.signalbox.verticles.locking.LockStore.Event;
import io.signalbox.verticles.locking.LockStore.Event.Kind;
import io.signalbox.verticles.locking.LockStore.Renewal;
import io.signalbox.verticles.locking.LockStore.Standing;
import io.signalbox.verticles.locking.LockStore.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The rules of the functions in {@code locks.lua}, for one shard, said once more and as plainly as can be. Time is told. */
final class LockModel {
    private final Duration ageing;
    private final int maxWaiters;
    private final int maxLocks;
    private final Map<String, List<Entry>> locks = new TreeMap<>();
    private long lastArrival;
    private long lastToken;

    /** A claim; a waiter has no token. */
    private static final class Entry {
        final Claim claim;
        long token;
        long rank;
        long until;
        long deadline;
        long since;
        Duration waited = Duration.ZERO;

        Entry(Claim claim) {
            this.claim = claim;
        }

        boolean holds() {
            return token != 0;
        }
    }

    LockModel(Duration ageing, int maxWaiters, int maxLocks) {
        this.ageing = ageing;
        this.maxWaiters = maxWaiters;
        this.maxLocks = maxLocks;
    }

    /** What an operation gave: the standing, and what was told to others. */
    record Outcome(Standing standing, List<Event> events) {}

    private List<Entry> lock(String name) {
        return locks.getOrDefault(name, List.of());
    }

    private static List<Entry> holders(List<Entry> lock) {
        return lock.stream().filter(Entry::holds).toList();
    }

    private static List<Entry> waiters(List<Entry> lock) {
        return lock.stream()
                .filter(entry -> !entry.holds())
                .sorted(Comparator.<Entry>comparingLong(entry -> entry.rank)
                        .thenComparing(entry -> entry.claim.owner().text()))
                .toList();
    }

    private Optional<Entry> of(String name, Owner owner) {
        return lock(name).stream()
                .filter(entry -> entry.claim.owner().equals(owner))
                .findFirst();
    }

    private static boolean fits(List<Entry> lock, Claim claim) {
        List<Entry> holders = holders(lock);
        return holders.isEmpty() || holders.getFirst().claim.mode() == claim.mode() && holders.size() < claim.limit();
    }

    private static Event event(Kind kind, Entry entry) {
        Claim claim = entry.claim;
        Duration waited = kind == Kind.GRANTED ? entry.waited : Duration.ZERO;
        return new Event(kind, claim.name(), claim.owner(), claim.generation(), entry.token, claim.lease(), waited);
    }

    private void remove(Entry entry) {
        List<Entry> rest = new ArrayList<>(lock(entry.claim.name()));
        rest.remove(entry);
        if (rest.isEmpty()) {
            locks.remove(entry.claim.name());
        } else {
            locks.put(entry.claim.name(), rest);
        }
    }

    private void add(Entry entry) {
        List<Entry> more = new ArrayList<>(lock(entry.claim.name()));
        more.add(entry);
        locks.put(entry.claim.name(), more);
    }

    private void lapse(String name, long now, List<Event> events) {
        lock(name).stream()
                .filter(entry -> entry.until <= now)
                .sorted(Comparator.<Entry>comparingLong(entry -> entry.until)
                        .thenComparing(entry -> entry.claim.owner().text()))
                .forEach(entry -> {
                    events.add(event(entry.holds() ? Kind.LAPSED : Kind.GAVE_UP, entry));
                    remove(entry);
                });
    }

    private void handOver(String name, long now, List<Event> events) {
        List<Entry> waiters = waiters(lock(name));
        while (!waiters.isEmpty() && fits(lock(name), waiters.getFirst().claim)) {
            grant(waiters.getFirst(), now);
            events.add(event(Kind.GRANTED, waiters.getFirst()));
            waiters = waiters(lock(name));
        }
    }

    private void grant(Entry entry, long now) {
        entry.token = ++lastToken;
        entry.waited = Duration.ofMillis(now - entry.since);
        entry.until = now + entry.claim.lease().toMillis();
    }

    private Standing standing(String name, Owner owner, long now) {
        List<Entry> waiters = waiters(lock(name));
        Optional<Entry> found = of(name, owner);
        if (found.isEmpty()) {
            return new Standing(Status.NONE, 0, Duration.ZERO, waiters.size());
        }
        Entry entry = found.get();
        return new Standing(
                entry.holds() ? Status.HELD : Status.WAITING,
                entry.token,
                Duration.ofMillis(entry.until - now),
                entry.holds() ? 0 : waiters.indexOf(entry));
    }

    private static Standing refused(Status status, int ahead) {
        return new Standing(status, 0, Duration.ZERO, ahead);
    }

    Outcome acquire(Claim claim, long micros) {
        long now = micros / 1000;
        List<Event> events = new ArrayList<>();
        lapse(claim.name(), now, events);
        handOver(claim.name(), now, events);
        Optional<Entry> before = of(claim.name(), claim.owner());
        if (before.isPresent()) {
            return new Outcome(again(before.get(), claim, now, events), events);
        }
        if (lock(claim.name()).isEmpty() && locks.size() >= maxLocks) {
            return new Outcome(refused(Status.FULL, 0), events);
        }
        lastArrival = Math.max(micros, lastArrival + 1);
        Entry entry = new Entry(claim);
        entry.since = now;
        entry.rank = lastArrival - claim.priority() * ageing.toMillis() * 1000;
        List<Entry> waiters = waiters(lock(claim.name()));
        boolean first = waiters.isEmpty() || entry.rank < waiters.getFirst().rank;
        boolean free = first && fits(lock(claim.name()), claim);
        List<Entry> victims = first && !free && claim.preempt() ? victims(claim) : List.of();
        victims.forEach(victim -> {
            events.add(event(Kind.REVOKED, victim));
            remove(victim);
        });
        if (free || !victims.isEmpty()) {
            add(entry);
            grant(entry, now);
        } else if (claim.patience().isPositive()) {
            if (waiters.size() >= maxWaiters) {
                return new Outcome(refused(Status.FULL, waiters.size()), events);
            }
            await(entry, claim, now);
            add(entry);
        }
        handOver(claim.name(), now, events);
        return new Outcome(standing(claim.name(), claim.owner(), now), events);
    }

    private static void await(Entry entry, Claim claim, long now) {
        entry.deadline = now + claim.patience().toMillis();
        entry.until = Math.min(entry.deadline, now + claim.lease().toMillis());
    }

    private Standing again(Entry entry, Claim claim, long now, List<Event> events) {
        LockMode mode = entry.claim.mode();
        if (mode != claim.mode() && !(entry.holds() && mode == LockMode.LOCK_MODE_EXCLUSIVE)) {
            return refused(Status.CONFLICT, 0);
        }
        if (entry.holds()) {
            entry.until = now + claim.lease().toMillis();
        } else if (claim.patience().isZero()) {
            remove(entry);
        } else {
            await(entry, claim, now);
        }
        handOver(claim.name(), now, events);
        return standing(claim.name(), claim.owner(), now);
    }

    private List<Entry> victims(Claim claim) {
        List<Entry> holders = holders(lock(claim.name())).stream()
                .sorted(Comparator.<Entry>comparingInt(entry -> entry.claim.priority())
                        .thenComparing(entry -> entry.claim.owner().text()))
                .toList();
        boolean together = holders.getFirst().claim.mode() == claim.mode();
        List<Entry> victims = holders.subList(0, together ? holders.size() - claim.limit() + 1 : holders.size());
        return victims.stream().allMatch(victim -> victim.claim.priority() < claim.priority()) ? victims : List.of();
    }

    Outcome release(String name, Owner owner, long token, long micros) {
        long now = micros / 1000;
        List<Event> events = new ArrayList<>();
        lapse(name, now, events);
        of(name, owner).filter(entry -> token == 0 || entry.token == token).ifPresent(this::remove);
        handOver(name, now, events);
        return new Outcome(standing(name, owner, now), events);
    }

    Outcome renew(Renewal renewal, long micros) {
        long now = micros / 1000;
        List<Event> events = new ArrayList<>();
        lapse(renewal.name(), now, events);
        of(renewal.name(), renewal.owner()).ifPresent(entry -> {
            long until = now + renewal.lease().toMillis();
            if (!entry.holds()) {
                entry.until = Math.min(entry.deadline, until);
            } else if (renewal.token() == 0 || renewal.token() == entry.token) {
                entry.until = until;
            }
        });
        handOver(renewal.name(), now, events);
        return new Outcome(standing(renewal.name(), renewal.owner(), now), events);
    }

    List<Event> sweep(long micros) {
        long now = micros / 1000;
        List<Event> events = new ArrayList<>();
        List.copyOf(locks.keySet()).stream()
                .filter(name -> due(name) <= now)
                .sorted(Comparator.comparingLong(this::due).thenComparing(Comparator.naturalOrder()))
                .forEach(name -> {
                    lapse(name, now, events);
                    handOver(name, now, events);
                });
        return events;
    }

    private long due(String name) {
        return lock(name).stream().mapToLong(entry -> entry.until).min().orElseThrow();
    }

    /** Tokens of those that hold it. */
    List<Long> tokens(String name) {
        return holders(lock(name)).stream().map(entry -> entry.token).toList();
    }

    int waiting(String name) {
        return waiters(lock(name)).size();
    }

    boolean isEmpty() {
        return locks.isEmpty();
    }

    List<String> names() {
        return List.copyOf(locks.keySet());
    }
}
