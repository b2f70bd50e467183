package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.node.client.FakeNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodesCommandTest {
    private static final String ANSWER = """
            {"nodes": [{"id": "n1", "kind": "primary", "state": "live", "incarnation": 5, "capacity": 9000,
                        "address": "10.0.0.1:4281",
                        "shards": [{"kind": "tasks", "number": 0, "epoch": 7}, {"kind": "tasks", "number": 1, "epoch": 8}]},
                       {"id": "n2", "kind": "edge", "state": "draining", "incarnation": 6, "capacity": 10, "shards": []}],
             "unowned": %s, "asked": "n2", %s}""";

    private FakeNode node;

    @BeforeEach
    void start() throws IOException {
        node = new FakeNode();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void shouldListNodesWithTheirShards() {
        node.answer("GET /v1/nodes", 200, ANSWER.formatted("[]", "\"acts\": true"));

        CommandRun run = CommandRun.at(node.url(), "nodes", "-o", "table");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines())
                .containsExactly(
                        "ID  KIND     STATE     INCARNATION  CAPACITY  ADDRESS        SHARDS",
                        "n1  primary  live      5            9000      10.0.0.1:4281  tasks/0, tasks/1",
                        "n2  edge     draining  6            10        -              -");
    }

    @Test
    void shouldSayWhatIsAmissBelowTheTable() {
        String unowned = "[{\"kind\": \"tasks\", \"number\": 2, \"epoch\": 0}]";
        node.answer(
                "GET /v1/nodes", 200, ANSWER.formatted(unowned, "\"acts\": false, \"reason\": \"PostgreSQL is away\""));

        CommandRun run = CommandRun.at(node.url(), "nodes", "-o", "table");

        assertThat(run.out().lines().skip(3))
                .containsExactly("Nobody owns tasks/2 at the moment.", "n2 does not act: PostgreSQL is away");
    }

    @Test
    void shouldPrintTheWholeAnswerAsJson() throws IOException {
        String answer = ANSWER.formatted("[]", "\"acts\": true");
        node.answer("GET /v1/nodes", 200, answer);

        CommandRun run = CommandRun.at(node.url(), "nodes", "-o", "json");

        ObjectMapper json = new ObjectMapper();
        assertThat(json.readTree(run.out())).isEqualTo(json.readTree(answer));
    }
}
