package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.node.process.NodeProcess;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.Message;
import io.signalbox.sdk.MessageRejectedException;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Messages that wait in mailboxes, with a real Redis, over lost connections and processes that are killed. */
@Timeout(240)
final class DurableMessagesSystemTest {
    private static final Duration START = Duration.ofSeconds(120);
    private static final AtomicInteger names = new AtomicInteger();

    private static RunningNode node;

    @BeforeAll
    static void start() {
        node = RunningNode.start(Map.of(
                "mailbox.redeliver-after", "500ms",
                "mailbox.max-attempts", "3",
                "mailbox.max-messages", "20",
                "mailbox.max-unacknowledged", "5"));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static String name() {
        return "durable-" + names.incrementAndGet();
    }

    private static AgentSocket sender() throws Exception {
        return AgentSocket.welcomed(node);
    }

    private static JsonNode publish(AgentSocket sender, String agent, String fields) throws Exception {
        int ref = names.incrementAndGet();
        sender.send("{'ref':" + ref + ",'message':{'address':'agent/" + agent + "','durability':'DURABILITY_LOCAL',"
                + fields + "}}");
        return sender.await("the answer", entry -> entry.path("ref").asInt() == ref);
    }

    private static void store(AgentSocket sender, String agent, String payload) throws Exception {
        assertThat(publish(sender, agent, "'payload':" + payload).has("receipt"))
                .isTrue();
    }

    private static AgentSocket receiver(String agent) throws Exception {
        AgentSocket receiver = AgentSocket.welcomed(node);
        attach(receiver, agent);
        return receiver;
    }

    private static void attach(AgentSocket receiver, String agent) throws Exception {
        receiver.send("{'agent':1,'ref':1,'attach':{'id':'" + agent + "','skills':[{'name':'durable.work'}]}}");
        receiver.await("attached");
    }

    private static void acknowledge(AgentSocket receiver, JsonNode delivery) throws Exception {
        receiver.send("{'agent':1,'ref':9,'ack':{'numbers':[" + delivery.path("number") + "]}}");
        receiver.await("receipt");
    }

    private static String payload(JsonNode delivery) {
        return delivery.path("message").path("payload").asText();
    }

    private static long waiting(String agent) throws Exception {
        try (Http http = new Http(node.url())) {
            return http.get("/v1/agents/" + agent + "/mailbox")
                    .json()
                    .path("messages")
                    .asLong();
        }
    }

    @Test
    void shouldKeepMessagesForAnAgentThatIsNotThereAndDeliverUrgentOnesFirst() throws Exception {
        String agent = name();
        try (AgentSocket sender = sender()) {
            store(sender, agent, "'one'");
            store(sender, agent, "'two'");
            publish(sender, agent, "'priority':9,'payload':'now'");
        }

        try (AgentSocket receiver = receiver(agent)) {
            List<String> delivered = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                JsonNode delivery = receiver.await("delivery");
                assertThat(delivery.path("number").asInt()).isEqualTo(i);
                assertThat(delivery.path("attempt").asInt()).isEqualTo(1);
                delivered.add(payload(delivery));
            }
            assertThat(delivered).containsExactly("now", "one", "two");
            assertThat(waiting(agent)).isEqualTo(3);

            receiver.send("{'agent':1,'ref':9,'ack':{'upTo':3}}");
            receiver.await("receipt");
            Eventually.eventually("the mailbox is empty", () -> waiting(agent) == 0);
        }
    }

    @Test
    void shouldDeliverAtOnceToAnAgentThatIsThereAndRepeatWhatItDoesNotAcknowledge() throws Exception {
        String agent = name();
        try (AgentSocket sender = sender();
                AgentSocket receiver = receiver(agent)) {
            store(sender, agent, "'read this'");

            JsonNode first = receiver.await("delivery");
            JsonNode second = receiver.await("delivery");

            assertThat(first.path("attempt").asInt()).isEqualTo(1);
            assertThat(second.path("attempt").asInt()).isEqualTo(2);
            assertThat(second.path("message").path("id"))
                    .isEqualTo(first.path("message").path("id"));
            acknowledge(receiver, second);
            Eventually.eventually("the mailbox is empty", () -> waiting(agent) == 0);
        }
    }

    @Test
    void shouldMarkWhatComesAgainOnAnotherConnection() throws Exception {
        String agent = name();
        try (AgentSocket sender = sender()) {
            AgentSocket first = AgentSocket.connect(node);
            first.send("{'hello':{'client':'test'}}");
            String resumeToken = first.await("welcome").path("resumeToken").asText();
            attach(first, agent);
            store(sender, agent, "'handled'");
            store(sender, agent, "'lost on the way'");
            acknowledge(first, first.await("delivery"));
            first.cut();

            try (AgentSocket second = AgentSocket.connect(node)) {
                second.send("{'hello':{'client':'test','resumeToken':'" + resumeToken + "'}}");
                assertThat(second.await("welcome").path("resumed").asBoolean()).isTrue();
                JsonNode delivery = second.await("delivery");

                assertThat(payload(delivery)).isEqualTo("lost on the way");
                assertThat(delivery.path("attempt").asInt()).isEqualTo(2);
                acknowledge(second, delivery);
            }
        }
    }

    @Test
    void shouldPutNothingInTwiceThatIsSentAgain() throws Exception {
        String agent = name();
        String message = "'id':'00112233-4455-6677-8899-aabbccddeeff','payload':'once'";
        try (AgentSocket sender = sender()) {
            publish(sender, agent, message);
            assertThat(publish(sender, agent, message + ",'again':true").has("receipt"))
                    .isTrue();

            assertThat(waiting(agent)).isEqualTo(1);
        }
    }

    @Test
    void shouldRefuseWhatTheMailboxHasNoRoomForAndWhatGoesToNoInbox() throws Exception {
        String agent = name();
        try (AgentSocket sender = sender()) {
            for (int i = 0; i < 20; i++) {
                store(sender, agent, "'x'");
            }

            assertThat(publish(sender, agent, "'payload':'too much'")
                            .path("error")
                            .path("code")
                            .asInt())
                    .isEqualTo(1006);
            sender.send("{'ref':1,'message':{'address':'news/today','durability':'DURABILITY_LOCAL'}}");
            assertThat(sender.error()).isEqualTo(3010);
        }
    }

    @Test
    void shouldHandOutNoMoreThanMayBeUnacknowledgedAndTheRestInOrder() throws Exception {
        String agent = name();
        try (AgentSocket sender = sender();
                AgentSocket receiver = receiver(agent)) {
            for (int i = 1; i <= 12; i++) {
                store(sender, agent, "'" + i + "'");
            }
            List<String> handed = new ArrayList<>();
            long acknowledged = 0;
            while (handed.size() < 12) {
                JsonNode delivery = receiver.await("delivery");
                if (!handed.contains(payload(delivery))) {
                    handed.add(payload(delivery));
                    assertThat(handed.size() - acknowledged).isLessThanOrEqualTo(5);
                }
                if (handed.size() - acknowledged == 5) {
                    acknowledged = handed.size();
                    receiver.send("{'agent':1,'ack':{'upTo':" + delivery.path("number") + "}}");
                }
            }

            assertThat(handed).containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12");
        }
    }

    @Test
    void shouldMakeDeadLettersOfWhatIsRejectedTooOldOrHandedOutTooOften() throws Exception {
        String agent = name();
        try (AgentSocket sender = sender();
                Http http = new Http(node.url())) {
            publish(sender, agent, "'ttlMs':1,'payload':'too old'");
            try (AgentSocket receiver = receiver(agent)) {
                store(sender, agent, "'bad'");
                store(sender, agent, "'ignored'");
                JsonNode bad = receiver.await(
                                "the bad one",
                                entry -> payload(entry.path("delivery")).equals("bad"))
                        .path("delivery");
                receiver.send("{'agent':1,'reject':{'number':" + bad.path("number") + ",'reason':'cannot read it'}}");

                String letters = "/v1/dead-letters?agent=" + agent;
                Eventually.eventually(
                        "three letters are dead",
                        () -> http.get(letters).json().path("deadLetters").size() == 3);
                List<String> reasons = new ArrayList<>();
                http.get(letters)
                        .json()
                        .path("deadLetters")
                        .forEach(letter -> reasons.add(letter.path("code").asText() + " "
                                + letter.path("attempts").asInt()));

                assertThat(reasons).containsExactlyInAnyOrder("EXPIRED 0", "REJECTED 1", "ATTEMPTS_EXHAUSTED 3");
                Eventually.eventually("the mailbox is empty", () -> waiting(agent) == 0);
            }
        }
    }

    @Test
    void shouldLoseNothingAndMarkRepetitionsWhenTheNodeIsKilled(@TempDir Path directory) throws Exception {
        int count = 200;
        LinkedBlockingQueue<Message> handled = new LinkedBlockingQueue<>();
        try (NodeProcess killed = new NodeProcess(directory, Map.of())) {
            killed.start(START);
            try (SignalboxClient client = client(killed);
                    SignalboxClient other = client(killed)) {
                other.agent("reader").onMessage(handled::add).attach();
                Agent writer = client.agent("writer").attach();
                Thread writing = Thread.ofVirtual().start(() -> publishAll(writer, count));
                Eventually.eventually("half of them are handled", () -> handled.size() >= count / 2);

                killed.kill();
                killed.start(START);

                writing.join();
                Eventually.eventually("all are handled", () -> firsts(handled).size() >= count);
                assertThat(firsts(handled))
                        .as("each once, in their order")
                        .isEqualTo(IntStream.range(0, count).boxed().toList());
                assertThat(repetitions(handled))
                        .as("repetitions that do not say so")
                        .isEmpty();
            }
        }
    }

    private static SignalboxClient client(NodeProcess node) throws InterruptedException {
        return SignalboxClient.connect(ClientOptions.builder(node.url())
                .reconnect(Duration.ofMillis(50), Duration.ofMillis(500))
                .connectTimeout(Duration.ofSeconds(60))
                .build());
    }

    private static void publishAll(Agent writer, int count) {
        try {
            for (int i = 0; i < count; i++) {
                writer.publish(Message.to("agent/reader", Payload.text(Integer.toString(i)))
                        .durable());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The numbers in the order in which each was handled for the first time. */
    private static List<Integer> firsts(Iterable<Message> handled) {
        List<Integer> firsts = new ArrayList<>();
        for (Message message : handled) {
            int number = Integer.parseInt(message.payload().text());
            if (!firsts.contains(number)) {
                firsts.add(number);
            }
        }
        return firsts;
    }

    private static List<String> repetitions(Iterable<Message> handled) {
        List<String> seen = new ArrayList<>();
        List<String> unmarked = new ArrayList<>();
        for (Message message : handled) {
            String id = message.id().orElseThrow().toString();
            if (seen.contains(id) && message.attempt() == 1) {
                unmarked.add(id);
            }
            seen.add(id);
        }
        return unmarked;
    }

    @Test
    void shouldRejectForAHandlerOfTheSdkThatSaysSo() throws Exception {
        String agent = name();
        LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();
        try (SignalboxClient client = SignalboxClient.connect(node.url());
                Http http = new Http(node.url())) {
            client.agent(agent)
                    .onMessage(message -> {
                        handled.add(message.payload().text());
                        if (message.payload().text().equals("bad")) {
                            throw new MessageRejectedException("no good");
                        }
                    })
                    .attach();
            Agent sender = client.agent(name()).attach();

            sender.publish(Message.to("agent/" + agent, Payload.text("bad")).durable());
            sender.publish(Message.to("agent/" + agent, Payload.text("good")).durable());

            assertThat(handled.poll(20, TimeUnit.SECONDS)).isEqualTo("bad");
            assertThat(handled.poll(20, TimeUnit.SECONDS)).isEqualTo("good");
            Eventually.eventually("the mailbox is empty", () -> waiting(agent) == 0);
            JsonNode letters =
                    http.get("/v1/dead-letters?agent=" + agent).json().path("deadLetters");
            assertThat(letters).hasSize(1);
            assertThat(letters.path(0).path("reason").asText()).isEqualTo("no good");
        }
    }
}
