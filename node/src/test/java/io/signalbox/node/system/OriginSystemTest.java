package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which pages of which hosts a node without a key serves: a browser must not become the door of a stranger. */
@Timeout(60)
final class OriginSystemTest {
    private static final String FRIEND = "https://app.example";

    private static RunningNode node;
    private static Http http;

    @BeforeAll
    static void start() {
        node = RunningNode.start(Map.of("gateway.allowed-origins", FRIEND));
        http = new Http(node.url());
    }

    @AfterAll
    static void stop() {
        http.close();
        node.close();
    }

    @Test
    void shouldRefusePagesOfOtherOrigins() throws Exception {
        assertThat(http.get("/v1/tasks", "Origin", "https://evil.example").status())
                .isEqualTo(403);
        assertThat(http.get("/v1/tasks", "Origin", node.url()).status()).isEqualTo(200);
        assertThat(http.get("/v1/tasks", "Origin", "null").status()).isEqualTo(403);
    }

    @Test
    void shouldLetItsOwnPagesAndAllowedOnesPost() throws Exception {
        Http.Answer own = http.post("/v1/tasks", "{\"skill\":\"own.page\"}", "Origin", node.url());
        Http.Answer friend = http.post("/v1/tasks", "{\"skill\":\"own.page\"}", "Origin", FRIEND);

        assertThat(own.status()).isEqualTo(202);
        assertThat(own.header("Access-Control-Allow-Origin")).isEmpty();
        assertThat(friend.status()).isEqualTo(202);
        assertThat(friend.header("Access-Control-Allow-Origin")).isEqualTo(FRIEND);
    }

    @Test
    void shouldAnswerABrowserThatAsksFirstAccordingToWhereThePageIsFrom() throws Exception {
        HttpRequest.Builder preflight = http.request("/v1/tasks")
                .method("OPTIONS", BodyPublishers.noBody())
                .header("Access-Control-Request-Method", "POST");

        Http.Answer friend = http.send(preflight.copy().header("Origin", FRIEND).build());
        Http.Answer foe = http.send(
                preflight.copy().header("Origin", "https://evil.example").build());

        assertThat(friend.status()).isBetween(200, 204);
        assertThat(friend.header("Access-Control-Allow-Headers")).containsIgnoringCase("idempotency-key");
        assertThat(foe.status()).isEqualTo(403);
        assertThat(foe.header("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void shouldAnswerToLocalNamesAloneWithoutAKey() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", node.port())) {
            OutputStream out = socket.getOutputStream();
            out.write("GET /v1/tasks HTTP/1.1\r\nHost: rebound.example:80\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));

            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer).startsWith("HTTP/1.1 403");
        }
    }
}
