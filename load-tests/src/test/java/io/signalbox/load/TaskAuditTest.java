package io.signalbox.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.signalbox.config.Secret;
import io.signalbox.node.client.ApiClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The audit of histories that a node might tell, right and wrong ones. */
class TaskAuditTest {
    private final TaskLedger ledger = new TaskLedger();
    private final Map<String, List<String>> histories = new ConcurrentHashMap<>();
    private HttpServer node;

    @BeforeEach
    void start() throws IOException {
        node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        node.createContext("/v1/tasks/", this::tell);
        node.start();
    }

    @AfterEach
    void stop() {
        node.stop(0);
    }

    private void tell(HttpExchange exchange) throws IOException {
        String task = exchange.getRequestURI().getPath().split("/")[3];
        StringBuilder events = new StringBuilder();
        List<String> history = histories.getOrDefault(task, List.of());
        for (int i = 0; i < history.size(); i++) {
            String[] words = history.get(i).split(" ");
            String token = words.length > 1 ? ",\"token\":\"" + words[1] + "\"" : "";
            String revision = words.length > 2 ? words[2] : Integer.toString(i + 1);
            events.append("data: {\"revision\":%s,\"type\":\"%s\"%s}\n\n".formatted(revision, words[0], token));
        }
        byte[] body = events.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(histories.containsKey(task) ? 200 : 404, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** @param events as {@code type}, {@code type token} or {@code type token revision} */
    private void accepted(String task, String... events) {
        ledger.accepted(task);
        histories.put(task, List.of(events));
    }

    private List<String> faults() throws InterruptedException {
        try (ApiClient client = client()) {
            return new TaskAudit(client, ledger).faults();
        }
    }

    private ApiClient client() {
        return new ApiClient(URI.create("http://127.0.0.1:" + node.getAddress().getPort()), new Secret(""));
    }

    @Test
    void shouldFindNoFaultInTasksThatSucceededOnceByTheirLastToken() throws InterruptedException {
        for (int i = 0; i < 50; i++) {
            accepted("once-" + i, "submitted", "assigned 7", "progress 7", "succeeded 7");
            ledger.finished("once-" + i, 7);
        }
        accepted("again", "submitted", "assigned 7", "queued", "assigned 4294967297", "succeeded 4294967297");
        ledger.finished("again", 7);
        ledger.finished("again", 4294967297L);

        try (ApiClient client = client()) {
            TaskAudit audit = new TaskAudit(client, ledger);
            assertThat(audit.faults()).isEmpty();
            assertThat(audit.attempts()).isEqualTo(52);
        }
    }

    @Test
    void shouldFindATaskThatNeverEnded() throws InterruptedException {
        accepted("t", "submitted", "assigned 7");
        ledger.finished("t", 7);

        assertThat(faults()).containsExactly("t: succeeded 0 times");
    }

    @Test
    void shouldFindATaskThatTheNodeDoesNotKnow() throws InterruptedException {
        ledger.accepted("t");

        assertThat(faults()).singleElement().asString().startsWith("t: its history could not be read: ");
    }

    @Test
    void shouldFindTwoResults() throws InterruptedException {
        accepted("t", "submitted", "assigned 7", "succeeded 7", "succeeded 7");
        ledger.finished("t", 7);

        assertThat(faults()).containsExactly("t: succeeded 2 times");
    }

    @Test
    void shouldFindTheResultOfADeadToken() throws InterruptedException {
        accepted("t", "submitted", "assigned 7", "queued", "assigned 8", "succeeded 7");
        ledger.finished("t", 7);

        assertThat(faults())
                .containsExactly(
                        "t: succeeded under token 7, though 8 is the last",
                        "t: succeeded under token 8, which no agent finished");
    }

    @Test
    void shouldFindTheResultOfADeadTokenThoughTheLastOneWasFinishedToo() throws InterruptedException {
        accepted("t", "submitted", "assigned 7", "queued", "assigned 8", "succeeded 7");
        ledger.finished("t", 7);
        ledger.finished("t", 8);

        assertThat(faults()).containsExactly("t: succeeded under token 7, though 8 is the last");
    }

    @Test
    void shouldFindAResultThatNoAgentGave() throws InterruptedException {
        accepted("t", "submitted", "assigned 7", "queued", "assigned 8", "succeeded 8");
        ledger.finished("t", 7);

        assertThat(faults()).containsExactly("t: succeeded under token 8, which no agent finished");
    }

    @Test
    void shouldFindATokenThatDoesNotGrow() throws InterruptedException {
        accepted("t", "submitted", "assigned 7", "queued", "assigned 7", "succeeded 7");
        ledger.finished("t", 7);

        assertThat(faults()).containsExactly("t: token 7 after 7");
    }

    @Test
    void shouldFindAnEventThatIsMissing() throws InterruptedException {
        accepted("t", "submitted", "assigned 7 3", "succeeded 7 4");
        ledger.finished("t", 7);

        assertThat(faults()).containsExactly("t: event 2 has revision 3", "t: event 3 has revision 4");
    }

    @Test
    void shouldFindATaskThatWasGivenUp() throws InterruptedException {
        accepted("dead", "submitted", "assigned 7", "dead");
        accepted("cancelled", "submitted", "cancelled");

        assertThat(faults())
                .containsExactlyInAnyOrder(
                        "dead: ended as {\"revision\":3,\"type\":\"dead\"}",
                        "dead: succeeded 0 times",
                        "cancelled: ended as {\"revision\":2,\"type\":\"cancelled\"}",
                        "cancelled: succeeded 0 times");
    }

    @Test
    void shouldTellWhenTwoKeysGotOneTask() {
        assertThat(ledger.accepted("t")).isTrue();
        assertThat(ledger.accepted("t")).isFalse();
        assertThat(ledger.acceptedCount()).isOne();
    }

    @Test
    void shouldCountWorkThatWasDoneMoreThanOnce() {
        ledger.finished("once", 1);
        ledger.finished("once", 1);
        ledger.finished("twice", 1);
        ledger.finished("twice", 2);

        assertThat(ledger.workedMoreThanOnce()).isOne();
        assertThat(ledger.wasFinished("twice", 2)).isTrue();
        assertThat(ledger.wasFinished("twice", 3)).isFalse();
        assertThat(ledger.wasFinished("never", 1)).isFalse();
    }
}
