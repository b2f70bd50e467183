package io.signalbox.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.DeadLetterPage;
import io.signalbox.codecs.internal.DeadLetterView;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.DropDeadLetter;
import io.signalbox.codecs.internal.GetDeadLetter;
import io.signalbox.codecs.internal.GetMailbox;
import io.signalbox.codecs.internal.ListDeadLetters;
import io.signalbox.codecs.internal.MailboxStatus;
import io.signalbox.codecs.internal.ReplayDeadLetter;
import io.signalbox.codecs.internal.ReplayDeadLetters;
import io.signalbox.codecs.internal.Replayed;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Message;
import io.signalbox.config.BusConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of the service and how its answers look, over a real socket. */
@Timeout(60)
class DeadLetterRoutesTest {
    private static final String ID = "01234567-89ab-7def-8123-456789abcdef";
    private static final Instant DIED = Instant.parse("2030-01-01T00:00:00.5Z");
    private static final DeadLetterView LETTER = DeadLetterView.newBuilder()
            .setAgent("a")
            .setId(ID)
            .setReasonCode(Code.REJECTED.number())
            .setDetail("not for me")
            .setAttempts(2)
            .setDiedAtMs(DIED.toEpochMilli())
            .setPriority(9)
            .setSource("agent/s")
            .setType("note")
            .setSize(77)
            .build();
    private static final String LETTER_JSON = """
            {"agent":"a","id":"%s","code":"REJECTED","reason":"not for me","attempts":2,"diedAt":"2030-01-01T00:00:00.500Z",
             "priority":9,"source":"agent/s","type":"note","size":77}""".formatted(ID);

    private final ObjectMapper json = new ObjectMapper();
    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final BusConfig config = new BusConfig(100, Duration.ofSeconds(10));
    private final BusServices services = new BusServices(
            new LocalMessageBus(new Random(1), meters), vertx, "n1", config, InstantSource.system(), meters);
    private final List<EncodedMessage> asked = new CopyOnWriteArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private HttpServer server;

    @BeforeEach
    void start() {
        Router router = Router.router(vertx);
        router.route().handler(new RequestIds(InstantSource.system(), new Random(1)));
        new DeadLetterRoutes(new ServiceCalls(services, config.requestTimeout()))
                .routes()
                .forEach(route -> router.route(route.method(), route.routerPath())
                        .handler(route.handler())
                        .failureHandler(request -> ServiceCalls.refuse(request, request.failure())));
        server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .await();
    }

    @AfterEach
    void stop() {
        http.shutdownNow();
        services.close();
        vertx.close().await();
    }

    private void serve(Future<? extends MessageLite> answer) {
        services.serve(vertx.getOrCreateContext(), ServiceCalls.DEAD_LETTERS, (type, request) -> {
            asked.add(request);
            return answer;
        });
    }

    private HttpResponse<String> ask(String method, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + path))
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private JsonNode body(HttpResponse<String> answer, int status) throws Exception {
        assertThat(answer.statusCode()).isEqualTo(status);
        return json.readTree(answer.body());
    }

    static Stream<Arguments> questions() {
        GetDeadLetter get =
                GetDeadLetter.newBuilder().setAgent("a/b c").setId(ID).build();
        return Stream.of(
                Arguments.of("GET", "/v1/dead-letters", ListDeadLetters.getDefaultInstance()),
                Arguments.of(
                        "GET",
                        "/v1/dead-letters?agent=a%2Fb%20c&code=EXPIRED&limit=5&cursor=x",
                        ListDeadLetters.newBuilder()
                                .setAgent("a/b c")
                                .setReasonCode(Code.EXPIRED.number())
                                .setLimit(5)
                                .setCursor("x")
                                .build()),
                Arguments.of("GET", "/v1/agents/a%2Fb%20c/dead-letters/" + ID, get),
                Arguments.of(
                        "DELETE",
                        "/v1/agents/a/dead-letters/" + ID,
                        DropDeadLetter.newBuilder().setAgent("a").setId(ID).build()),
                Arguments.of(
                        "POST",
                        "/v1/agents/a/dead-letters/" + ID + "/replay",
                        ReplayDeadLetter.newBuilder().setAgent("a").setId(ID).build()),
                Arguments.of(
                        "POST",
                        "/v1/agents/a/dead-letters/replay",
                        ReplayDeadLetters.newBuilder().setAgent("a").build()),
                Arguments.of(
                        "POST",
                        "/v1/agents/a/dead-letters/replay?code=ATTEMPTS_EXHAUSTED&limit=1000",
                        ReplayDeadLetters.newBuilder()
                                .setAgent("a")
                                .setReasonCode(Code.ATTEMPTS_EXHAUSTED.number())
                                .setLimit(1000)
                                .build()),
                Arguments.of(
                        "GET",
                        "/v1/agents/a/mailbox",
                        GetMailbox.newBuilder().setAgent("a").build()));
    }

    @ParameterizedTest
    @MethodSource("questions")
    void shouldAskTheService(String method, String path, MessageLite expected) throws Exception {
        serve(Future.succeededFuture(Done.getDefaultInstance()));

        ask(method, path);

        assertThat(asked).singleElement().satisfies(request -> {
            assertThat(request.decode().getType()).isEqualTo(expected.getClass().getSimpleName());
            assertThat(expected.getParserForType().parseFrom(request.payload())).isEqualTo(expected);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/dead-letters?code=NO_ROUTE",
                "/v1/dead-letters?code=3114",
                "/v1/dead-letters?limit=0",
                "/v1/dead-letters?agent=%00"
            })
    void shouldRefuseParametersThatMeanNothing(String path) throws Exception {
        serve(Future.succeededFuture(Done.getDefaultInstance()));

        JsonNode problem = body(ask("GET", path), 400);

        assertThat(problem.path("code").asText()).isEqualTo("INVALID_ARGUMENT");
        assertThat(asked).isEmpty();
    }

    @Test
    void shouldShowAPage() throws Exception {
        serve(Future.succeededFuture(DeadLetterPage.newBuilder()
                .addLetters(LETTER)
                .setNextCursor("next")
                .build()));

        JsonNode page = body(ask("GET", "/v1/dead-letters"), 200);

        assertThat(page).isEqualTo(json.readTree("{\"deadLetters\":[" + LETTER_JSON + "],\"nextCursor\":\"next\"}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                         | {\"n\":1.50} | {\"n\":1.50}",
                "application/json         | no json      | \"no json\"",
                "text/plain               | [1]          | \"[1]\"",
                "application/octet-stream | [1]          | \"WzFd\"",
            })
    void shouldShowTheMessageAndItsPayloadByItsType(String contentType, String payload, String shown) throws Exception {
        String type = contentType == null ? "" : contentType;
        Message message = Message.newBuilder()
                .setAddress("agent/a")
                .setTime(EncodedMessage.micros(DIED) + 1)
                .setTtlMs(-1)
                .setDurability(Durability.DURABILITY_REPLICATED)
                .setReplyTo("r")
                .setCorrelationId("c")
                .setTraceparent("t")
                .putHeaders("k", "v")
                .setContentType(type)
                .setPayload(ByteString.copyFromUtf8(payload))
                .build();
        serve(Future.succeededFuture(LETTER.toBuilder().setMessage(message).build()));

        JsonNode letter = body(ask("GET", "/v1/agents/a/dead-letters/" + ID), 200);

        assertThat(letter.path("id").asText()).isEqualTo(ID);
        assertThat(letter.path("message")).isEqualTo(json.readTree("""
                        {"address":"agent/a","time":"2030-01-01T00:00:00.500001Z","durability":"replicated","ttlMs":4294967295,
                         "replyTo":"r","correlationId":"c","traceparent":"t","headers":{"k":"v"},%s"payload":%s}""".formatted(
                        type.isEmpty() ? "" : "\"contentType\":\"" + type + "\",", shown)));
    }

    @Test
    void shouldShowABareMessage() throws Exception {
        serve(Future.succeededFuture(
                LETTER.toBuilder().setMessage(Message.getDefaultInstance()).build()));

        JsonNode letter = body(ask("GET", "/v1/agents/a/dead-letters/" + ID), 200);

        assertThat(letter.path("message")).isEqualTo(json.readTree("""
                {"address":"","time":"1970-01-01T00:00:00Z","durability":"memory","headers":{},"payload":null}"""));
    }

    @Test
    void shouldTellHowManyWereReplayedAndWhyNotAll() throws Exception {
        serve(Future.succeededFuture(Replayed.newBuilder()
                .setReplayed(3)
                .setMore(true)
                .setCode(Code.MAILBOX_FULL.number())
                .setReason("full")
                .build()));

        JsonNode replayed = body(ask("POST", "/v1/agents/a/dead-letters/replay"), 200);

        assertThat(replayed)
                .isEqualTo(
                        json.readTree("{\"replayed\":3,\"more\":true,\"code\":\"MAILBOX_FULL\",\"reason\":\"full\"}"));
    }

    @Test
    void shouldAnswerADropWithNothing() throws Exception {
        serve(Future.succeededFuture(Done.getDefaultInstance()));

        HttpResponse<String> answer = ask("DELETE", "/v1/agents/a/dead-letters/" + ID);

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0                    | {\"agent\":\"a\",\"messages\":0,\"bytes\":0}",
                "2 | 9223372036854775807 | "
                        + "{\"agent\":\"a\",\"messages\":2,\"bytes\":9223372036854775807,\"oldest\":\"2030-01-01T00:00:00.500Z\"}",
            })
    void shouldShowAMailbox(int messages, long bytes, String shown) throws Exception {
        serve(Future.succeededFuture(MailboxStatus.newBuilder()
                .setAgent("a")
                .setMessages(messages)
                .setBytes(bytes)
                .setOldestMs(messages == 0 ? 0 : DIED.toEpochMilli())
                .build()));

        assertThat(body(ask("GET", "/v1/agents/a/mailbox"), 200)).isEqualTo(json.readTree(shown));
    }

    @ParameterizedTest
    @MethodSource("questions")
    void shouldRefuseAsTheServiceDoes(String method, String path, MessageLite ignored) throws Exception {
        serve(Future.failedFuture(new ServiceException(Code.MAILBOX_FULL, "full", Duration.ofSeconds(7))));

        HttpResponse<String> answer = ask(method, path);

        assertThat(body(answer, 503).path("code").asText()).isEqualTo("MAILBOX_FULL");
        assertThat(answer.headers().firstValue("Retry-After")).contains("7");
    }
}
