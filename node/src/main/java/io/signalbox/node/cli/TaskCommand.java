package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
            TaskCommand.Explain.class,
            TaskCommand.Cancel.class,
            TaskCommand.Approve.class,
            TaskCommand.Refuse.class
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

    @Command(name = "explain", description = "Say where a task is, why, and what was decided about it.")
    static final class Explain implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(paramLabel = "ID", description = "The task's id.")
        private String id;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.get("/v1/tasks/" + ApiClient.segment(id) + "/explanation"));
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
            HELD,
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

        @Option(names = "--tree", description = "Its open descendants as well.")
        private boolean tree;

        @Override
        public Integer call() throws ApiException {
            return post(node, id, "cancel" + (tree ? "?tree=true" : ""), JsonNodeFactory.instance.objectNode());
        }
    }

    @Command(name = "approve", description = "Approve of a task that waits for it.")
    static final class Approve implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(paramLabel = "ID", description = "The task's id.")
        private String id;

        @Option(names = "--reason", paramLabel = "TEXT", description = "Is kept with the task.")
        private Optional<String> reason = Optional.empty();

        @Override
        public Integer call() throws ApiException {
            return post(node, id, "approve", decision(reason));
        }
    }

    @Command(name = "refuse", description = "Refuse a task that waits for approval: it is dead.")
    static final class Refuse implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(paramLabel = "ID", description = "The task's id.")
        private String id;

        @Option(names = "--reason", paramLabel = "TEXT", description = "Is kept with the task.")
        private Optional<String> reason = Optional.empty();

        @Override
        public Integer call() throws ApiException {
            return post(node, id, "refuse", decision(reason));
        }
    }

    private static ObjectNode decision(Optional<String> reason) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        reason.ifPresent(text -> body.put("reason", text));
        return body;
    }

    private static int post(NodeOptions node, String id, String verb, ObjectNode body) throws ApiException {
        return node.showOne(client -> client.post("/v1/tasks/" + ApiClient.segment(id) + "/" + verb, body, Map.of()));
    }
}
