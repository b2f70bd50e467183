package io.signalbox.bus.cluster;

import java.util.List;

/**
 * To whom of the receiving node's subscribers a message goes. Immutable.
 *
 * @param plain to all outside of groups
 * @param one to any one, in a group or not; then nothing else is set
 * @param groups to one member of each
 */
record Target(boolean plain, boolean one, List<Group> groups) {
    static final Target PLAIN = new Target(true, false, List.of());
    static final Target ONE = new Target(false, true, List.of());

    /** @param pattern that the group is subscribed with */
    record Group(String pattern, String name) {}

    static Target of(boolean plain, List<Group> groups) {
        return plain && groups.isEmpty() ? PLAIN : new Target(plain, false, groups);
    }
}
