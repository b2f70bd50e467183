package io.signalbox.bus;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Finds the subscriptions of an address: patterns without wildcards by one look into a map, patterns with them in a trie by
 * level. Readers take no lock; writers of wildcard patterns take turns. Thread-safe.
 */
final class SubscriptionTree {
    private static final String ONE = "+";
    private static final String REST = "#";

    /** A level of wildcard patterns. */
    private static final class Node {
        final Map<String, Node> children = new ConcurrentHashMap<>(2);
        volatile Interest interest = Interest.NONE;

        boolean isUseless() {
            return children.isEmpty() && interest.isEmpty();
        }
    }

    private final ConcurrentHashMap<String, Interest> exact = new ConcurrentHashMap<>();
    private final Node root = new Node();
    private final ReentrantLock wildcardWriters = new ReentrantLock();

    void add(AddressPattern pattern, String group, Subscriber subscriber) {
        if (!pattern.hasWildcard()) {
            exact.compute(
                    pattern.text(),
                    (text, before) -> (before == null ? Interest.NONE : before).with(group, subscriber));
            return;
        }
        wildcardWriters.lock();
        try {
            Node node = root;
            for (String level : pattern.levels()) {
                node = node.children.computeIfAbsent(level, ignored -> new Node());
            }
            node.interest = node.interest.with(group, subscriber);
        } finally {
            wildcardWriters.unlock();
        }
    }

    /** Nothing happens when there is no such subscription. */
    void remove(AddressPattern pattern, String group, Subscriber subscriber) {
        if (!pattern.hasWildcard()) {
            exact.computeIfPresent(pattern.text(), (text, before) -> {
                Interest after = before.without(group, subscriber);
                return after.isEmpty() ? null : after;
            });
            return;
        }
        wildcardWriters.lock();
        try {
            remove(root, pattern.levels().toArray(String[]::new), 0, group, subscriber);
        } finally {
            wildcardWriters.unlock();
        }
    }

    private void remove(Node node, String[] levels, int depth, String group, Subscriber subscriber) {
        if (depth == levels.length) {
            node.interest = node.interest.without(group, subscriber);
            return;
        }
        Node child = node.children.get(levels[depth]);
        if (child != null) {
            remove(child, levels, depth + 1, group, subscriber);
            if (child.isUseless()) {
                node.children.remove(levels[depth]);
            }
        }
    }

    /** Whether anybody is subscribed to the address without wildcards. */
    boolean hasExactly(String address) {
        return exact.containsKey(address);
    }

    /** Gives the interest of every matching pattern, each once. */
    void match(String address, Consumer<Interest> found) {
        Interest direct = exact.get(address);
        if (direct != null) {
            found.accept(direct);
        }
        if (!root.children.isEmpty()) {
            matchFirst(address.split("/", -1), found);
        }
    }

    private void matchFirst(String[] levels, Consumer<Interest> found) {
        if (levels[0].startsWith("$")) {
            // A leading wildcard does not match these (MQTT 5, section 4.7.2).
            descend(root.children.get(levels[0]), levels, 1, found);
        } else {
            matchLevel(root, levels, 0, found);
        }
    }

    private void matchLevel(Node node, String[] levels, int depth, Consumer<Interest> found) {
        Node rest = node.children.get(REST);
        if (rest != null) {
            give(rest, found);
        }
        if (depth == levels.length) {
            give(node, found);
            return;
        }
        descend(node.children.get(levels[depth]), levels, depth + 1, found);
        descend(node.children.get(ONE), levels, depth + 1, found);
    }

    private void descend(Node node, String[] levels, int depth, Consumer<Interest> found) {
        if (node != null) {
            matchLevel(node, levels, depth, found);
        }
    }

    private static void give(Node node, Consumer<Interest> found) {
        Interest interest = node.interest;
        if (!interest.isEmpty()) {
            found.accept(interest);
        }
    }

    /** Whether nobody is subscribed and nothing is kept. */
    boolean isEmpty() {
        return exact.isEmpty() && root.isUseless();
    }
}
