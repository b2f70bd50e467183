package io.signalbox.verticles.membership;

import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.ClusterView.Owner;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.bus.cluster.ScriptedClusterView;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.GetTask;
import io.signalbox.codecs.internal.ListNodes;
import io.signalbox.codecs.internal.NodeInfo;
import io.signalbox.codecs.internal.NodeList;
import io.signalbox.codecs.internal.ShardInfo;
import io.signalbox.config.BusConfig;
import io.signalbox.config.NodeKind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NodesVerticleTest {
    private static final Duration PATIENT = Duration.ofSeconds(20);
    private static final Member NODE_A = new Member("a", 7, NodeKind.PRIMARY, 9000, "10.0.0.1:4281", State.LIVE);
    private static final Member NODE_B = new Member("b", 8, NodeKind.EDGE, 10, "", State.JOINING);

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final BusServices services = new BusServices(
            new LocalMessageBus(new Random(1), meters),
            vertx,
            "b",
            new BusConfig(100, PATIENT),
            InstantSource.system(),
            meters);

    @AfterEach
    void stop() {
        services.close();
        get(vertx.close());
    }

    private Future<NodeList> ask(ClusterView view, MessageLite request) {
        get(vertx.deployVerticle(new NodesVerticle(services, view, "b", Map.of("tasks", 3, "sweeps", 1))));
        return services.call(NodesVerticle.ADDRESS, request, NodeList.parser(), PATIENT);
    }

    private static ShardInfo shard(String kind, int number, int epoch) {
        return ShardInfo.newBuilder()
                .setKind(kind)
                .setNumber(number)
                .setEpoch(epoch)
                .build();
    }

    private static ScriptedClusterView view() {
        return new ScriptedClusterView(1);
    }

    @Test
    void shouldTellWhoIsThereAndWhoOwnsWhat() {
        Map<Shard, Owner> owners = Map.of(
                new Shard("tasks", 2), new Owner("a", 7, 70),
                new Shard("tasks", 1), new Owner("a", 6, 60), // before it was started again
                new Shard("sweeps", 0), new Owner("a", 7, 71));

        NodeList list =
                get(ask(view().members(List.of(NODE_B, NODE_A)).owners(owners), ListNodes.getDefaultInstance()));

        assertThat(list)
                .isEqualTo(NodeList.newBuilder()
                        .setAsked("b")
                        .addNodes(NodeInfo.newBuilder()
                                .setId("a")
                                .setIncarnation(7)
                                .setKind("primary")
                                .setState("live")
                                .setCapacity(9000)
                                .setAddress("10.0.0.1:4281")
                                .addShards(shard("sweeps", 0, 71))
                                .addShards(shard("tasks", 2, 70)))
                        .addNodes(NodeInfo.newBuilder()
                                .setId("b")
                                .setIncarnation(8)
                                .setKind("edge")
                                .setState("joining")
                                .setCapacity(10))
                        .addUnowned(shard("tasks", 0, 0))
                        .addUnowned(shard("tasks", 1, 60))
                        .build());
    }

    @Test
    void shouldTellWhyTheNodeDoesNotAct() {
        ClusterView view = view().notActing("its lease is over");

        assertThat(get(ask(view, ListNodes.getDefaultInstance())).getWhyNot()).isEqualTo("its lease is over");
    }

    @Test
    void shouldRefuseWhatItDoesNotDo() {
        assertThat(((ServiceException) failure(ask(view(), GetTask.getDefaultInstance()))).code())
                .isEqualTo(Code.UNSUPPORTED);
    }
}
