package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.codecs.Code;
import java.io.IOException;
import java.net.http.WebSocketHandshakeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class WebSocketSystemTest {
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

    private static AgentSocket agent(String id, String skill) throws Exception {
        AgentSocket socket = AgentSocket.welcomed(node);
        socket.send("{'agent':1,'ref':1,'attach':{'id':'%s','skills':[{'name':'%s'}]}}".formatted(id, skill));
        socket.await("attached");
        return socket;
    }

    @Test
    void shouldDoATaskOverTheJsonProtocol() throws Exception {
        try (AgentSocket agent = agent("json-1", "json.double")) {
            String task = http.submit("json.double", "{\"n\": 21}");
            JsonNode assign = agent.await("assign");
            assertThat(assign.path("task").asText()).isEqualTo(task);
            assertThat(assign.path("input").path("n").asInt()).isEqualTo(21);

            agent.send("{'agent':1,'ref':2,'complete':{'task':'%s','token':%s,'output':{'n':42}}}"
                    .formatted(task, assign.path("token").asText()));

            assertThat(agent.await("settled").path("code").asInt()).isZero();
            assertThat(http.task(task).path("state").asText()).isEqualTo("succeeded");
            assertThat(http.task(task).path("output").path("n").asInt()).isEqualTo(42);
        }
    }

    @Test
    void shouldRefuseAResultWithADeadTokenAndSayWhy() throws Exception {
        try (AgentSocket agent = agent("dead-token", "json.dead")) {
            String task = http.submit("json.dead", "1");
            long token = agent.await("assign").path("token").asLong();

            agent.send("{'agent':1,'ref':2,'complete':{'task':'%s','token':%d,'output':1}}".formatted(task, token - 1));

            JsonNode settled = agent.await("settled");
            assertThat(settled.path("code").asInt()).isEqualTo(Code.TOKEN_SUPERSEDED.number());
            assertThat(settled.path("message").asText()).contains("dead");
            assertThat(http.task(task).path("state").asText()).isEqualTo("assigned");
        }
    }

    @Test
    void shouldAnswerAResultThatIsSentTwiceLikeTheFirst() throws Exception {
        try (AgentSocket agent = agent("twice", "json.twice")) {
            String task = http.submit("json.twice", "1");
            String token = agent.await("assign").path("token").asText();
            String complete =
                    "{'agent':1,'ref':2,'complete':{'task':'%s','token':%s,'output':1}}".formatted(task, token);

            agent.send(complete);
            assertThat(agent.await("settled").path("code").asInt()).isZero();
            agent.send(complete);

            assertThat(agent.await("settled").path("code").asInt()).isZero();
        }
    }

    @Test
    void shouldCarrySeveralAgentsOnOneConnection() throws Exception {
        try (AgentSocket socket = AgentSocket.welcomed(node)) {
            socket.send("""
                    [{'agent':1,'ref':1,'attach':{'id':'many-1','skills':[{'name':'many.a'}]}},
                     {'agent':2,'ref':2,'attach':{'id':'many-2','skills':[{'name':'many.b'}]}}]""");
            socket.await("attached");
            socket.await("attached");

            String task = http.submit("many.b", "1");

            JsonNode entry = socket.await("an assignment", each -> each.has("assign"));
            assertThat(entry.path("agent").asInt()).isEqualTo(2);
            assertThat(entry.path("assign").path("task").asText()).isEqualTo(task);
        }
    }

    @Test
    void shouldStampTheSourceWhateverTheClientSays() throws Exception {
        try (AgentSocket receiver = agent("stamped", "json.none");
                AgentSocket sender = agent("honest", "json.none")) {
            sender.send("{'agent':1,'message':{'address':'agent/stamped','source':'agent/boss','payload':{'x':1}}}");

            JsonNode message = receiver.await("message");

            assertThat(message.path("source").asText()).isEqualTo("agent/honest");
            assertThat(message.path("payload").path("x").asInt()).isEqualTo(1);
            assertThat(message.path("id").asText()).hasSize(36);
        }
    }

    @Test
    void shouldResumeASessionAndDeliverWhatWaited() throws Exception {
        AgentSocket first = AgentSocket.connect(node);
        first.send("[{'hello':{}},{'agent':1,'ref':1,'attach':{'id':'resumer','skills':[{'name':'json.none'}]}}]");
        String resumeToken = first.await("welcome").path("resumeToken").asText();
        first.await("attached");
        first.cut();
        Eventually.eventually(
                "the node noticed",
                () -> http.get("/v1/agents/resumer")
                        .json()
                        .path("presence")
                        .asText()
                        .equals("suspended"));
        try (AgentSocket sender = AgentSocket.welcomed(node);
                AgentSocket second = AgentSocket.connect(node)) {
            sender.send("{'ref':1,'message':{'address':'agent/resumer','payload':'waited'}}");
            sender.await("receipt");

            second.send("{'hello':{'resumeToken':'%s'}}".formatted(resumeToken));

            assertThat(second.await("welcome").path("resumed").asBoolean()).isTrue();
            assertThat(second.await("message").path("payload").asText()).isEqualTo("waited");
        } finally {
            first.close();
        }
    }

    @Test
    void shouldWelcomeAResumedClientBeforeItSendsWhatWaited() throws Exception {
        AgentSocket first = AgentSocket.connect(node);
        first.send("[{'hello':{}},{'agent':1,'ref':1,'attach':{'id':'order','skills':[{'name':'json.order'}]}}]");
        String resumeToken = first.await("welcome").path("resumeToken").asText();
        String task = http.submit("json.order", "1");
        first.await("assign");
        first.cut();
        Eventually.eventually(
                "the node noticed",
                () -> http.get("/v1/agents/order")
                        .json()
                        .path("presence")
                        .asText()
                        .equals("suspended"));
        http.post("/v1/tasks/" + task + "/cancel", "{}");
        try (AgentSocket second = AgentSocket.connect(node)) {

            second.send("{'hello':{'resumeToken':'%s'}}".formatted(resumeToken));

            assertThat(second.await("the first entry", entry -> true).has("welcome"))
                    .isTrue();
            assertThat(second.await("cancelAssignment").path("task").asText()).isEqualTo(task);
        } finally {
            first.close();
        }
    }

    @Test
    void shouldGiveASessionOnceOnly() throws Exception {
        try (AgentSocket first = AgentSocket.connect(node);
                AgentSocket second = AgentSocket.connect(node);
                AgentSocket third = AgentSocket.connect(node)) {
            first.send("{'hello':{}}");
            String token = first.await("welcome").path("resumeToken").asText();

            second.send("{'hello':{'resumeToken':'%s'}}".formatted(token));
            assertThat(second.await("welcome").path("resumed").asBoolean()).isTrue();
            third.send("{'hello':{'resumeToken':'%s'}}".formatted(token));

            assertThat(third.await("welcome").path("resumed").asBoolean()).isFalse();
            assertThat(first.closeCode()).isEqualTo(Code.SESSION_TAKEN_OVER.number());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "nonsense",
                "{\"nonsense\":{}}",
                "{\"message\":1}",
                "{\"message\":{\"address\":\"x\",\"priority\":\"high\"}}",
                "[[]]",
                "{\"agent\":-1,\"ping\":{}}",
                "{\"message\":{\"address\":\"x\"},\"message\":{}}"
            })
    void shouldAnswerAMalformedTextAndGoOn(String text) throws Exception {
        try (AgentSocket socket = AgentSocket.welcomed(node)) {
            socket.sendRaw(text);
            assertThat(socket.error()).isBetween(3000, 3999);

            socket.send("{'ref':7,'ping':{}}");
            assertThat(socket.await("pong", entry -> entry.has("pong"))
                            .path("ref")
                            .asInt())
                    .isEqualTo(7);
        }
    }

    @Test
    void shouldSurviveRandomFrames() throws Exception {
        long seed = 20_261_124;
        Random random = new Random(seed);
        try (AgentSocket socket = AgentSocket.connect(node, "signalbox.v1.proto")) {
            for (int i = 0; i < 200 && socket.isOpen(); i++) {
                byte[] bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
                socket.sendBinary(bytes);
            }
        } catch (ExecutionException closedMeanwhile) {
            // The node may close while more is being sent: the first frame was no Hello.
            assertThat(closedMeanwhile).hasRootCauseInstanceOf(IOException.class);
        }
        assertThat(http.get("/readyz").status()).as("seed %d", seed).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "$sys/registry, 3005",
        "$sys/allocation, 3005",
        "task/1, 3005",
        "node/x, 3005",
        "lock/x, 3005",
        "a/+/b, 3003",
        "a/#, 3003",
        "'', 3003"
    })
    void shouldForbidThePlatformsOwnAddresses(String address, int code) throws Exception {
        try (AgentSocket socket = AgentSocket.welcomed(node)) {
            socket.send("{'ref':1,'message':{'address':'%s','payload':1}}".formatted(address));

            assertThat(socket.error()).isEqualTo(code);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"$sys/#", "$sys/agents", "$share/x"})
    void shouldForbidToListenToThePlatform(String pattern) throws Exception {
        try (AgentSocket socket = AgentSocket.welcomed(node)) {
            socket.send("{'ref':1,'subscribe':{'pattern':'%s'}}".formatted(pattern));

            assertThat(socket.error()).isEqualTo(Code.FORBIDDEN.number());
        }
    }

    @Test
    void shouldSayThatNobodyIsThere() throws Exception {
        try (AgentSocket socket = AgentSocket.welcomed(node)) {
            socket.send("{'ref':1,'message':{'address':'agent/nobody','payload':1}}");

            assertThat(socket.error()).isEqualTo(Code.NO_ROUTE.number());
        }
    }

    @Test
    void shouldRefuseAPayloadAboveTheLimitAndGoOn() throws Exception {
        try (AgentSocket socket = AgentSocket.welcomed(node)) {
            String big = "x".repeat(70 * 1024);
            socket.send(
                    "{'ref':1,'message':{'address':'chat','contentType':'text/plain','payload':'%s'}}".formatted(big));
            assertThat(socket.error()).isEqualTo(Code.TOO_LARGE.number());

            socket.send("{'ref':2,'ping':{}}");
            socket.await("pong");
        }
    }

    @Test
    void shouldCloseWhenAFrameIsAboveTheLimit() throws Exception {
        try (AgentSocket socket = AgentSocket.welcomed(node)) {
            socket.sendRaw("\"" + "x".repeat(130 * 1024) + "\"");

            assertThat(socket.closeCode()).isEqualTo(1009);
        }
    }

    @Test
    void shouldCloseWhenTheFirstEntryIsNotHello() throws Exception {
        try (AgentSocket socket = AgentSocket.connect(node)) {
            socket.send("{'ping':{}}");

            assertThat(socket.error()).isEqualTo(Code.UNEXPECTED_ENTRY.number());
            assertThat(socket.closeCode()).isEqualTo(Code.CLOSE_PROTOCOL_ERROR.number());
        }
    }

    @Test
    void shouldCloseWhenNoHelloComes() throws Exception {
        try (AgentSocket socket = AgentSocket.connect(node)) {
            assertThat(socket.closeCode()).isEqualTo(Code.CLOSE_HELLO_TIMEOUT.number());
        }
    }

    @Test
    void shouldCloseASilentConnection() throws Exception {
        try (AgentSocket socket = AgentSocket.welcomed(node)) {
            assertThat(socket.closeCode()).isEqualTo(Code.HEARTBEAT_MISSED.number());
        }
    }

    @Test
    void shouldCloseWhenTheFramesAreOfTheOtherEncoding() throws Exception {
        try (AgentSocket socket = AgentSocket.connect(node, "signalbox.v1.json")) {
            socket.sendBinary(new byte[] {1, 2, 3});

            assertThat(socket.closeCode()).isEqualTo(1003);
        }
    }

    @Test
    void shouldRefuseASubprotocolThatItDoesNotSpeak() {
        assertThat(refusedUpgrade("mqtt")).isEqualTo(400);
    }

    @Test
    void shouldRefusePagesOfOtherSites() {
        assertThat(refusedUpgrade("signalbox.v1.json", "Origin", "https://evil.example"))
                .isEqualTo(403);
    }

    private static int refusedUpgrade(String subprotocol, String... headers) {
        Throwable cause = catchThrowable(
                () -> AgentSocket.connect(node, subprotocol, headers).close());
        while (cause != null && !(cause instanceof WebSocketHandshakeException)) {
            cause = cause.getCause();
        }
        assertThat(cause).as("a refused upgrade").isNotNull();
        return ((WebSocketHandshakeException) cause).getResponse().statusCode();
    }

    @Test
    void shouldTakeTheTaskBackWhenALeaseIsNotRenewed() throws Exception {
        try (AgentSocket lazy = agent("lazy", "json.lease")) {
            String task = http.submit("json.lease", "1");
            long token = lazy.await("assign").path("token").asLong();
            // Alive, but it says nothing of its task.
            JsonNode cancel = awaitWhileAlive(lazy, "cancelAssignment");

            assertThat(cancel.path("code").asInt()).isEqualTo(Code.LEASE_EXPIRED.number());
            lazy.send("{'agent':1,'ref':3,'complete':{'task':'%s','token':%d,'output':1}}".formatted(task, token));
            assertThat(lazy.await("settled").path("code").asInt()).isEqualTo(Code.TOKEN_SUPERSEDED.number());
        }
    }

    @Test
    void shouldTellAnAgentThatAttachesWhichOfItsTokensAreDead() throws Exception {
        String task = "01a20be8-a7f3-74e6-ac0d-2ea5f5488ebd";
        try (AgentSocket socket = AgentSocket.welcomed(node)) {
            socket.send(
                    "{'agent':1,'ref':1,'attach':{'id':'holder','held':[{'task':'%s','token':7}]}}".formatted(task));

            JsonNode cancel = socket.await("cancelAssignment");

            assertThat(cancel.path("task").asText()).isEqualTo(task);
            assertThat(cancel.path("token").asLong()).isEqualTo(7);
            assertThat(cancel.path("code").asInt()).isEqualTo(Code.TOKEN_SUPERSEDED.number());
        }
    }

    /** Answers the node's pings until the body comes. */
    private static JsonNode awaitWhileAlive(AgentSocket socket, String body) throws Exception {
        while (true) {
            JsonNode entry = socket.await(body, each -> each.has(body) || each.has("ping"));
            if (entry.has(body)) {
                return entry.path(body);
            }
            socket.send("{'pong':{}}");
        }
    }

    @Test
    void shouldKeepTheOrderOfOneSender() throws Exception {
        try (AgentSocket receiver = agent("ordered", "json.none");
                AgentSocket sender = AgentSocket.welcomed(node)) {
            for (int i = 0; i < 500; i++) {
                sender.send("{'message':{'address':'agent/ordered','payload':%d}}".formatted(i));
            }
            for (int expected : IntStream.range(0, 500).toArray()) {
                assertThat(receiver.await("message").path("payload").asInt()).isEqualTo(expected);
            }
        }
    }

    @Test
    void shouldNotGiveASessionToAnotherLoopTwiceWhenManyResumeAtOnce() throws Exception {
        try (AgentSocket first = AgentSocket.connect(node)) {
            first.send("{'hello':{}}");
            String token = first.await("welcome").path("resumeToken").asText();
            List<AgentSocket> sockets = new ArrayList<>();
            List<CompletableFuture<?>> sending = new ArrayList<>();
            try {
                for (int i = 0; i < 6; i++) {
                    sockets.add(AgentSocket.connect(node));
                }
                for (AgentSocket socket : sockets) {
                    sending.add(socket.sendLater("{'hello':{'resumeToken':'%s'}}".formatted(token)));
                }

                CompletableFuture.allOf(sending.toArray(CompletableFuture[]::new))
                        .get(20, TimeUnit.SECONDS);
                int resumed = 0;
                for (AgentSocket socket : sockets) {
                    resumed += socket.await("welcome").path("resumed").asBoolean() ? 1 : 0;
                }
                assertThat(resumed).isEqualTo(1);
            } finally {
                sockets.forEach(AgentSocket::close);
            }
        }
    }
}
