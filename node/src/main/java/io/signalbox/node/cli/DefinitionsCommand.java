package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "definitions",
        description = "Publish and read definitions of agent types.",
        subcommands = {DefinitionsCommand.Listing.class, DefinitionsCommand.Get.class, DefinitionsCommand.Publish.class
        })
final class DefinitionsCommand {
    private static final List<Column> COLUMNS = List.of(
            Column.of("NAME", "name"),
            Column.of("VERSION", "version"),
            Column.of("PUBLISHED", "publishedAt"),
            Column.of("PUBLISHER", "publisher"),
            Column.of("HASH", "contentHash"));

    @Command(name = "list", description = "List the highest version of each definition, or all versions of one.")
    static final class Listing implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Mixin
        private LimitOption page;

        @Option(names = "--name", paramLabel = "NAME", description = "All versions of this one.")
        private Optional<String> name = Optional.empty();

        @Override
        public Integer call() throws ApiException {
            String path = name.map(known -> "/v1/definitions/" + ApiClient.segment(known) + "/versions")
                    .orElse("/v1/definitions");
            return node.showList(COLUMNS, client -> client.list(path, Map.of(), "definitions", page.limit()));
        }
    }

    @Command(name = "get", description = "Show one version of a definition.")
    static final class Get implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(index = "0", paramLabel = "NAME", description = "The definition's name.")
        private String name;

        @Parameters(index = "1", arity = "0..1", paramLabel = "VERSION", description = "Else the highest.")
        private Optional<String> version = Optional.empty();

        @Override
        public Integer call() throws ApiException {
            String path = "/v1/definitions/" + ApiClient.segment(name);
            return node.showOne(
                    client -> client.get(version.map(known -> path + "/versions/" + ApiClient.segment(known))
                            .orElse(path)));
        }
    }

    @Command(name = "publish", description = "Publish definitions. The same one again changes nothing.")
    static final class Publish implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(arity = "1..*", paramLabel = "FILE", description = "A definition in JSON each.")
        private List<Path> files;

        @Override
        public Integer call() throws ApiException {
            // All are read first, so that a mistyped name publishes nothing.
            List<JsonNode> documents =
                    files.stream().map(JsonArgument::readFile).toList();
            return node.showList(COLUMNS, client -> publish(client, documents));
        }

        private static ArrayNode publish(ApiClient client, List<JsonNode> documents) throws ApiException {
            ArrayNode published = JsonNodeFactory.instance.arrayNode();
            for (JsonNode document : documents) {
                published.add(client.post("/v1/definitions", document, Map.of()));
            }
            return published;
        }
    }
}
