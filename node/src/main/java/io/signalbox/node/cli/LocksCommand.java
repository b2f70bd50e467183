package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "locks",
        description = "See who holds which lock, who waits for it and why, and who waits for whom in a circle.",
        subcommands = {LocksCommand.Listing.class, LocksCommand.Get.class, LocksCommand.Deadlocks.class})
final class LocksCommand {
    @Command(name = "list", description = "List the locks that somebody holds or waits for.")
    static final class Listing implements Callable<Integer> {
        private static final List<Column> COLUMNS = List.of(
                Column.of("NAME", "name"),
                Column.of("HOLDING", "holding"),
                Column.of("WAITING", "waiting"),
                Column.of("AGENT", "agent"),
                Column.of("TOKEN", "token"),
                Column.of("UNTIL", "until"));

        @Mixin
        private NodeOptions node;

        @Mixin
        private LimitOption page;

        @Override
        public Integer call() throws ApiException {
            return node.showList(
                    COLUMNS, client -> withFirstHolders(client.list("/v1/locks", Map.of(), "locks", page.limit())));
        }

        /** What a table has room for. */
        private static ArrayNode withFirstHolders(ArrayNode locks) {
            locks.forEach(lock -> {
                ObjectNode row = (ObjectNode) lock;
                List.of("agent", "token", "until").forEach(name -> {
                    if (row.path("holders").path(0).has(name)) {
                        row.set(name, row.path("holders").path(0).path(name));
                    }
                });
            });
            return locks;
        }
    }

    @Command(name = "get", description = "Show one lock: its holders with their tokens, and its queue.")
    static final class Get implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(index = "0", paramLabel = "NAME", description = "The lock's name.")
        private String name;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.get("/v1/locks/" + ApiClient.segment(name)));
        }
    }

    @Command(name = "deadlocks", description = "Show circles of agents that wait for each other's locks.")
    static final class Deadlocks implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.get("/v1/deadlocks"));
        }
    }
}
