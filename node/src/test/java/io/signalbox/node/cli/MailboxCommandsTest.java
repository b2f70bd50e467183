package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.node.client.FakeNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mailboxes and dead letters. */
class MailboxCommandsTest {
    private static final String FULL = "{\"title\":\"Mailbox full\",\"code\":\"MAILBOX_FULL\"}";

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

    @Test
    void shouldShowAMailbox() {
        node.answer("GET /v1/agents/a%20b/mailbox", 200, "{\"agent\":\"a b\",\"messages\":3,\"bytes\":700}");

        assertThat(run("mailbox", "a b", "-o", "table").out().lines())
                .containsExactly("agent     a b", "messages  3", "bytes     700");
    }

    @Test
    void shouldListDeadLettersOfAnAgentAndAReason() {
        node.answer("GET /v1/dead-letters?agent=a&code=EXPIRED&limit=100", 200, """
                {"deadLetters":[{"agent":"a","id":"m","code":"EXPIRED","attempts":0,"diedAt":"2030-01-01T00:00:00Z",
                                 "priority":5,"source":"s","size":7}]}""");

        CommandRun run = run("dead-letters", "list", "--agent", "a", "--code", "expired", "-o", "table");

        assertThat(run.out().lines())
                .containsExactly(
                        "AGENT  MESSAGE  CODE     ATTEMPTS  DIED                  SOURCE  TYPE  REASON",
                        "a      m        EXPIRED  0         2030-01-01T00:00:00Z  s       -     -");
    }

    @Test
    void shouldShowOneDeadLetter() {
        node.answer("GET /v1/agents/a%2Fb/dead-letters/m", 200, "{\"id\":\"m\",\"message\":{\"payload\":1}}");

        assertThat(run("dead-letters", "get", "a/b", "m", "-o", "json").out()).contains("payload");
    }

    @Test
    void shouldReplayOne() {
        node.answer("POST /v1/agents/a/dead-letters/m/replay", 200, "{\"replayed\":1,\"more\":false}");

        CommandRun run = run("dead-letters", "replay", "a", "m", "-o", "table");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines()).containsExactly("replayed  1", "more      false");
    }

    @Test
    void shouldReplayAllInAsManyRequestsAsItTakes() {
        node.answer("POST /v1/agents/a/dead-letters/replay?limit=1000", 200, "{\"replayed\":1000,\"more\":true}");
        node.answer("POST /v1/agents/a/dead-letters/replay?limit=1000", 200, "{\"replayed\":20,\"more\":true}");
        node.answer("POST /v1/agents/a/dead-letters/replay?limit=1000", 200, "{\"replayed\":0,\"more\":false}");

        CommandRun run = run("dead-letters", "replay", "a", "--all", "-o", "table");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines()).containsExactly("replayed  1020", "more      false");
    }

    @Test
    void shouldReplayNoMoreThanTheLimit() {
        node.answer(
                "POST /v1/agents/a/dead-letters/replay?code=REJECTED&limit=1000",
                200,
                "{\"replayed\":1000,\"more\":true}");
        node.answer(
                "POST /v1/agents/a/dead-letters/replay?code=REJECTED&limit=200",
                200,
                "{\"replayed\":200,\"more\":true}");

        CommandRun run =
                run("dead-letters", "replay", "a", "--all", "--code", "REJECTED", "--limit", "1200", "-o", "table");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines()).containsExactly("replayed  1200", "more      true");
    }

    @Test
    void shouldStopWhereTheNodeStoppedAndSayWhy() {
        node.answer(
                "POST /v1/agents/a/dead-letters/replay?limit=1000",
                200,
                "{\"replayed\":7,\"more\":true,\"code\":\"MAILBOX_FULL\",\"reason\":\"full\"}");

        CommandRun run = run("dead-letters", "replay", "a", "--all", "-o", "table");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out().lines()).contains("replayed  7", "reason    full");
        assertThat(node.requests()).hasSize(1);
    }

    @Test
    void shouldTellHowManyWereReplayedBeforeARefusal() {
        node.answer("POST /v1/agents/a/dead-letters/replay?limit=1000", 200, "{\"replayed\":500,\"more\":true}");
        node.answer("POST /v1/agents/a/dead-letters/replay?limit=1000", 503, FULL);

        CommandRun run = run("dead-letters", "replay", "a", "--all", "-o", "table");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("replayed  500", "MAILBOX_FULL");
    }

    @Test
    void shouldFailWhenNothingWasReplayed() {
        node.answer("POST /v1/agents/a/dead-letters/replay?limit=1000", 503, FULL);

        CommandRun run = run("dead-letters", "replay", "a", "--all");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("MAILBOX_FULL");
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"replay a", "replay a m --all", "replay a --all --limit 0", "replay", "drop a", "get a"})
    void shouldBeUsedWronglyWithoutWhatToDo(String arguments) {
        CommandRun run = run(("dead-letters " + arguments).split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(node.requests()).isEmpty();
    }

    @Test
    void shouldDropSeveral() {
        node.answer("DELETE /v1/agents/a/dead-letters/m", 204, "");
        node.answer("DELETE /v1/agents/a/dead-letters/n", 204, "");

        CommandRun run = run("dead-letters", "drop", "a", "m", "n", "-o", "table");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines()).containsExactly("dropped  2");
        assertThat(node.requests())
                .extracting(FakeNode.Request::line)
                .containsExactly("DELETE /v1/agents/a/dead-letters/m", "DELETE /v1/agents/a/dead-letters/n");
    }

    @Test
    void shouldFailWhenThereIsNothingToDrop() {
        CommandRun run = run("dead-letters", "drop", "a", "m");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("not expected");
    }
}
