package io.signalbox.node.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.config.Secret;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TaskFollowerTest {
    private static final String EVENTS = "GET /v1/tasks/1/events";
    private static final String TASK = "GET /v1/tasks/1";

    private final List<String> seen = new ArrayList<>();
    private FakeNode node;
    private ApiClient client;

    @BeforeEach
    void start() throws IOException {
        node = new FakeNode();
        client = new ApiClient(node.url(), new Secret(""));
    }

    @AfterEach
    void stop() {
        client.close();
        node.close();
    }

    @Test
    void shouldGiveTheTaskWhenItEnds() throws Exception {
        node.events(EVENTS, event(1, "submitted") + event(2, "assigned") + event(3, "succeeded") + event(4, "more"));
        node.answer(TASK, 200, "{\"state\":\"succeeded\"}");

        assertThat(follow(0)).isEqualTo("succeeded");
        assertThat(seen).containsExactly("submitted", "assigned", "succeeded");
    }

    @Test
    void shouldGoOnWhereItWasWhenTheStreamEndsEarly() throws Exception {
        node.events(EVENTS, event(1, "submitted"));
        node.events(EVENTS, event(2, "dead"));
        node.answer(TASK, 200, "{\"state\":\"queued\"}");
        node.answer(TASK, 200, "{\"state\":\"dead\"}");

        assertThat(follow(0)).isEqualTo("dead");
        assertThat(seen).containsExactly("submitted", "dead");
        assertThat(node.requests().get(2).header("last-event-id")).contains("1");
    }

    @Test
    void shouldEndWhenAllEventsWereReadAndTheNodeWentAwayAfterThem() throws Exception {
        node.events(EVENTS, event(1, "dead"));
        node.answer(EVENTS, 204, "");
        node.answer(TASK, 503, "{\"title\":\"Unavailable\"}");
        node.answer(TASK, 200, "{\"state\":\"dead\"}");

        assertThat(follow(1)).isEqualTo("dead");
        assertThat(seen).containsExactly("dead");
    }

    @Test
    void shouldTryAgainWhenTheNodeIsAwayForAWhile() throws Exception {
        node.answer(EVENTS, 503, "{\"title\":\"Draining\"}");
        node.events(EVENTS, event(1, "cancelled"));
        node.answer(TASK, 200, "{\"state\":\"cancelled\"}");

        assertThat(follow(1)).isEqualTo("cancelled");
    }

    @Test
    void shouldGiveUpWhenTheNodeStaysAway() {
        node.answer(EVENTS, 503, "{\"title\":\"Draining\"}");

        assertThatThrownBy(() -> follow(2)).isInstanceOf(ApiException.class).hasMessage("Draining");
        assertThat(node.requests()).hasSize(3);
    }

    @Test
    void shouldGiveUpAtOnceWhenThereIsNoSuchTask() {
        node.answer(EVENTS, 404, "{\"title\":\"Not found\"}");

        assertThatThrownBy(() -> follow(100)).isInstanceOf(ApiException.class).hasMessage("Not found");
        assertThat(node.requests()).hasSize(1);
    }

    private String follow(int patience) throws Exception {
        return new TaskFollower(client, "1", patience)
                .untilEnd(event -> seen.add(event.type()))
                .path("state")
                .asText();
    }

    private static String event(int id, String type) {
        return "id: " + id + "\nevent: " + type + "\ndata: {}\n\n";
    }
}
