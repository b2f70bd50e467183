package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import io.signalbox.verticles.registry.reference.ReferenceDefinitions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "definitions",
        description = "Publish and read definitions of agent types, and roll their versions out.",
        subcommands = {
            DefinitionsCommand.Listing.class,
            DefinitionsCommand.Get.class,
            DefinitionsCommand.Publish.class,
            DefinitionsCommand.Load.class,
            DefinitionsCommand.Diff.class,
            ChannelsCommand.class,
            RolloutCommand.class
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

        @Option(names = "--name", paramLabel = "NAME", description = "All versions of this one; then no other option.")
        private Optional<String> name = Optional.empty();

        @Option(names = "--skill", paramLabel = "NAME", defaultValue = "", description = "Only those with this skill.")
        private String skill;

        @Option(names = "--tag", paramLabel = "NAME=VALUE", description = "Only those with this tag.")
        private Map<String, String> tags = new LinkedHashMap<>();

        @Option(names = "--text", paramLabel = "WORDS", defaultValue = "", description = "Only those with each word.")
        private String text;

        @Option(
                names = "--meaning",
                paramLabel = "SENTENCE",
                defaultValue = "",
                description = "Those that mean most nearly this come first, where the node searches by meaning.")
        private String meaning;

        @Override
        public Integer call() throws ApiException {
            String path = name.map(known -> "/v1/definitions/" + ApiClient.segment(known) + "/versions")
                    .orElseGet(() -> ApiClient.withTags("/v1/definitions", tags));
            Map<String, String> filter = Map.of("skill", skill, "text", text, "meaning", meaning);
            return node.showList(COLUMNS, client -> client.list(path, filter, "definitions", page.limit()));
        }
    }

    @Command(name = "get", description = "Show one version of a definition.")
    static final class Get implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(index = "0", paramLabel = "NAME", description = "The definition's name, or NAME@VERSION.")
        private String name;

        @Parameters(index = "1", arity = "0..1", paramLabel = "VERSION", description = "Else the highest.")
        private Optional<String> version = Optional.empty();

        @Override
        public Integer call() throws ApiException {
            int at = name.indexOf('@');
            if (at >= 0 && version.isPresent()) {
                throw new UsageException("\"" + name + "\" names a version already; give it once");
            }
            String path = "/v1/definitions/" + ApiClient.segment(at < 0 ? name : name.substring(0, at));
            Optional<String> wanted = at < 0 ? version : Optional.of(name.substring(at + 1));
            return node.showOne(client -> client.get(wanted.map(known -> path + "/versions/" + ApiClient.segment(known))
                    .orElse(path)));
        }
    }

    @Command(name = "diff", description = "Tell what changed between two versions of a definition.")
    static final class Diff implements Callable<Integer> {
        private static final List<Column> COLUMNS =
                List.of(Column.of("PATH", "path"), Column.of("FROM", "from"), Column.of("TO", "to"));

        @Mixin
        private NodeOptions node;

        @Parameters(index = "0", paramLabel = "NAME", description = "The definition's name.")
        private String name;

        @Parameters(index = "1", paramLabel = "FROM", description = "A version.")
        private String from;

        @Parameters(index = "2", paramLabel = "TO", description = "Another.")
        private String to;

        @Override
        public Integer call() throws ApiException {
            String path = "/v1/definitions/" + ApiClient.segment(name) + "/diff?from=" + ApiClient.segment(from)
                    + "&to=" + ApiClient.segment(to);
            return node.showList(COLUMNS, client -> (ArrayNode) client.get(path).path("changes"));
        }
    }

    @Command(
            name = "publish",
            description = {
                "Publish definitions. The same one again changes nothing.",
                "What is refused is reported with its file, and the others are published; then the exit code is 1."
            },
            footer = {
                "",
                "A file may be as small as this; docs/http-api.md shows more:",
                "  {\"name\": \"text.reviewer\", \"version\": \"1.0.0\",",
                "   \"skills\": [{\"name\": \"text.review\", \"version\": \"1.0.0\"}]}"
            })
    static final class Publish implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(arity = "1..*", paramLabel = "FILE", description = "A definition in JSON each.")
        private List<Path> files;

        @Spec
        private CommandSpec spec;

        private record Document(Path file, JsonNode content) {}

        @Override
        public Integer call() throws ApiException {
            // All are read first, so that a mistyped name publishes nothing.
            List<Document> documents = files.stream()
                    .map(file -> new Document(file, JsonArgument.readFile(file)))
                    .toList();
            List<String> refusals = new ArrayList<>();
            int exitCode = node.showList(COLUMNS, client -> publish(client, documents, refusals));
            PrintWriter err = spec.commandLine().getErr();
            refusals.forEach(err::println);
            err.flush();
            return refusals.isEmpty() ? exitCode : ExitCode.SOFTWARE;
        }

        private static ArrayNode publish(ApiClient client, List<Document> documents, List<String> refusals)
                throws ApiException {
            ArrayNode published = JsonNodeFactory.instance.arrayNode();
            for (Document document : documents) {
                try {
                    published.add(client.post("/v1/definitions", document.content(), Map.of()));
                } catch (ApiException e) {
                    // Whoever is not there now will not be there for the next one either.
                    if (e.problem().isEmpty()) {
                        throw e;
                    }
                    refusals.add(document.file() + ": " + e.getMessage());
                }
            }
            return published;
        }
    }

    @Command(
            name = "load",
            description = {
                "Publish the definitions of the reference fleet: 20 agent types, and over a thousand variants of them.",
                "Those that are there already stay as they are."
            })
    static final class Load implements Callable<Integer> {
        private static final int AT_ONCE = 200;

        @Mixin
        private NodeOptions node;

        @Option(names = "--reference", required = true, description = "Those that come with Signalbox.")
        private boolean reference;

        @Override
        public Integer call() throws ApiException {
            List<JsonNode> documents = ReferenceDefinitions.documents().stream()
                    .map(JsonArgument::read)
                    .toList();
            return node.showOne(client -> load(client, documents));
        }

        private static JsonNode load(ApiClient client, List<JsonNode> documents) throws ApiException {
            for (int from = 0; from < documents.size(); from += AT_ONCE) {
                ObjectNode batch = JsonNodeFactory.instance.objectNode();
                documents
                        .subList(from, Math.min(documents.size(), from + AT_ONCE))
                        .forEach(batch.withArray("definitions")::add);
                client.post("/v1/definitions/batch", batch, Map.of());
            }
            return JsonNodeFactory.instance.objectNode().put("definitions", documents.size());
        }
    }
}
