package io.signalbox.sdk;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Which node is tried next, and after which wait. Each client has an order of its own, so that a fleet spreads over the nodes,
 * and over those that are left when one goes. Not thread-safe; knows no clock.
 */
final class Endpoints {
    private final List<URI> order;
    private final Backoff backoff;
    private final Map<URI, Instant> notBefore = new HashMap<>();

    /** Those that could not be used since one could. When all have been tried it begins anew, after a wait. */
    private final Set<URI> tried = new HashSet<>();

    /** Those whose last word was a refusal for good. */
    private final Set<URI> refusing = new HashSet<>();

    private int current;

    Endpoints(List<URI> all, Backoff backoff, RandomGenerator random) {
        this.order = new ArrayList<>(all);
        Collections.shuffle(order, Random.from(random));
        this.backoff = backoff;
    }

    URI current() {
        return order.get(current);
    }

    boolean areSeveral() {
        return order.size() > 1;
    }

    /** The node took the client. */
    void accepted() {
        tried.clear();
        refusing.clear();
    }

    /** The connection lasted: the next wait may be a short one. */
    void lasted() {
        backoff.reset();
    }

    /** The connection ended, who knows why: the session can be resumed at the same node, and nowhere else. */
    Duration lost() {
        return backoff.next(Duration.ZERO);
    }

    /**
     * The node will be gone.
     *
     * @param slot when the client may come to another, or come again where there is no other
     */
    Duration sentAway(Duration slot, Instant now) {
        notBefore.put(current(), now.plus(slot));
        tried.add(current());
        chooseNext(now);
        return backoff.next(slot);
    }

    /**
     * There was no connection.
     *
     * @param atLeast what the node asked for
     * @return the wait before the next is tried: none while there are others; empty: all refuse for good
     */
    Optional<Duration> refused(boolean forGood, Duration atLeast, Instant now) {
        if (forGood) {
            refusing.add(current());
        } else {
            refusing.remove(current());
        }
        if (refusing.size() == order.size()) {
            return Optional.empty();
        }
        notBefore.put(current(), now.plus(atLeast));
        tried.add(current());
        boolean waits = chooseNext(now);
        return Optional.of(waits ? backoff.next(untilFree(current(), now)) : Duration.ZERO);
    }

    /** @return whether there was none left that may be tried now: it begins anew, with the one that may be first */
    private boolean chooseNext(Instant now) {
        boolean none = order.stream()
                .noneMatch(node -> !tried.contains(node) && untilFree(node, now).isZero());
        if (none) {
            tried.clear();
        }
        current = IntStream.rangeClosed(1, order.size())
                .map(step -> (current + step) % order.size())
                .filter(index -> !tried.contains(order.get(index)))
                .boxed()
                .min(Comparator.comparing(index -> untilFree(order.get(index), now)))
                .orElseThrow();
        return none;
    }

    private Duration untilFree(URI endpoint, Instant now) {
        Duration left = Duration.between(now, notBefore.getOrDefault(endpoint, now));
        return left.isNegative() ? Duration.ZERO : left;
    }
}
