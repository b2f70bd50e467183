package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.node.client.FakeNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels and rollouts of definitions, and what changed between versions. */
class RolloutCommandsTest {
    private static final String CHANNELS = "{\"revision\":7,\"stable\":\"1.0.0\",\"rollout\":{\"number\":5}}";

    private FakeNode node;

    @BeforeEach
    void start() throws IOException {
        node = new FakeNode();
        node.answer("GET /v1/definitions/d/channels", 200, CHANNELS);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private CommandRun run(String... arguments) {
        return CommandRun.at(node.url(), arguments);
    }

    private String sent() {
        return node.requests().getLast().body();
    }

    @Test
    void shouldMoveStableOverThePresentRevision() {
        node.answer("POST /v1/definitions/d/channels/stable", 200, CHANNELS);

        CommandRun run = run("definitions", "channels", "move", "d", "1.1.0", "--why", "better");

        assertThat(run.exitCode()).isZero();
        assertThat(sent()).isEqualTo("{\"why\":\"better\",\"revision\":7,\"version\":\"1.1.0\"}");
    }

    @Test
    void shouldNameTheRevisionThatWasSeen() {
        node.answer("POST /v1/definitions/d/channels/stable", 409, "{\"title\":\"Conflict\",\"code\":\"CONFLICT\"}");

        CommandRun run = run("definitions", "channels", "move", "d", "1.1.0", "--revision", "3");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(node.onlyRequest().body()).isEqualTo("{\"revision\":3,\"version\":\"1.1.0\"}");
    }

    @Test
    void shouldStartARolloutWithItsBounds() {
        node.answer("POST /v1/definitions/d/rollouts", 201, CHANNELS);

        run("definitions", "rollout", "start", "d", "1.1.0", "--share", "0.1", "--alpha", "0.001");

        assertThat(sent())
                .isEqualTo("{\"revision\":7,\"version\":\"1.1.0\",\"share\":0.1,\"bounds\":{\"errorRatio\":1.5,"
                        + "\"latencyRatio\":2.0,\"latencyQuantile\":0.95,\"alpha\":0.001}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pause", "resume", "promote", "rollback"})
    void shouldDecideAboutTheLastRollout(String action) {
        node.answer("POST /v1/definitions/d/rollouts/5/" + action, 200, CHANNELS);

        assertThat(run("definitions", "rollout", action, "d").exitCode()).isZero();
        assertThat(sent()).isEqualTo("{\"revision\":7}");
    }

    @Test
    void shouldGiveTheCanaryToAnotherShareOfANamedRollout() {
        node.answer("POST /v1/definitions/d/rollouts/4/share", 200, CHANNELS);

        assertThat(run("definitions", "rollout", "share", "d", "0.2", "--rollout", "4")
                        .exitCode())
                .isZero();
        assertThat(sent()).isEqualTo("{\"revision\":7,\"share\":0.2}");
    }

    @Test
    void shouldSayThatThereWasNoRollout() {
        node.answer("GET /v1/definitions/e/channels", 200, "{\"revision\":0,\"stable\":\"1.0.0\"}");

        CommandRun run = run("definitions", "rollout", "evidence", "e");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("no rollout of e yet");
    }

    @Test
    void shouldShowEvidenceHistoryAndRollouts() {
        node.answer("GET /v1/definitions/d/rollouts/5/evidence", 200, "{\"strata\":3}");
        node.answer(
                "GET /v1/definitions/d/channels/history?limit=100",
                200,
                "{\"moves\":[{\"by\":\"ann\",\"revision\":2}]}");
        node.answer("GET /v1/definitions/d/rollouts?limit=100", 200, "{\"rollouts\":[{\"number\":5}]}");

        assertThat(run("definitions", "rollout", "evidence", "d", "-o", "table").out())
                .contains("strata  3");
        assertThat(run("definitions", "channels", "history", "d", "-o", "table").out())
                .contains("ann");
        assertThat(run("definitions", "rollout", "list", "d", "-o", "table").out())
                .contains("5");
    }

    @Test
    void shouldTellWhatChanged() {
        node.answer(
                "GET /v1/definitions/d/diff?from=1.0.0&to=1.1.0",
                200,
                "{\"changes\":[{\"path\":\"/version\",\"from\":\"1.0.0\",\"to\":\"1.1.0\"}]}");

        assertThat(run("definitions", "diff", "d", "1.0.0", "1.1.0", "-o", "table")
                        .out()
                        .lines())
                .containsExactly("PATH      FROM   TO", "/version  1.0.0  1.1.0");
    }
}
