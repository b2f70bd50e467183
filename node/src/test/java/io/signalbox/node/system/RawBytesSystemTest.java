package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client's library would not send, or not in this way. */
@Timeout(60)
final class RawBytesSystemTest {
    private static RunningNode node;
    private static Http http;

    @BeforeAll
    static void start() {
        node = RunningNode.start();
        http = new Http(node.url());
    }

    @AfterAll
    static void stop() {
        http.close();
        node.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void shouldTakeAMessageInFragmentsWithAPingBetweenThem() throws Exception {
        try (RawSocket socket = RawSocket.welcomed(node)) {
            socket.frame(RawSocket.TEXT, "{\"ref\":7,");
            socket.frame(RawSocket.CONTINUATION, "\"pi");
            socket.frame(RawSocket.FIN | RawSocket.PING, "are you there?");
            socket.frame(RawSocket.FIN | RawSocket.CONTINUATION, "ng\":{}}");

            RawSocket.Frame pong = socket.frame();
            assertThat(pong.opcode()).isEqualTo(RawSocket.FIN | RawSocket.PONG);
            assertThat(pong.text()).isEqualTo("are you there?");
            assertThat(socket.frame().text()).contains("pong", "7");
        }
    }

    @Test
    void shouldCloseWhenTheFragmentsOfAMessageAreTogetherAboveTheLimit() throws Exception {
        try (RawSocket socket = RawSocket.welcomed(node)) {
            socket.frame(RawSocket.TEXT, "x".repeat(60_000));
            socket.frame(RawSocket.CONTINUATION, "x".repeat(60_000));
            socket.frame(RawSocket.CONTINUATION, "x".repeat(60_000));

            assertThat(socket.frame().closeCode()).isEqualTo(1009);
        }
    }

    static Stream<Arguments> brokenFrames() {
        byte[] unmasked = {(byte) (RawSocket.FIN | RawSocket.TEXT), 2, '{', '}'};
        return Stream.of(
                Arguments.of("not masked", unmasked),
                Arguments.of(
                        "a continuation of nothing",
                        RawSocket.masked(RawSocket.FIN | RawSocket.CONTINUATION, bytes("{}"))),
                Arguments.of(
                        "an extension's bit", RawSocket.masked(RawSocket.FIN | 0x40 | RawSocket.TEXT, bytes("{}"))),
                Arguments.of("an unknown kind", RawSocket.masked(RawSocket.FIN | 3, bytes("{}"))),
                Arguments.of("a ping in fragments", RawSocket.masked(RawSocket.PING, bytes("x"))),
                Arguments.of(
                        "a ping that is too long",
                        RawSocket.masked(RawSocket.FIN | RawSocket.PING, bytes("x".repeat(126)))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenFrames")
    void shouldCloseWhenAFrameBreaksTheRules(String what, byte[] frame) throws Exception {
        try (RawSocket socket = RawSocket.welcomed(node)) {
            socket.send(frame);

            assertThat(socket.frame().closeCode()).isEqualTo(1002);
            assertThat(socket.rest()).isEmpty();
        }
    }

    @Test
    void shouldAnswerATextThatIsNoUtf8AndGoOn() throws Exception {
        try (RawSocket socket = RawSocket.welcomed(node)) {
            socket.send(
                    RawSocket.masked(RawSocket.FIN | RawSocket.TEXT, new byte[] {'"', (byte) 0xc3, (byte) 0x28, '"'}));
            assertThat(socket.frame().text()).contains("3001");

            socket.frame(RawSocket.FIN | RawSocket.TEXT, "{\"ref\":7,\"ping\":{}}");
            assertThat(socket.frame().text()).contains("pong");
        }
    }

    @Test
    void shouldAnswerTheClosingFrameAndCloseTheConnection() throws Exception {
        try (RawSocket socket = RawSocket.welcomed(node)) {
            socket.send(RawSocket.masked(RawSocket.FIN | RawSocket.CLOSE, new byte[] {3, (byte) 0xe8}));

            assertThat(socket.frame().closeCode()).isEqualTo(1000);
            assertThat(socket.rest()).isEmpty();
        }
    }

    /** As a browser's close() does it: no code, and nothing of the session is kept. */
    @Test
    void shouldForgetAnAgentWhoseClientClosesWithoutACode() throws Exception {
        try (RawSocket socket = RawSocket.welcomed(node)) {
            socket.frame(
                    RawSocket.FIN | RawSocket.TEXT,
                    "{\"agent\":1,\"ref\":1,\"attach\":{\"id\":\"browser\",\"skills\":[{\"name\":\"json.none\"}]}}");
            assertThat(socket.frame().text()).contains("attached");

            socket.send(RawSocket.masked(RawSocket.FIN | RawSocket.CLOSE, new byte[0]));

            Eventually.eventually("the agent is gone", () -> {
                Http.Answer agent = http.get("/v1/agents/browser");
                assertThat(agent.json().path("presence").asText()).isNotEqualTo("suspended");
                return agent.status() == 404
                        || agent.json().path("presence").asText().equals("gone");
            });
        }
    }

    /** Its kernel still answers, so that nothing but the node's own patience ends it. */
    @Test
    void shouldLetGoOfAClientThatNeitherReadsNorSpeaks() throws Exception {
        try (RawSocket silent = RawSocket.welcomed(node);
                AgentSocket sender = AgentSocket.welcomed(node)) {
            silent.frame(RawSocket.FIN | RawSocket.TEXT, "{\"ref\":1,\"subscribe\":{\"pattern\":\"flood\"}}");
            assertThat(silent.frame().text()).contains("receipt");
            String message = "{'message':{'address':'flood','contentType':'text/plain','payload':'%s'}}"
                    .formatted("x".repeat(60_000));

            for (int i = 0; i < 200; i++) { // more than kernels keep
                sender.send(message);
            }
            sender.close();

            Eventually.eventually(
                    "no connection is left",
                    () -> http.get("/metrics")
                            .response()
                            .body()
                            .lines()
                            .anyMatch("signalbox_gateway_connections 0.0"::equals));
        }
    }

    private static String raw(String request) throws Exception {
        try (RawSocket socket = new RawSocket(node)) {
            socket.send(request.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
            return socket.rest();
        }
    }

    /** What two readers of one connection could understand in two ways. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 2\nContent-Length: 3\n",
                "Content-Length: +2\n",
                "Content-Length: -2\n",
                "Content-Length: two\n",
                "Content-Length : 2\n",
                " folded: x\n",
                "na me: x\n",
            })
    void shouldRefuseARequestWhoseEndIsInDoubt(String header) throws Exception {
        String answer = raw("POST /v1/tasks HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/json\n" + header
                + "Connection: close\n\n{}");

        assertThat(answer).startsWith("HTTP/1.1 400");
        assertThat(answer.split("HTTP/1.1 ", -1)).as("one answer").hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/tasks?cursor=%", "/v1/tasks?cursor=%zz", "/v1/tasks/%zz"})
    void shouldRefuseAnAddressThatCannotBeDecoded(String target) throws Exception {
        String answer = raw("GET " + target + " HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n");

        assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json");
    }

    @Test
    void shouldAnswerTheHeadOfSomethingWithoutABodyAndGoOn() throws Exception {
        String answers = raw("HEAD /livez HTTP/1.1\nHost: 127.0.0.1\n\n"
                + "GET /livez HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n");

        String second = answers.substring(answers.indexOf("\r\n\r\n") + 4);
        assertThat(second).startsWith("HTTP/1.1 200");
    }
}
