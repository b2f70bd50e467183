package io.signalbox.bus.cluster;

import java.util.Comparator;
import java.util.List;

/**
 * What a node has subscribers for under one pattern. Immutable.
 *
 * @param plain whether there is a subscriber outside of queue groups
 * @param groups by name
 */
record PatternInterest(boolean plain, List<Group> groups) {
    static final PatternInterest NONE = new PatternInterest(false, List.of());

    /** Nearly all are this: an inbox, an address of replies. */
    static final PatternInterest PLAIN = new PatternInterest(true, List.of());

    record Group(String name, int members) {
        Group {
            if (members < 1) {
                throw new IllegalArgumentException(members + " members of " + name);
            }
        }
    }

    PatternInterest {
        groups = groups.stream().sorted(Comparator.comparing(Group::name)).toList();
    }

    static PatternInterest of(boolean plain, List<Group> groups) {
        if (groups.isEmpty()) {
            return plain ? PLAIN : NONE;
        }
        return new PatternInterest(plain, groups);
    }

    boolean isEmpty() {
        return !plain && groups.isEmpty();
    }

    int members(String group) {
        for (Group each : groups) {
            if (each.name().equals(group)) {
                return each.members();
            }
        }
        return 0;
    }

    /** How many could take a message that is for one: the members, and the plain ones, which count as one. */
    int takers() {
        int takers = plain ? 1 : 0;
        for (Group group : groups) {
            takers += group.members();
        }
        return takers;
    }

    /** The same on every node. Those of a set of patterns are added up, and so the sum follows each change. */
    long hash(String pattern) {
        long hash = textHash(pattern) + (plain ? 1 : 0);
        for (Group group : groups) {
            hash += mix(textHash(group.name()) + group.members());
        }
        return mix(hash);
    }

    private static long textHash(String text) {
        long hash = text.length();
        for (int i = 0; i < text.length(); i++) {
            hash = hash * 0x100000001b3L + text.charAt(i);
        }
        return mix(hash);
    }

    /** Finalizer of SplitMix64: each bit changes about half of the others. */
    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }
}
