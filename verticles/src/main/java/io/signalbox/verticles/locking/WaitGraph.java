package io.signalbox.verticles.locking;

import io.signalbox.verticles.locking.LockStore.Lock;
import io.signalbox.verticles.locking.LockStore.Seen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Who waits for whom, and who will wait for ever if nobody gives up. Whoever waits for nothing is taken to release what it holds
 * in the end; then those that can go on by that, and so on. The rest is stuck: in a circle, or behind one. Immutable.
 */
final class WaitGraph {
    /** @param waitsFor the lock that the next one of the circle holds, or waits for before it */
    record Step(Owner owner, String waitsFor) {}

    private final List<Lock> locks;
    private final Set<Owner> stuck = new HashSet<>();

    /** @param locks that somebody waits for, each with all its holders, and its waiters in their order */
    WaitGraph(List<Lock> locks) {
        this.locks = List.copyOf(locks);
        locks.forEach(lock ->
                lock.waiters().forEach(waiter -> stuck.add(waiter.owner().thread())));
        while (stuck.retainAll(stillStuck())) {
            // until nobody more can go on
        }
    }

    private Set<Owner> stillStuck() {
        Set<Owner> still = new HashSet<>();
        for (Lock lock : locks) {
            boolean behind = false;
            for (Seen waiter : lock.waiters()) {
                if (behind || isBlocked(lock, waiter)) {
                    still.add(waiter.owner().thread());
                }
                behind |= stuck.contains(waiter.owner().thread());
            }
        }
        return still;
    }

    /** By holders that will not release. */
    private boolean isBlocked(Lock lock, Seen waiter) {
        List<Seen> staying = lock.holders().stream()
                .filter(holder -> stuck.contains(holder.owner().thread()))
                .toList();
        return !staying.isEmpty()
                && (staying.stream().anyMatch(holder -> holder.mode() != waiter.mode())
                        || staying.size() >= waiter.limit());
    }

    /** One for each knot of those that wait for each other. */
    List<List<Step>> deadlocks() {
        Map<Owner, Map<Owner, String>> edges = edges();
        List<List<Step>> circles = new ArrayList<>();
        Set<Owner> seen = new HashSet<>();
        for (Owner start : edges.keySet()) {
            circle(start, edges, seen).ifPresent(circles::add);
        }
        return circles;
    }

    /** Of those that are stuck alone. */
    private Map<Owner, Map<Owner, String>> edges() {
        Map<Owner, Map<Owner, String>> edges = new LinkedHashMap<>();
        for (Lock lock : locks) {
            Optional<Owner> ahead = Optional.empty();
            for (Seen waiter : lock.waiters()) {
                if (stuck.contains(waiter.owner().thread())) {
                    Map<Owner, String> from =
                            edges.computeIfAbsent(waiter.owner().thread(), ignored -> new LinkedHashMap<>());
                    Stream<Seen> blocking = isBlocked(lock, waiter) ? lock.holders().stream() : Stream.empty();
                    blocking.map(holder -> holder.owner().thread())
                            .filter(stuck::contains)
                            .forEach(holder -> from.putIfAbsent(holder, lock.name()));
                    ahead.ifPresent(before -> from.putIfAbsent(before, lock.name()));
                    ahead = Optional.of(waiter.owner().thread());
                }
            }
        }
        return edges;
    }

    /** That a walk from there runs into, when it does before it comes to one that was seen. */
    private static Optional<List<Step>> circle(Owner start, Map<Owner, Map<Owner, String>> edges, Set<Owner> seen) {
        List<Step> walk = new ArrayList<>();
        Map<Owner, Integer> places = new HashMap<>();
        Owner at = start;
        while (seen.add(at)) {
            Optional<Map.Entry<Owner, String>> next =
                    edges.getOrDefault(at, Map.of()).entrySet().stream().findFirst();
            if (next.isEmpty()) {
                return Optional.empty();
            }
            places.put(at, walk.size());
            walk.add(new Step(at, next.get().getValue()));
            at = next.get().getKey();
        }
        return Optional.ofNullable(places.get(at)).map(from -> List.copyOf(walk.subList(from, walk.size())));
    }
}
