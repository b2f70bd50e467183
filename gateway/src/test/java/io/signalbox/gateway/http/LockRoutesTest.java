package io.signalbox.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.service.BusServices;
import io.signalbox.codecs.internal.Deadlock;
import io.signalbox.codecs.internal.DeadlockStep;
import io.signalbox.codecs.internal.Deadlocks;
import io.signalbox.codecs.internal.FindDeadlocks;
import io.signalbox.codecs.internal.GetLock;
import io.signalbox.codecs.internal.ListLocks;
import io.signalbox.codecs.internal.LockClaimView;
import io.signalbox.codecs.internal.LockPage;
import io.signalbox.codecs.internal.LockView;
import io.signalbox.codecs.proto.LockMode;
import io.signalbox.config.BusConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is asked of the service of locks, and how its answers look, over a real socket. */
@Timeout(60)
class LockRoutesTest {
    private static final LockClaimView CLAIM = LockClaimView.newBuilder()
            .setAgent("a")
            .setMode(LockMode.LOCK_MODE_PERMIT)
            .setPermits(3)
            .setPriority(5)
            .setSinceMs(1_893_456_000_500L)
            .setUntilMs(1_893_456_010_500L)
            .build();
    private static final String CLAIM_JSON = """
            "agent": "a", "mode": "permit", "permits": 3, "priority": 5,
            "since": "2030-01-01T00:00:00.500Z", "until": "2030-01-01T00:00:10.500Z\"""";
    private static final LockView LOCK = LockView.newBuilder()
            .setName("x/y")
            .setHolding(1)
            .setWaiting(1)
            .addHolders(CLAIM.toBuilder().setHolder("h").setToken(-1))
            .addWaiters(CLAIM.toBuilder().setReason("why"))
            .build();
    private static final String LOCK_JSON = """
            "name": "x/y", "holding": 1, "waiting": 1,
            "holders": [{%s, "holder": "h", "token": "18446744073709551615"}]""".formatted(CLAIM_JSON);

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

    static Stream<Arguments> questions() {
        DeadlockStep step = DeadlockStep.newBuilder()
                .setAgent("a")
                .setHolder("h")
                .setWaitsFor("x")
                .build();
        return Stream.of(
                Arguments.of(
                        "/v1/locks?limit=7&cursor=c",
                        ListLocks.newBuilder().setLimit(7).setCursor("c").build(),
                        LockPage.newBuilder().addLocks(LOCK).setNextCursor("n").build(),
                        "{\"locks\": [{" + LOCK_JSON + "}], \"nextCursor\": \"n\"}"),
                Arguments.of(
                        "/v1/locks/x%2Fy",
                        GetLock.newBuilder().setName("x/y").build(),
                        LOCK,
                        "{" + LOCK_JSON + ", \"waiters\": [{" + CLAIM_JSON + ", \"reason\": \"why\"}]}"),
                Arguments.of(
                        "/v1/deadlocks",
                        FindDeadlocks.getDefaultInstance(),
                        Deadlocks.newBuilder()
                                .addDeadlocks(Deadlock.newBuilder().addSteps(step))
                                .setIncomplete(true)
                                .build(),
                        "{\"deadlocks\": [{\"steps\": [{\"agent\": \"a\", \"holder\": \"h\", \"waitsFor\": \"x\"}]}],"
                                + " \"incomplete\": true}"));
    }

    @ParameterizedTest
    @MethodSource("questions")
    void shouldShowWhatTheServiceAnswers(String path, MessageLite asked, MessageLite answer, String shown)
            throws Exception {
        List<String> received = new CopyOnWriteArrayList<>();
        services.serve(vertx.getOrCreateContext(), ServiceCalls.LOCKS, (type, request) -> {
            received.add(type + " " + request.payload().toStringUtf8());
            return Future.succeededFuture(answer);
        });
        Router router = Router.router(vertx);
        router.route().handler(new RequestIds(InstantSource.system(), new Random(1)));
        new LockRoutes(new ServiceCalls(services, config.requestTimeout()))
                .routes()
                .forEach(route ->
                        router.route(route.method(), route.routerPath()).handler(route.handler()));
        int port = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .await()
                .actualPort();

        URI uri = URI.create("http://127.0.0.1:" + port + path);
        String body = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body();

        assertThat(received)
                .containsExactly(asked.getClass().getSimpleName() + " "
                        + asked.toByteString().toStringUtf8());
        assertThat(json.readTree(body)).isEqualTo(json.readTree(shown));
    }
}
