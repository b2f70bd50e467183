package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.node.client.FakeNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FleetCommandTest {
    private FakeNode node;

    @BeforeEach
    void start() throws IOException {
        node = new FakeNode();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private CommandRun run(String... arguments) {
        return CommandRun.at(node.url(), arguments);
    }

    @ParameterizedTest
    @CsvSource({"pause, pause", "resume, resume", "drain, drain", "quarantine, quarantine", "kill, kill"})
    void shouldSayItToAllAgentsThatMeetTheOptions(String command, String verb) {
        node.answer("POST /v1/fleet/directives", 201, "{\"id\":\"d1\",\"matched\":7}");

        CommandRun run = run(
                "fleet",
                command,
                "--type",
                "t",
                "--type-version",
                "^1",
                "--tag",
                "a=b",
                "--tag",
                "c=d",
                "--node",
                "n1",
                "--skill",
                "s",
                "--skill-version",
                "^2",
                "--id",
                "x",
                "--reason",
                "why",
                "-o",
                "table");

        assertThat(run.out().lines()).containsExactly("id       d1", "matched  7");
        assertThat(node.onlyRequest().body())
                .contains("{\"verb\":\"" + verb + "\",\"selector\":{\"ids\":[\"x\"],\"type\":\"t\",\"version\":\"^1\","
                        + "\"tags\":{\"a\":\"b\",\"c\":\"d\"},\"node\":\"n1\",\"skill\":\"s\",\"skillVersion\":\"^2\"},"
                        + "\"reason\":\"why\"}");
    }

    @Test
    void shouldLimitARateAndCountFirst() {
        node.answer("POST /v1/fleet/directives", 200, "{\"matched\":7}");

        run("fleet", "limit-rate", "--rate", "5", "--all", "--reason", "why", "--dry-run");

        assertThat(node.onlyRequest().body())
                .contains("{\"verb\":\"limit_rate\",\"selector\":{\"all\":true},\"reason\":\"why\",\"dryRun\":true,"
                        + "\"messagesPerSecond\":5}");
    }

    @Test
    void shouldWantAReason() {
        assertThat(run("fleet", "kill", "--all").exitCode()).isEqualTo(2);
    }

    @Test
    void shouldListAndRevoke() {
        node.answer(
                "GET /v1/fleet/directives?limit=100&revoked=true",
                200,
                "{\"directives\":[{\"id\":\"d1\",\"verb\":\"pause\",\"selector\":{\"type\":\"t\"},\"matched\":7}]}");
        node.answer("DELETE /v1/fleet/directives/d1", 200, "{}");

        assertThat(run("fleet", "list", "--revoked", "-o", "table").out()).contains("d1  pause  {\"type\":\"t\"}  7");
        assertThat(run("fleet", "revoke", "d1", "-o", "json").out()).contains("\"revoked\" : 1");
    }
}
