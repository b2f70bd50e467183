package io.signalbox.bus;

import java.util.Arrays;
import java.util.List;

/**
 * Who is subscribed with one pattern: plain subscribers, and the members of each queue group. Immutable, so that a
 * publisher reads it without a lock.
 */
record Interest(List<Subscriber> plain, List<Group> groups) {
    static final Interest NONE = new Interest(List.of(), List.of());

    /** Members share the messages. */
    record Group(String name, Subscriber[] members) {
        private Group with(Subscriber subscriber) {
            Subscriber[] grown = Arrays.copyOf(members, members.length + 1);
            grown[members.length] = subscriber;
            return new Group(name, grown);
        }

        private Group without(Subscriber subscriber) {
            int at = indexOf(subscriber);
            if (at < 0) {
                return this;
            }
            Subscriber[] shrunk = new Subscriber[members.length - 1];
            System.arraycopy(members, 0, shrunk, 0, at);
            System.arraycopy(members, at + 1, shrunk, at, shrunk.length - at);
            return new Group(name, shrunk);
        }

        private int indexOf(Subscriber subscriber) {
            for (int i = 0; i < members.length; i++) {
                if (members[i] == subscriber) {
                    return i;
                }
            }
            return -1;
        }
    }

    boolean isEmpty() {
        return plain.isEmpty() && groups.isEmpty();
    }

    Interest with(String group, Subscriber subscriber) {
        if (group.isEmpty()) {
            return new Interest(append(plain, subscriber), groups);
        }
        boolean known = groups.stream().anyMatch(each -> each.name().equals(group));
        List<Group> changed = known
                ? groups.stream()
                        .map(each -> each.name().equals(group) ? each.with(subscriber) : each)
                        .toList()
                : append(groups, new Group(group, new Subscriber[] {subscriber}));
        return new Interest(plain, changed);
    }

    /** Removes one occurrence. */
    Interest without(String group, Subscriber subscriber) {
        if (group.isEmpty()) {
            return new Interest(removeOne(plain, subscriber), groups);
        }
        List<Group> changed = groups.stream()
                .map(each -> each.name().equals(group) ? each.without(subscriber) : each)
                .filter(each -> each.members().length > 0)
                .toList();
        return new Interest(plain, changed);
    }

    private static <T> List<T> append(List<T> list, T item) {
        Object[] grown = Arrays.copyOf(list.toArray(), list.size() + 1);
        grown[list.size()] = item;
        @SuppressWarnings("unchecked")
        List<T> result = (List<T>) List.of(grown);
        return result;
    }

    private static List<Subscriber> removeOne(List<Subscriber> list, Subscriber subscriber) {
        int[] skipped = {0};
        return list.stream()
                .filter(each -> each != subscriber || skipped[0]++ > 0)
                .toList();
    }
}
