package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "agents",
        description = "See which agents are connected.",
        subcommands = {AgentsCommand.Listing.class, AgentsCommand.Get.class, AgentsCommand.Match.class})
final class AgentsCommand {
    @Command(name = "list", description = "List agents by id.")
    static final class Listing implements Callable<Integer> {
        private static final List<Column> COLUMNS = List.of(
                Column.of("ID", "id"),
                Column.of("PRESENCE", "presence"),
                Column.of("STANDING", "standing"),
                Column.of("DEFINITION", "definition"),
                Column.of("SLOTS", "slots"),
                Column.of("NODE", "node"),
                Column.of("SINCE", "since"));

        @Mixin
        private NodeOptions node;

        @Mixin
        private LimitOption page;

        @Mixin
        private AgentQuestionOptions question;

        @Override
        public Integer call() throws ApiException {
            return node.showList(
                    COLUMNS,
                    client -> client.list(question.path("/v1/agents"), question.filter(), "agents", page.limit()));
        }
    }

    @Command(name = "get", description = "Show one agent.")
    static final class Get implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(paramLabel = "ID", description = "The agent's id.")
        private String id;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.get("/v1/agents/" + ApiClient.segment(id)));
        }
    }

    @Command(
            name = "match",
            description = {
                "See why an agent is listed with these options, or not.",
                "The exit code is 0 when it is, else 1."
            })
    static final class Match implements Callable<Integer> {
        private static final List<Column> COLUMNS = List.of(
                Column.of("CRITERION", "criterion"),
                Column.of("WANTED", "wanted"),
                Column.of("FOUND", "found"),
                Column.of("MATCHES", "matches"));

        @Mixin
        private NodeOptions node;

        @Mixin
        private AgentQuestionOptions question;

        @Parameters(paramLabel = "ID", description = "The agent's id.")
        private String id;

        @Override
        public Integer call() throws ApiException {
            String path = question.path("/v1/agents/" + ApiClient.segment(id) + "/match");
            AtomicBoolean matches = new AtomicBoolean();
            int exitCode = node.showList(COLUMNS, client -> {
                JsonNode match = client.get(path, question.filter());
                matches.set(match.path("matches").asBoolean());
                return (ArrayNode) match.path("criteria");
            });
            return matches.get() ? exitCode : ExitCode.SOFTWARE;
        }
    }
}
