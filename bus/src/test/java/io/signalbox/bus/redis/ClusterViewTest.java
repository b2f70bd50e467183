package io.signalbox.bus.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.ClusterView.Node;
import io.signalbox.bus.redis.ClusterView.SlotRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterViewTest {
    private static final ServerAddress FROM = new ServerAddress("from", 1);

    @Test
    void shouldReadWhatANodeSaysOfAll() {
        ClusterView view = ClusterView.of("""
                e7d1 127.0.0.1:30004@31004,host-4 slave 67ed 0 1426238317239 4 connected
                67ed 10.0.0.2:30002@31002 master - 0 1426238316232 2 connected 5461-10922 [93-<-292f8b]
                292f ::1:30003@31003 master,fail? - 0 1426238318243 3 connected 10923-16383 7
                824f :30005@31005 myself,master - 0 1426238317741 5 connected 0
                """, FROM);

        assertThat(view.nodes())
                .containsExactly(
                        new Node(new ServerAddress("127.0.0.1", 30004), true, 4, List.of()),
                        new Node(new ServerAddress("10.0.0.2", 30002), true, 2, List.of(new SlotRange(5461, 10922))),
                        new Node(
                                new ServerAddress("::1", 30003),
                                true,
                                3,
                                List.of(new SlotRange(10923, 16383), new SlotRange(7, 7))),
                        new Node(new ServerAddress("from", 30005), true, 5, List.of(new SlotRange(0, 0))));
    }

    @Test
    void shouldKnowWhichNodesToAsk() {
        ClusterView view = ClusterView.of("""
                a 127.0.0.1:1@2 master,fail - 0 0 1 disconnected 0-1
                b 127.0.0.1:3@4 handshake - 0 0 0 connected
                c :0@0 slave,noaddr a 0 0 1 disconnected
                d :5@6 slave a 0 0 1 connected
                """, FROM);

        assertThat(view.nodes())
                .containsExactly(
                        new Node(new ServerAddress("127.0.0.1", 1), false, 1, List.of(new SlotRange(0, 1))),
                        new Node(new ServerAddress("127.0.0.1", 3), false, 0, List.of()));
    }
}
