package io.signalbox.load.generator;

import io.signalbox.load.dialect.Dialects;
import java.util.List;
import java.util.stream.IntStream;

/** Layouts and orders for tests. */
final class Layouts {
    private Layouts() {}

    static Layout layout(int nodes, int agents, int agentsPerConnection) {
        List<Layout.Node> servers = IntStream.range(0, nodes)
                .mapToObj(i -> new Layout.Node("n" + i, i))
                .toList();
        return new Layout(servers, agents, agentsPerConnection, false);
    }

    static Order.Connect order(Layout layout, int firstConnection, int connections) {
        return new Order.Connect(
                0, Dialects.ECHO, false, layout, firstConnection, connections, List.of("127.0.0.1"), 1, 0, "");
    }

    static Order.Connect order(Layout layout) {
        return order(layout, 0, layout.connections());
    }
}
