package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.node.client.FakeNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents, definitions and skills. */
class RegistryCommandsTest {
    @TempDir
    Path directory;

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
    void shouldListAgents() {
        node.answer(
                "GET /v1/agents?definition=d&limit=100&skill=s",
                200,
                "{\"agents\":[{\"id\":\"a\",\"presence\":\"connected\",\"standing\":\"active\",\"slots\":2,\"node\":\"node-1\"}]}");

        CommandRun run = run("agents", "list", "--skill", "s", "--definition", "d", "-o", "table");

        assertThat(run.out().lines())
                .containsExactly(
                        "ID  PRESENCE   STANDING  DEFINITION  SLOTS  NODE    SINCE",
                        "a   connected  active    -           2      node-1  -");
    }

    @Test
    void shouldAskForWhatTheOptionsSay() {
        String all =
                "definition=d&node=n&skill=s&skillVersion=%5E1&standing=paused&state=connected&text=old+papers&version=%5E2";
        node.answer(
                "GET /v1/agents?tag=a%3Db&tag=c%3Dd&definition=d&limit=100&node=n&skill=s&skillVersion=%5E1"
                        + "&standing=paused&state=connected&text=old+papers&version=%5E2",
                200, "{\"agents\":[]}");
        node.answer(
                "GET /v1/agents/x/match?tag=a%3Db&tag=c%3Dd&" + all,
                200,
                "{\"matches\":false,\"criteria\":[{\"criterion\":\"node\",\"wanted\":\"n\",\"found\":\"m\",\"matches\":false}]}");
        String[] options = {
            "--skill", "s", "--skill-version", "^1", "--definition", "d", "--type-version", "^2", "--tag", "a=b",
                    "--tag",
            "c=d", "--node", "n", "--state", "connected", "--standing", "paused", "--text", "old papers", "-o", "table"
        };

        assertThat(run(Stream.concat(Stream.of("agents", "list"), Stream.of(options))
                                .toArray(String[]::new))
                        .exitCode())
                .isZero();
        CommandRun match = run(Stream.concat(Stream.of("agents", "match", "x"), Stream.of(options))
                .toArray(String[]::new));
        assertThat(match.exitCode()).isEqualTo(1);
        assertThat(match.out().lines())
                .containsExactly("CRITERION  WANTED  FOUND  MATCHES", "node       n       m      false");
    }

    @Test
    void shouldPrintHeadingsOnlyWhenThereAreNoAgents() {
        node.answer("GET /v1/agents?limit=100", 200, "{\"agents\":[]}");

        CommandRun run = run("agents", "list", "-o", "table");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().strip()).isEqualTo("ID  PRESENCE  STANDING  DEFINITION  SLOTS  NODE  SINCE");
    }

    @Test
    void shouldShowOneAgent() {
        node.answer("GET /v1/agents/a", 200, "{\"id\":\"a\",\"skills\":[\"x\",\"y\"],\"tags\":{}}");

        assertThat(run("agents", "get", "a", "-o", "table").out().lines())
                .containsExactly("id      a", "skills  x, y", "tags    {}");
    }

    @Test
    void shouldListSkills() {
        node.answer(
                "GET /v1/skills?limit=100",
                200,
                "{\"skills\":[{\"name\":\"s\",\"version\":\"1.0.0\",\"agents\":3,\"description\":\"Reads.\"}]}");

        assertThat(run("skills", "-o", "table").out().lines())
                .containsExactly("NAME  VERSION  AGENTS  DESCRIPTION", "s     1.0.0    3       Reads.");
    }

    @Test
    void shouldListDefinitionsOrTheVersionsOfOne() {
        node.answer("GET /v1/definitions?limit=100", 200, "{\"definitions\":[{\"name\":\"d\",\"version\":\"2.0.0\"}]}");
        node.answer("GET /v1/definitions/d/versions?limit=100", 200, "{\"definitions\":[{\"version\":\"1.0.0\"}]}");

        assertThat(run("definitions", "list", "-o", "json").out()).contains("2.0.0");
        assertThat(run("definitions", "list", "--name", "d", "-o", "json").out())
                .contains("1.0.0");
    }

    @Test
    void shouldShowTheHighestOrAnotherVersionOfADefinition() {
        node.answer("GET /v1/definitions/d", 200, "{\"version\":\"2.0.0\"}");
        node.answer("GET /v1/definitions/d/versions/1.0.0", 200, "{\"version\":\"1.0.0\"}");

        assertThat(run("definitions", "get", "d", "-o", "json").out()).contains("2.0.0");
        assertThat(run("definitions", "get", "d", "1.0.0", "-o", "json").out()).contains("1.0.0");
        assertThat(run("definitions", "get", "d@1.0.0", "-o", "json").out()).contains("1.0.0");
        assertThat(run("definitions", "get", "d@1.0.0", "2.0.0").exitCode()).isEqualTo(2);
    }

    @Test
    void shouldPublishEveryFile() throws IOException {
        node.answer("POST /v1/definitions", 201, "{\"name\":\"a\",\"version\":\"1.0.0\"}");
        Path a = Files.writeString(directory.resolve("a.json"), "{\"name\":\"a\"}");
        Path b = Files.writeString(directory.resolve("b.json"), "{\"name\":\"b\"}");

        CommandRun run = run("definitions", "publish", a.toString(), b.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(node.requests())
                .extracting(FakeNode.Request::body)
                .containsExactly("{\"name\":\"a\"}", "{\"name\":\"b\"}");
    }

    @Test
    void shouldPublishNothingWhenOneFileIsUnusable() throws IOException {
        Path a = Files.writeString(directory.resolve("a.json"), "{\"name\":\"a\"}");

        CommandRun run = run(
                "definitions",
                "publish",
                a.toString(),
                directory.resolve("missing.json").toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("missing.json", "cannot be read");
        assertThat(node.requests()).isEmpty();
    }

    @Test
    void shouldPublishTheOthersWhenOneIsRefusedAndNameItsFile() throws IOException {
        node.answer("POST /v1/definitions", 409, "{\"title\":\"Conflict\",\"code\":\"CONFLICT\"}");
        node.answer("POST /v1/definitions", 201, "{\"name\":\"b\",\"version\":\"1.0.0\"}");
        Path a = Files.writeString(directory.resolve("a.json"), "{\"name\":\"a\"}");
        Path b = Files.writeString(directory.resolve("b.json"), "{\"name\":\"b\"}");

        CommandRun run = run("definitions", "publish", a.toString(), b.toString(), "-o", "table");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualToIgnoringNewLines(a + ": Conflict (CONFLICT)");
        assertThat(run.out().lines()).hasSize(2).last().asString().startsWith("b ");
    }

    @Test
    void shouldStopPublishingWhenNobodyAnswers() throws IOException {
        Path a = Files.writeString(directory.resolve("a.json"), "{\"name\":\"a\"}");
        node.close();

        CommandRun run = run("definitions", "publish", a.toString(), a.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).containsOnlyOnce("Nobody answers");
    }

    @Test
    void shouldLoadTheReferenceDefinitionsByBatches() {
        node.answer("POST /v1/definitions/batch", 200, "{\"definitions\":[]}");

        CommandRun run = run("definitions", "load", "--reference", "-o", "json");

        assertThat(run.out()).contains("1040");
        assertThat(node.requests()).hasSize(6);
        assertThat(node.requests().stream()
                        .mapToInt(request -> request.body().split("\"population\"").length - 1)
                        .sum())
                .isEqualTo(1_040);
    }

    private CommandRun run(String... arguments) {
        return CommandRun.at(node.url(), arguments);
    }
}
