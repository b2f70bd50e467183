package io.signalbox.bus;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A value for each pattern, found by address: patterns without wildcards by one look into a map, patterns with them in a trie
 * by level. Readers take no lock; writers of wildcard patterns take turns. Thread-safe.
 *
 * @param <V> immutable
 */
public final class PatternTree<V> {
    private static final String ONE = "+";
    private static final String REST = "#";

    /** A level of wildcard patterns. */
    private final class Node {
        final Map<String, Node> children = new ConcurrentHashMap<>(2);
        volatile V value = none;

        boolean isUseless() {
            return children.isEmpty() && isNone.test(value);
        }
    }

    private final V none;
    private final Predicate<V> isNone;
    private final ConcurrentHashMap<String, V> exact = new ConcurrentHashMap<>();
    private final Node root;
    private final ReentrantLock wildcardWriters = new ReentrantLock();

    /**
     * @param none the value of a pattern that has none
     * @param isNone whether a value is as good as none, and need not be kept
     */
    public PatternTree(V none, Predicate<V> isNone) {
        this.none = none;
        this.isNone = isNone;
        this.root = new Node();
    }

    /** @param change from the value before to the one after; may run more than once */
    public void update(AddressPattern pattern, UnaryOperator<V> change) {
        if (!pattern.hasWildcard()) {
            exact.compute(pattern.text(), (text, before) -> {
                V after = change.apply(before == null ? none : before);
                return isNone.test(after) ? null : after;
            });
            return;
        }
        wildcardWriters.lock();
        try {
            update(root, pattern.levels().toArray(String[]::new), 0, change);
        } finally {
            wildcardWriters.unlock();
        }
    }

    private void update(Node node, String[] levels, int depth, UnaryOperator<V> change) {
        if (depth == levels.length) {
            node.value = change.apply(node.value);
            return;
        }
        Node known = node.children.get(levels[depth]);
        Node child = known == null ? new Node() : known;
        update(child, levels, depth + 1, change);
        if (child.isUseless()) {
            node.children.remove(levels[depth]);
        } else if (known == null) {
            node.children.put(levels[depth], child);
        }
    }

    /** The value of the pattern itself. */
    public V get(AddressPattern pattern) {
        if (!pattern.hasWildcard()) {
            return exact.getOrDefault(pattern.text(), none);
        }
        Node node = root;
        for (String level : pattern.levels()) {
            node = node.children.get(level);
            if (node == null) {
                return none;
            }
        }
        return node.value;
    }

    /** Whether the address itself, as a pattern, has a value. */
    public boolean hasExactly(String address) {
        return exact.containsKey(address);
    }

    /** False: no pattern matches. True: one may. Costs one look into a map. */
    public boolean mayMatch(String address) {
        return !root.children.isEmpty() || exact.containsKey(address);
    }

    /** Gives the value of every matching pattern, each once. */
    public void match(String address, Consumer<V> found) {
        V direct = exact.get(address);
        if (direct != null) {
            found.accept(direct);
        }
        if (!root.children.isEmpty()) {
            matchFirst(address.split("/", -1), found);
        }
    }

    private void matchFirst(String[] levels, Consumer<V> found) {
        if (levels[0].startsWith("$")) {
            // A leading wildcard does not match these (MQTT 5, section 4.7.2).
            descend(root.children.get(levels[0]), levels, 1, found);
        } else {
            matchLevel(root, levels, 0, found);
        }
    }

    private void matchLevel(Node node, String[] levels, int depth, Consumer<V> found) {
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

    private void descend(Node node, String[] levels, int depth, Consumer<V> found) {
        if (node != null) {
            matchLevel(node, levels, depth, found);
        }
    }

    private void give(Node node, Consumer<V> found) {
        V value = node.value;
        if (!isNone.test(value)) {
            found.accept(value);
        }
    }

    /** Whether no pattern has a value and nothing is kept. */
    public boolean isEmpty() {
        return exact.isEmpty() && root.isUseless();
    }
}
