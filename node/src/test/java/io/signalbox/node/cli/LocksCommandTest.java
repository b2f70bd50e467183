package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.node.client.FakeNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocksCommandTest {
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
    void shouldListLocksWithTheirFirstHolders() {
        node.answer("GET /v1/locks?limit=100", 200, """
                {"locks": [{"name": "deploy", "holding": 2, "waiting": 1,
                            "holders": [{"agent": "a", "token": "12884901893", "until": "2030-01-31T12:00:00Z"}]},
                           {"name": "idle", "holding": 0, "waiting": 1, "holders": []}]}""");

        CommandRun run = CommandRun.at(node.url(), "locks", "list", "-o", "table");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines())
                .containsExactly(
                        "NAME    HOLDING  WAITING  AGENT  TOKEN        UNTIL",
                        "deploy  2        1        a      12884901893  2030-01-31T12:00:00Z",
                        "idle    0        1        -      -            -");
    }

    @ParameterizedTest
    @CsvSource({"get a/b, /v1/locks/a%2Fb", "deadlocks, /v1/deadlocks"})
    void shouldShowWhatTheNodeAnswers(String command, String path) throws IOException {
        String answer = "{\"name\": \"a/b\", \"waiters\": []}";
        node.answer("GET " + path, 200, answer);

        CommandRun run = CommandRun.at(node.url(), ("locks " + command + " -o json").split(" "));

        ObjectMapper json = new ObjectMapper();
        assertThat(json.readTree(run.out())).isEqualTo(json.readTree(answer));
    }
}
