package io.signalbox.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.NodeInfo;
import io.signalbox.codecs.internal.NodeList;
import io.signalbox.codecs.internal.ShardInfo;
import io.signalbox.config.BusConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the answers of the nodes' service look, over a real socket. */
@Timeout(60)
class NodeRoutesTest {
    private final ObjectMapper json = new ObjectMapper();
    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final BusConfig config = new BusConfig(100, Duration.ofSeconds(10));
    private final BusServices services = new BusServices(
            new LocalMessageBus(new Random(1), meters), vertx, "n1", config, InstantSource.system(), meters);
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        http.shutdownNow();
        services.close();
        vertx.close().await();
    }

    private HttpResponse<String> list(Future<? extends MessageLite> answer) throws Exception {
        services.serve(vertx.getOrCreateContext(), ServiceCalls.NODES, (type, request) -> {
            assertThat(type).isEqualTo("ListNodes");
            return answer;
        });
        Router router = Router.router(vertx);
        router.route().handler(new RequestIds(InstantSource.system(), new Random(1)));
        new NodeRoutes(new ServiceCalls(services, config.requestTimeout()))
                .routes()
                .forEach(route ->
                        router.route(route.method(), route.routerPath()).handler(route.handler()));
        int port = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .await()
                .actualPort();
        URI uri = URI.create("http://127.0.0.1:" + port + "/v1/nodes");
        return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    @Test
    void shouldShowNodesAndTheirShards() throws Exception {
        ShardInfo shard =
                ShardInfo.newBuilder().setKind("tasks").setNumber(1).setEpoch(7).build();
        NodeInfo.Builder node = NodeInfo.newBuilder()
                .setId("n1")
                .setKind("primary")
                .setState("live")
                .setIncarnation(5)
                .setCapacity(9000)
                .setAddress("10.0.0.1:4281")
                .addShards(shard);

        HttpResponse<String> answer = list(Future.succeededFuture(
                NodeList.newBuilder().setAsked("n1").addNodes(node).build()));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json.readTree(answer.body())).isEqualTo(json.readTree("""
                {"nodes": [{"id": "n1", "kind": "primary", "state": "live", "incarnation": 5, "capacity": 9000,
                            "address": "10.0.0.1:4281", "shards": [{"kind": "tasks", "number": 1, "epoch": 7}]}],
                 "unowned": [], "asked": "n1", "acts": true}"""));
    }

    @Test
    void shouldSayWhyTheNodeDoesNotActAndWhatNobodyOwns() throws Exception {
        NodeList list = NodeList.newBuilder()
                .setAsked("n1")
                .setWhyNot("its lease is over")
                .addUnowned(ShardInfo.newBuilder().setKind("tasks"))
                .build();

        assertThat(json.readTree(list(Future.succeededFuture(list)).body())).isEqualTo(json.readTree("""
                {"nodes": [], "unowned": [{"kind": "tasks", "number": 0, "epoch": 0}],
                 "asked": "n1", "acts": false, "reason": "its lease is over"}"""));
    }

    @Test
    void shouldRefuseAsTheServiceDoes() throws Exception {
        HttpResponse<String> answer =
                list(Future.failedFuture(new ServiceException(Code.UNAVAILABLE, "away", Duration.ofSeconds(7))));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).contains("7");
    }
}
