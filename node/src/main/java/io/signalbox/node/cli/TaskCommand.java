package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "task",
        description = "Submit tasks and see what becomes of them.",
        subcommands = {
            TaskSubmitCommand.class,
            TaskCommand.Get.class,
            TaskCommand.Listing.class,
            TaskCommand.Cancel.class
        })
final class TaskCommand {
    @Command(name = "get", description = "Show one task with its input and output.")
    static final class Get implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(paramLabel = "ID", description = "The task's id.")
        private String id;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.get("/v1/tasks/" + ApiClient.segment(id)));
        }
    }

    @Command(name = "list", description = "List tasks, the newest first.")
    static final class Listing implements Callable<Integer> {
        private static final List<Column> COLUMNS = List.of(
                Column.of("ID", "id"),
                Column.of("STATE", "state"),
                Column.of("SKILL", "skill"),
                Column.of("PRIORITY", "priority"),
                Column.of("ATTEMPT", "attempt"),
                Column.of("AGENT", "agent"),
                Column.of("SUBMITTED", "submittedAt"),
                Column.of("REASON", "reason"));

        @Mixin
        private NodeOptions node;

        @Mixin
        private LimitOption page;

        /** As the node writes them, in small letters. */
        private enum State {
            QUEUED,
            ASSIGNED,
            SUCCEEDED,
            DEAD,
            CANCELLED;

            @Override
            public String toString() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        @Option(names = "--state", paramLabel = "STATE", description = "Only those: ${COMPLETION-CANDIDATES}.")
        private Optional<State> state = Optional.empty();

        @Option(names = "--skill", paramLabel = "NAME", defaultValue = "", description = "Only those for this skill.")
        private String skill;

        @Override
        public Integer call() throws ApiException {
            Map<String, String> filter =
                    Map.of("state", state.map(State::toString).orElse(""), "skill", skill);
            return node.showList(COLUMNS, client -> client.list("/v1/tasks", filter, "tasks", page.limit()));
        }
    }

    @Command(name = "cancel", description = "Cancel a task, whether it waits or is under way.")
    static final class Cancel implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(paramLabel = "ID", description = "The task's id.")
        private String id;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.post(
                    "/v1/tasks/" + ApiClient.segment(id) + "/cancel", JsonNodeFactory.instance.objectNode(), Map.of()));
        }
    }
}
