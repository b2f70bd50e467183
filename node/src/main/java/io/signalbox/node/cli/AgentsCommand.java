package io.signalbox.node.cli;

import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "agents",
        description = "See which agents are connected.",
        subcommands = {AgentsCommand.Listing.class, AgentsCommand.Get.class})
final class AgentsCommand {
    @Command(name = "list", description = "List agents by id.")
    static final class Listing implements Callable<Integer> {
        private static final List<Column> COLUMNS = List.of(
                Column.of("ID", "id"),
                Column.of("PRESENCE", "presence"),
                Column.of("DEFINITION", "definition"),
                Column.of("SLOTS", "slots"),
                Column.of("NODE", "node"),
                Column.of("SINCE", "since"));

        @Mixin
        private NodeOptions node;

        @Mixin
        private LimitOption page;

        @Option(names = "--skill", paramLabel = "NAME", defaultValue = "", description = "Only those with this skill.")
        private String skill;

        @Option(
                names = "--definition",
                paramLabel = "NAME",
                defaultValue = "",
                description = "Only those of this agent type.")
        private String definition;

        @Override
        public Integer call() throws ApiException {
            Map<String, String> filter = Map.of("skill", skill, "definition", definition);
            return node.showList(COLUMNS, client -> client.list("/v1/agents", filter, "agents", page.limit()));
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
}
