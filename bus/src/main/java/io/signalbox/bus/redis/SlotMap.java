package io.signalbox.bus.redis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Knows which server has a slot. Nodes that are cut off tell what is outdated: a claim counts only when its epoch is not
 * below that of the owner known. Not thread-safe.
 */
final class SlotMap {
    private final ServerAddress[] owners = new ServerAddress[HashSlot.COUNT];
    private final long[] epochs = new long[HashSlot.COUNT];

    /** A slot that belongs to another server than was known. */
    record Change(int slot, ServerAddress owner) {}

    Optional<ServerAddress> owner(int slot) {
        return Optional.ofNullable(owners[slot]);
    }

    /** What differs from what is known; it is not taken over yet. */
    List<Change> compare(ClusterView view) {
        List<Change> changes = new ArrayList<>();
        for (ClusterView.Node node : view.nodes()) {
            for (ClusterView.SlotRange range : node.slots()) {
                for (int slot = range.from(); slot <= range.to(); slot++) {
                    if (node.epoch() >= epochs[slot]) {
                        epochs[slot] = node.epoch();
                        if (!node.address().equals(owners[slot])) {
                            changes.add(new Change(slot, node.address()));
                        }
                    }
                }
            }
        }
        return changes;
    }

    void assign(int slot, ServerAddress owner) {
        owners[slot] = owner;
    }

    Set<ServerAddress> owners() {
        Set<ServerAddress> all = new HashSet<>(Arrays.asList(owners));
        all.remove(null);
        return all;
    }

    /** Whether every slot has an owner. */
    boolean isComplete() {
        return Arrays.stream(owners).allMatch(owner -> owner != null);
    }
}
