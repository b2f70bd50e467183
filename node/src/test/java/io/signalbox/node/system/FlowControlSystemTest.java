package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.sdk.SignalboxClient;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Agents of one connection that take messages at their own pace. */
@Timeout(60)
final class FlowControlSystemTest {
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

    /** @return the token to resume with */
    private static String attach(AgentSocket socket, String id, int credit) throws Exception {
        socket.send("[{'hello':{}},{'agent':1,'attach':{'id':'%s','skills':[{'name':'flow.%s'}],'credit':%d}}]"
                .formatted(id, id, credit));
        String token = socket.await("welcome").path("resumeToken").asText();
        socket.await("attached");
        return token;
    }

    /** In one frame. The receipt goes out before the messages of its turn: none that comes back is passed over. */
    private static void publish(AgentSocket from, String id, int first, int end) throws Exception {
        from.send(IntStream.range(first, end)
                .mapToObj(i -> "{%s'message':{'address':'agent/%s','payload':%d}}"
                        .formatted(i == end - 1 ? "'ref':1," : "", id, i))
                .collect(Collectors.joining(",", "[", "]")));
        from.await("receipt");
    }

    /**
     * The payloads of all messages that the node had to send. A pong goes out before the messages of its turn: the second,
     * asked for when the first has come, is after them.
     */
    private static List<Integer> messages(AgentSocket socket) throws Exception {
        List<Integer> payloads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            socket.send("{'ping':{}}");
            socket.await("a pong", entry -> {
                if (entry.has("message")) {
                    payloads.add(entry.path("message").path("payload").asInt());
                }
                return entry.has("pong");
            });
        }
        return payloads;
    }

    private static List<Integer> numbers(int first, int end) {
        return IntStream.range(first, end).boxed().toList();
    }

    @Test
    void shouldHoldBackWhatWasNotGrantedAndSendItWhenItIs() throws Exception {
        try (AgentSocket socket = AgentSocket.connect(node)) {
            attach(socket, "held", 2);
            publish(socket, "held", 0, 5);
            assertThat(messages(socket)).containsExactly(0, 1);

            socket.send("{'agent':1,'ref':3,'credit':{'messages':2}}");
            socket.await("receipt");
            assertThat(messages(socket)).containsExactly(2, 3);

            publish(socket, "held", 5, 7);
            socket.send("{'agent':1,'credit':{'messages':100}}");
            assertThat(messages(socket)).containsExactly(4, 5, 6);
        }
    }

    @Test
    void shouldLimitTheClientItselfOnceItGrants() throws Exception {
        try (AgentSocket socket = AgentSocket.welcomed(node)) {
            socket.send("[{'subscribe':{'pattern':'agent/flow-client'}},{'credit':{'messages':1}}]");
            publish(socket, "flow-client", 0, 3);

            assertThat(messages(socket)).containsExactly(0);
        }
    }

    @Test
    void shouldAssignTasksWithoutCredit() throws Exception {
        try (AgentSocket socket = AgentSocket.connect(node)) {
            attach(socket, "assigned", 0);

            String task = http.submit("flow.assigned", "1");

            assertThat(socket.await("assign").path("task").asText()).isEqualTo(task);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0, INVALID_ARGUMENT", "2, 1, UNEXPECTED_ENTRY"})
    void shouldRefuseCreditForNothingOrNobody(int handle, int messages, Code code) throws Exception {
        try (AgentSocket socket = AgentSocket.connect(node)) {
            attach(socket, "refused", 1);

            socket.send("{'agent':%d,'credit':{'messages':%d}}".formatted(handle, messages));

            assertThat(socket.error()).isEqualTo(code.number());
        }
    }

    @Test
    void shouldStartFromNothingAfterAResume() throws Exception {
        try (AgentSocket first = AgentSocket.connect(node);
                AgentSocket second = AgentSocket.connect(node);
                AgentSocket sender = AgentSocket.welcomed(node)) {
            String token = attach(first, "resumed", 2);
            first.cut();
            Eventually.eventually(
                    "the node noticed",
                    () -> http.get("/v1/agents/resumed")
                            .json()
                            .path("presence")
                            .asText()
                            .equals("suspended"));
            publish(sender, "resumed", 0, 5);

            second.send("{'hello':{'resumeToken':'%s'}}".formatted(token));
            assertThat(second.await("welcome").path("resumed").asBoolean()).isTrue();
            assertThat(messages(second)).as("granted before").containsExactly(0, 1);

            second.send("{'agent':1,'credit':{'messages':2}}");
            assertThat(messages(second)).as("used by the two that came").isEmpty();
            second.send("{'agent':1,'credit':{'messages':3}}");
            assertThat(messages(second)).containsExactly(2, 3, 4);
        }
    }

    private static double dropped() throws Exception {
        return http.get("/metrics")
                .response()
                .body()
                .lines()
                .filter(line -> line.startsWith("signalbox_bus_outbound_dropped_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void shouldDropTheOldestBeyondTheBoundAndCountThem() throws Exception {
        try (AgentSocket socket = AgentSocket.connect(node)) {
            attach(socket, "bounded", 0);
            double before = dropped();
            int count = 1_000;
            publish(socket, "bounded", 0, count);

            socket.send("{'agent':1,'credit':{'messages':%d}}".formatted(count));

            int lost = (int) (dropped() - before);
            assertThat(lost).isBetween(1, count - 1);
            assertThat(messages(socket)).isEqualTo(numbers(lost, count));
        }
    }

    @Test
    void shouldStallNobodyElseOfTheConnectionNotEvenOverAResume() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        List<Integer> slow = Collections.synchronizedList(new ArrayList<>());
        List<Integer> fast = Collections.synchronizedList(new ArrayList<>());
        int forSlow = 1_200;
        int forFast = 3_000;
        try (SignalboxClient client = SignalboxClient.connect(node.url());
                AgentSocket sender = AgentSocket.welcomed(node)) {
            client.agent("slow")
                    .onMessage(message -> {
                        gate.await();
                        slow.add(Integer.parseInt(message.payload().text()));
                    })
                    .attach();
            client.agent("fast")
                    .onMessage(message ->
                            fast.add(Integer.parseInt(message.payload().text())))
                    .attach();
            publishTo(sender, "slow", 0, forSlow);
            publishWatching(fast, sender, "fast", 0, forFast);

            client.simulateConnectionLoss();
            Eventually.eventually("the client is back", client::isConnected);
            publishWatching(fast, sender, "fast", forFast, forFast + 500);
            assertThat(slow).isEmpty();
            gate.countDown();

            Eventually.eventually("the slow one catches up", () -> slow.size() == forSlow);
            publishWatching(slow, sender, "slow", forSlow, forSlow + 2_500);
            assertThat(slow).isEqualTo(numbers(0, forSlow + 2_500));
            assertThat(fast).isEqualTo(numbers(0, forFast + 500));
        }
    }

    private static void publishTo(AgentSocket sender, String id, int first, int end) throws Exception {
        for (int i = first; i < end; i += 100) {
            publish(sender, id, i, i + 100);
        }
    }

    /** No faster than they are handled, so that none is dropped on a machine that has little time. */
    private static void publishWatching(List<Integer> handled, AgentSocket sender, String id, int first, int end)
            throws Exception {
        for (int i = first; i < end; i += 100) {
            int until = i + 100;
            publish(sender, id, i, until);
            Eventually.eventually(id + " has all until " + until, () -> handled.size() == until);
        }
    }
}
