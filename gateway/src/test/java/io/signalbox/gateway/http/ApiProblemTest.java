package io.signalbox.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class ApiProblemTest {
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        http.shutdownNow();
        vertx.close().await();
    }

    private HttpResponse<String> answerOf(Handler<RoutingContext> handler) throws Exception {
        Router router = Router.router(vertx);
        router.route().handler(new RequestIds(InstantSource.system(), new Random(1)));
        router.route().handler(handler);
        HttpServer server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .await();
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + "/"))
                        .build(),
                BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        return new ObjectMapper().readTree(answer.body());
    }

    @ParameterizedTest
    @EnumSource(
            value = Code.class,
            mode = EnumSource.Mode.MATCH_NONE,
            names = {"GOING_AWAY", "SLOW_CONSUMER", "HEARTBEAT_MISSED", "CLOSE_.*", "SESSION_TAKEN_OVER"})
    void shouldSayWhichCodeItIsAndWhetherToTryAgain(Code code) throws Exception {
        HttpResponse<String> answer =
                answerOf(request -> ApiProblem.of(code, "it's \"so\"").answer(request));

        JsonNode problem = json(answer);
        assertThat(answer.statusCode()).isEqualTo(code.httpStatus());
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(problem.path("status").asInt()).isEqualTo(code.httpStatus());
        assertThat(problem.path("type").asText()).isEqualTo("urn:signalbox:code:" + code.number());
        assertThat(problem.path("code").asText()).isEqualTo(code.name());
        assertThat(problem.path("detail").asText()).isEqualTo("it's \"so\"");
        assertThat(problem.path("instance").asText())
                .isEqualTo("urn:signalbox:request:"
                        + answer.headers().firstValue("X-Request-Id").orElseThrow());
        assertThat(answer.headers().firstValue("Retry-After").isPresent()).isEqualTo(code.retry());
        assertThat(answer.headers().firstValue("WWW-Authenticate").isPresent()).isEqualTo(code.httpStatus() == 401);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "999, 1", "1000, 1", "2999, 2", "60000, 60"})
    void shouldRoundTheTimeToTryAgainToSecondsButNotToNone(long millis, String seconds) throws Exception {
        ServiceException refusal = new ServiceException(Code.UNAVAILABLE, "away", Duration.ofMillis(millis));

        HttpResponse<String> answer = answerOf(request -> ApiProblem.of(refusal).answer(request));

        assertThat(answer.headers().firstValue("Retry-After")).contains(seconds);
    }

    @Test
    void shouldReadAsASentence() throws Exception {
        HttpResponse<String> answer =
                answerOf(request -> ApiProblem.of(Code.NO_SUCH_SKILL, "x").answer(request));

        assertThat(json(answer).path("title").asText()).isEqualTo("No such skill");
    }

    @Test
    void shouldTakeAStatusThatNoCodeHas() throws Exception {
        HttpResponse<String> answer =
                answerOf(request -> ApiProblem.of(415, Code.MALFORMED, "x").answer(request));

        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(json(answer).path("status").asInt()).isEqualTo(415);
    }

    @Test
    void shouldTellNothingOfAFaultInsideButItsRequest() throws Exception {
        HttpResponse<String> answer =
                answerOf(request -> ServiceCalls.refuse(request, new IllegalStateException("password=hunter2")));

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).doesNotContain("hunter2").contains("urn:signalbox:request:");
    }

    /** A half-written answer must not look like a whole one. */
    @Test
    void shouldCutAnAnswerThatHadBegun() {
        assertThat(catchThrowable(() -> answerOf(request -> {
                    request.response().setChunked(true).write("half");
                    ApiProblem.of(Code.UNAVAILABLE, "x").answer(request);
                })))
                .isInstanceOf(IOException.class);
    }
}
