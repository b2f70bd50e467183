package io.signalbox.bus;

import java.util.function.Consumer;

/** Finds the subscriptions of an address. Thread-safe. */
final class SubscriptionTree {
    private final PatternTree<Interest> tree = new PatternTree<>(Interest.NONE, Interest::isEmpty);

    void add(AddressPattern pattern, String group, Subscriber subscriber) {
        tree.update(pattern, before -> before.with(pattern.text(), group, subscriber));
    }

    /** Nothing happens when there is no such subscription. */
    void remove(AddressPattern pattern, String group, Subscriber subscriber) {
        tree.update(pattern, before -> before.without(group, subscriber));
    }

    /** Who is subscribed with the pattern itself. */
    Interest get(AddressPattern pattern) {
        return tree.get(pattern);
    }

    /** Whether anybody is subscribed to the address without wildcards. */
    boolean hasExactly(String address) {
        return tree.hasExactly(address);
    }

    /** Gives the interest of every matching pattern, each once. */
    void match(String address, Consumer<Interest> found) {
        tree.match(address, found);
    }

    /** Whether nobody is subscribed and nothing is kept. */
    boolean isEmpty() {
        return tree.isEmpty();
    }
}
