package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.codecs.Code;
import io.signalbox.gateway.identity.Ed25519Keys;
import io.signalbox.gateway.identity.Identity.Role;
import io.signalbox.gateway.identity.TokenIssuer;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.Coordination;
import io.signalbox.sdk.Message;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.SignalboxException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node with a key: who may do what. */
@Timeout(60)
final class IdentitySystemTest {
    private static final KeyPair KEYS = Ed25519Keys.generate();

    @TempDir
    static Path directory;

    private static RunningNode node;
    private static Http http;

    @BeforeAll
    static void start() throws Exception {
        Path key = directory.resolve("public.pem");
        Ed25519Keys.writePublic(key, KEYS.getPublic());
        node = RunningNode.start(Map.of("identity.public-key-file", key.toString(), "identity.clock-skew", "0s"));
        http = new Http(node.url());
    }

    @AfterAll
    static void stop() {
        http.close();
        node.close();
    }

    private static String token(TokenIssuer.Grant grant, Duration lifetime) {
        return new TokenIssuer(KEYS.getPrivate(), "signalbox", "signalbox").issue(grant, lifetime, Instant.now());
    }

    private static String tokenOf(Role... roles) {
        return token(
                new TokenIssuer.Grant("caller", List.of(), List.of(), List.of(), Set.of(roles)), Duration.ofHours(1));
    }

    private static String agentToken(String agents, String... publish) {
        return token(
                new TokenIssuer.Grant(agents, List.of(agents), List.of(publish), List.of(), Set.of(Role.AGENT)),
                Duration.ofHours(1));
    }

    private static SignalboxClient client(String token) throws InterruptedException {
        return SignalboxClient.connect(
                ClientOptions.builder(node.url()).token(() -> token).build());
    }

    @Test
    void shouldAskForATokenAndSaySo() throws Exception {
        Http.Answer answer = http.get("/v1/tasks");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("UNAUTHENTICATED");
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
    }

    @Test
    void shouldAnswerProbesWithoutAToken() throws Exception {
        assertThat(http.get("/livez").status()).isEqualTo(200);
        assertThat(http.get("/readyz").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "READ, GET, /v1/tasks, 200",
        "SUBMIT, GET, /v1/tasks, 403",
        "READ, POST, /v1/tasks, 403",
        "SUBMIT, POST, /v1/tasks, 202",
        "SUBMIT, POST, /v1/definitions, 403",
        "PUBLISH_DEFINITIONS, POST, /v1/definitions, 422",
        "OPERATE, POST, /v1/fleet/directives, 400",
        "SUBMIT, POST, /v1/fleet/directives, 403",
        "READ, GET, /v1/fleet/directives, 200",
        "AGENT, GET, /v1/agents, 403"
    })
    void shouldAllowWhatTheRoleAllows(Role role, String method, String path, int status) throws Exception {
        String[] authorization = {"Authorization", "Bearer " + tokenOf(role)};

        Http.Answer answer = method.equals("GET")
                ? http.get(path, authorization)
                : http.post(path, path.endsWith("tasks") ? "{\"skill\":\"id.x\",\"input\":1}" : "{}", authorization);

        assertThat(answer.status()).as(answer.response().body()).isEqualTo(status);
    }

    @Test
    void shouldRefuseAnExpiredToken() throws Exception {
        String expired = token(
                new TokenIssuer.Grant("late", List.of(), List.of(), List.of(), Set.of(Role.READ)),
                Duration.ofSeconds(-1));

        Http.Answer answer = http.get("/v1/tasks", "Authorization", "Bearer " + expired);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("TOKEN_EXPIRED");
    }

    @Test
    void shouldRefuseAClientWithoutAToken() {
        assertThatThrownBy(() -> SignalboxClient.connect(node.url()).close())
                .isInstanceOfSatisfying(
                        SignalboxException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAUTHENTICATED));
    }

    @Test
    void shouldAttachOnlyTheAgentsThatTheTokenNames() throws Exception {
        try (SignalboxClient client = client(agentToken("mine-*"))) {
            client.agent("mine-1").attach();

            assertThatThrownBy(() -> client.agent("yours-1").attach())
                    .isInstanceOfSatisfying(
                            SignalboxException.class, e -> assertThat(e.code()).isEqualTo(Code.FORBIDDEN));
        }
    }

    @Test
    void shouldGiveTheLocksAndDocumentsThatTheTokenAllows() throws Exception {
        try (SignalboxClient client = client(agentToken("locker", "lock/mine/#", "document/mine"))) {
            Coordination allowed = client.agent("locker").attach().coordination();
            List<Callable<?>> forbidden = List.of(
                    () -> allowed.lock("yours"),
                    () -> allowed.awaitBarrier("yours", 1, Duration.ofSeconds(1)),
                    () -> allowed.document("yours"),
                    () -> allowed.putDocument("yours", 0, Payload.text("x")));

            allowed.lock("mine/one").close();
            allowed.putDocument("mine", 0, Payload.text("x"));

            forbidden.forEach(call -> assertThatThrownBy(call::call)
                    .isInstanceOfSatisfying(
                            SignalboxException.class, e -> assertThat(e.code()).isEqualTo(Code.FORBIDDEN)));
        }
    }

    @Test
    void shouldKeepAgentsOutOfEachOthersInboxesUnlessTheTokenAllows() throws Exception {
        LinkedBlockingQueue<String> inbox = new LinkedBlockingQueue<>();
        try (SignalboxClient receiving = client(agentToken("receiver"));
                SignalboxClient stranger = client(agentToken("stranger"));
                SignalboxClient friend = client(agentToken("friend", "agent/receiver"))) {
            receiving
                    .agent("receiver")
                    .onMessage(message -> inbox.add(
                            message.source() + ": " + message.payload().text()))
                    .attach();
            Agent denied = stranger.agent("stranger").attach();
            Agent allowed = friend.agent("friend").attach();

            assertThatThrownBy(() -> denied.request(
                            Message.to("agent/receiver", Payload.text("let me in")), Duration.ofSeconds(20)))
                    .isInstanceOfSatisfying(
                            SignalboxException.class, e -> assertThat(e.code()).isEqualTo(Code.FORBIDDEN));
            allowed.publish(Message.to("agent/receiver", Payload.text("hello")));

            assertThat(inbox.poll(20, TimeUnit.SECONDS)).isEqualTo("agent/friend: hello");
            assertThat(inbox).isEmpty();
        }
    }

    @Test
    void shouldLetAnAgentAnswerWhoAskedIt() throws Exception {
        try (SignalboxClient answering = client(agentToken("oracle"));
                SignalboxClient asking = client(agentToken("pilgrim", "agent/oracle"))) {
            LinkedBlockingQueue<Message> questions = new LinkedBlockingQueue<>();
            Agent oracle = answering.agent("oracle").onMessage(questions::add).attach();
            Thread replies = Thread.ofVirtual().start(() -> {
                try {
                    oracle.reply(questions.take(), Payload.text("42"));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            Agent pilgrim = asking.agent("pilgrim").attach();

            Message answer = pilgrim.request(Message.to("agent/oracle", Payload.text("why?")), Duration.ofSeconds(20));

            assertThat(answer.payload().text()).isEqualTo("42");
            replies.join();
        }
    }

    @Test
    void shouldForbidToListenToAnotherAgentsInbox() throws Exception {
        try (SignalboxClient client = client(agentToken("spy"))) {
            Agent spy = client.agent("spy").attach();

            for (String pattern : List.of("agent/receiver", "agent/+", "agent/#", "#", "+/receiver")) {
                assertThatThrownBy(() -> spy.subscribe(pattern))
                        .as(pattern)
                        .isInstanceOfSatisfying(
                                SignalboxException.class,
                                e -> assertThat(e.code()).isEqualTo(Code.FORBIDDEN));
            }
        }
    }

    @Test
    void shouldCloseAConnectionWhoseTokenExpires() throws Exception {
        String brief = token(
                new TokenIssuer.Grant("brief", List.of("brief"), List.of(), List.of(), Set.of(Role.AGENT)),
                Duration.ofSeconds(2));
        try (AgentSocket socket = AgentSocket.connect(node)) {
            socket.send("{'hello':{'token':'%s'}}".formatted(brief));
            socket.await("welcome");
            Thread pinging = Thread.ofVirtual().start(() -> answerPings(socket));

            assertThat(socket.closeCode()).isEqualTo(Code.CLOSE_UNAUTHENTICATED.number());
            pinging.interrupt();
        }
    }

    private static void answerPings(AgentSocket socket) {
        try {
            while (socket.isOpen()) {
                socket.await("ping");
                socket.send("{'pong':{}}");
            }
        } catch (Exception closed) {
            // The node closed meanwhile: what the test is about.
            assertThat(socket.isOpen()).isFalse();
        }
    }
}
