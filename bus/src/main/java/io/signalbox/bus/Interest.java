package io.signalbox.bus;

import java.util.List;
import java.util.stream.Stream;

/**
 * Who is subscribed with one pattern: plain subscribers, and the members of each queue group. Immutable, so that a
 * publisher reads it without a lock.
 */
record Interest(Subscribers plain, List<Group> groups) {
    static final Interest NONE = new Interest(Subscribers.NONE, List.of());

    /** Members share the messages. */
    record Group(String pattern, String name, Subscribers members) {}

    boolean isEmpty() {
        return plain.isEmpty() && groups.isEmpty();
    }

    Interest with(String pattern, String group, Subscriber subscriber) {
        if (group.isEmpty()) {
            return new Interest(plain.with(subscriber), groups);
        }
        return new Interest(
                plain, groupsWith(new Group(pattern, group, members(group).with(subscriber))));
    }

    /** None: there is no such group. */
    Subscribers members(String group) {
        for (Group each : groups) {
            if (each.name().equals(group)) {
                return each.members();
            }
        }
        return Subscribers.NONE;
    }

    /** Removes one occurrence. */
    Interest without(String group, Subscriber subscriber) {
        if (group.isEmpty()) {
            return new Interest(plain.without(subscriber), groups);
        }
        return groups.stream()
                .filter(each -> each.name().equals(group))
                .findFirst()
                .map(before ->
                        new Group(before.pattern(), group, before.members().without(subscriber)))
                .map(after -> new Interest(plain, groupsWith(after)))
                .orElse(this);
    }

    /** Without a group that nobody is in any more. */
    private List<Group> groupsWith(Group changed) {
        Stream<Group> others = groups.stream().filter(each -> !each.name().equals(changed.name()));
        return Stream.concat(others, changed.members().isEmpty() ? Stream.empty() : Stream.of(changed))
                .toList();
    }
}
