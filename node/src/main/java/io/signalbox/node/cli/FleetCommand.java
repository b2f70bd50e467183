package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
        name = "fleet",
        description = {
            "Pause, resume, drain, quarantine, kill or limit many agents at once.",
            "A directive is to all agents that meet every option given, also to those that attach later, until it is revoked."
                    + " Of several the strictest counts; resume makes that those before it do not count any more.",
            "With --dry-run nothing is done, and you see how many agents it would be."
        },
        subcommands = {FleetCommand.Listing.class, FleetCommand.Get.class, FleetCommand.Revoke.class})
final class FleetCommand {
    private static final String DIRECTIVES = "/v1/fleet/directives";

    @Command(name = "pause", description = "Give agents no new tasks; what they have goes on.")
    int pause(@Mixin NodeOptions node, @Mixin DirectiveOptions directive) throws ApiException {
        return issue(node, directive.body("pause"));
    }

    @Command(name = "resume", description = "Let what was said of agents before count no more.")
    int resume(@Mixin NodeOptions node, @Mixin DirectiveOptions directive) throws ApiException {
        return issue(node, directive.body("resume"));
    }

    @Command(
            name = "drain",
            description = "Give agents no new tasks, and take none back that leaves and has nothing to finish.")
    int drain(@Mixin NodeOptions node, @Mixin DirectiveOptions directive) throws ApiException {
        return issue(node, directive.body("drain"));
    }

    @Command(
            name = "quarantine",
            description = "Give agents no new tasks, and let them send nothing but replies and outcomes.")
    int quarantine(@Mixin NodeOptions node, @Mixin DirectiveOptions directive) throws ApiException {
        return issue(node, directive.body("quarantine"));
    }

    @Command(name = "kill", description = "End agents and keep them out; others get their tasks.")
    int kill(@Mixin NodeOptions node, @Mixin DirectiveOptions directive) throws ApiException {
        return issue(node, directive.body("kill"));
    }

    @Command(name = "limit-rate", description = "Let each agent send so many messages a second and no more.")
    int limitRate(
            @Mixin NodeOptions node,
            @Mixin DirectiveOptions directive,
            @Option(names = "--rate", paramLabel = "N", required = true, description = "Messages a second.") int rate)
            throws ApiException {
        return issue(node, directive.body("limit_rate").put("messagesPerSecond", rate));
    }

    private static int issue(NodeOptions node, ObjectNode body) throws ApiException {
        return node.showOne(client -> client.post(DIRECTIVES, body, Map.of()));
    }

    private static String path(String id) {
        return DIRECTIVES + "/" + ApiClient.segment(id);
    }

    @Command(name = "list", description = "List the directives that stand, newest first.")
    static final class Listing implements Callable<Integer> {
        private static final List<Column> COLUMNS = List.of(
                Column.of("ID", "id"),
                Column.of("VERB", "verb"),
                Column.of("SELECTOR", "selector"),
                Column.of("MATCHED", "matched"),
                Column.of("BY", "by"),
                Column.of("AT", "at"),
                Column.of("REVOKED", "revoked/at"),
                Column.of("REASON", "reason"));

        @Mixin
        private NodeOptions node;

        @Mixin
        private LimitOption page;

        @Option(names = "--revoked", description = "Also those that were revoked.")
        private boolean revoked;

        @Override
        public Integer call() throws ApiException {
            Map<String, String> filter = Map.of("revoked", revoked ? "true" : "");
            return node.showList(COLUMNS, client -> client.list(DIRECTIVES, filter, "directives", page.limit()));
        }
    }

    @Command(name = "get", description = "Show one directive.")
    static final class Get implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(paramLabel = "ID", description = "The directive's id.")
        private String id;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.get(path(id)));
        }
    }

    @Command(name = "revoke", description = "Take directives back: their agents are what the others make of them.")
    static final class Revoke implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(arity = "1..*", paramLabel = "ID", description = "The directives' ids.")
        private List<String> ids;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> {
                for (String id : ids) {
                    client.delete(path(id));
                }
                return JsonNodeFactory.instance.objectNode().put("revoked", ids.size());
            });
        }
    }
}
