package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "nodes",
        description = {
            "List the nodes of the cluster, as the asked one sees them, and the shards of work that each owns.",
            "One that does not act delivers messages, and takes no tasks until it has its lease again."
        })
final class NodesCommand implements Callable<Integer> {
    private static final List<Column> COLUMNS = List.of(
            Column.of("ID", "id"),
            Column.of("KIND", "kind"),
            Column.of("STATE", "state"),
            Column.of("INCARNATION", "incarnation"),
            Column.of("CAPACITY", "capacity"),
            Column.of("ADDRESS", "address"),
            Column.of("SHARDS", "shards"));

    @Mixin
    private NodeOptions node;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws ApiException {
        try (ApiClient client = node.client()) {
            JsonNode answer = client.get("/v1/nodes");
            if (node.output().isTable()) {
                table(answer);
            } else {
                node.output().one(answer);
            }
            return ExitCode.OK;
        }
    }

    private void table(JsonNode answer) {
        ArrayNode rows = answer.withArray("nodes").deepCopy();
        rows.forEach(row -> ((ObjectNode) row).put("shards", shards(row.path("shards"))));
        node.output().list(rows, COLUMNS);
        PrintWriter out = spec.commandLine().getOut();
        if (!answer.path("unowned").isEmpty()) {
            out.println("Nobody owns " + shards(answer.path("unowned")) + " at the moment.");
        }
        if (!answer.path("acts").asBoolean()) {
            out.println(answer.path("asked").asText() + " does not act: "
                    + answer.path("reason").asText());
        }
        out.flush();
    }

    private static String shards(JsonNode shards) {
        return StreamSupport.stream(shards.spliterator(), false)
                .map(shard ->
                        shard.path("kind").asText() + "/" + shard.path("number").asText())
                .collect(Collectors.joining(", "));
    }
}
