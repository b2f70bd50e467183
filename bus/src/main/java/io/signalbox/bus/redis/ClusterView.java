package io.signalbox.bus.redis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What one node of a cluster says of all of them, in its answer to {@code CLUSTER NODES}. Immutable. */
record ClusterView(List<Node> nodes) {
    private static final Set<String> NOT_TO_BE_ASKED = Set.of("fail", "handshake", "noaddr");

    private static final int ADDRESS = 1;
    private static final int FLAGS = 2;
    private static final int EPOCH = 6;
    private static final int SLOTS = 8;

    /**
     * @param epoch of two nodes that claim the same slot the one with the greater epoch is right
     * @param slots that it claims; a replica claims none
     */
    record Node(ServerAddress address, boolean answers, long epoch, List<SlotRange> slots) {}

    /** Both included. */
    record SlotRange(int from, int to) {}

    ClusterView {
        nodes = List.copyOf(nodes);
    }

    /** @param from who answered: a node need not know its own host */
    static ClusterView of(String text, ServerAddress from) {
        return new ClusterView(text.lines()
                .flatMap(line -> node(line.split(" "), from).stream())
                .toList());
    }

    private static Optional<Node> node(String[] fields, ServerAddress from) {
        List<String> flags = List.of(fields[FLAGS].split(","));
        String address = fields[ADDRESS].replaceAll("@.*", "");
        String host = address.substring(0, address.lastIndexOf(':'));
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        if (flags.contains("noaddr") || host.isEmpty() && !flags.contains("myself")) {
            return Optional.empty();
        }
        return Optional.of(new Node(
                new ServerAddress(host.isEmpty() ? from.host() : host, port),
                flags.stream().noneMatch(NOT_TO_BE_ASKED::contains),
                Long.parseLong(fields[EPOCH]),
                slots(fields)));
    }

    /** What is in brackets is on its way to another node, or from there, and stands with its owner besides. */
    private static List<SlotRange> slots(String[] fields) {
        List<SlotRange> slots = new ArrayList<>();
        Arrays.stream(fields).skip(SLOTS).filter(slot -> !slot.startsWith("[")).forEach(slot -> {
            String[] ends = slot.split("-");
            slots.add(new SlotRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])));
        });
        return List.copyOf(slots);
    }
}
