package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "schedule",
        description = "Submit tasks again and again.",
        subcommands = {
            ScheduleCommand.Put.class,
            ScheduleCommand.Get.class,
            ScheduleCommand.Listing.class,
            ScheduleCommand.Delete.class
        })
final class ScheduleCommand {
    private static String path(String name) {
        return "/v1/schedules/" + ApiClient.segment(name);
    }

    @Command(
            name = "put",
            description = "Make a schedule, or replace one of yours.",
            footer = {
                "",
                "Example:",
                "  signalbox schedule put nightly --cron '30 2 * * *' --task '{\"skill\": \"text.review\"}'"
            })
    static final class Put implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(paramLabel = "NAME", description = "Of the schedule.")
        private String name;

        @Option(
                names = "--cron",
                paramLabel = "FIELDS",
                description = "Minute, hour, day of month, month, day of week.")
        private Optional<String> cron = Optional.empty();

        @Option(names = "--every", paramLabel = "DURATION", description = "From one firing to the next: 90s, 1h30m.")
        private Optional<String> every = Optional.empty();

        @Option(names = "--zone", paramLabel = "ZONE", description = "Of --cron; else UTC.")
        private Optional<String> zone = Optional.empty();

        @Option(
                names = "--missed",
                paramLabel = "once|skip|all",
                description = "What becomes of firings that were missed; else one task for all of them.")
        private Optional<String> missed = Optional.empty();

        @Option(
                names = "--task",
                required = true,
                paramLabel = "JSON",
                description = "The task, as POST /v1/tasks takes it: JSON, @FILE, or - for standard input.")
        private String task;

        @Override
        public Integer call() throws ApiException {
            ObjectNode body = JsonNodeFactory.instance.objectNode().put("name", name);
            cron.ifPresent(fields -> body.put("cron", fields));
            every.ifPresent(text -> body.put("everyMs", millis(text)));
            zone.ifPresent(text -> body.put("zone", text));
            missed.ifPresent(text -> body.put("missed", text));
            body.set("task", JsonArgument.read(task));
            return node.showOne(client -> client.post("/v1/schedules", body, Map.of()));
        }

        private static long millis(String text) {
            try {
                return Duration.parse("PT" + text).toMillis();
            } catch (DateTimeParseException e) {
                throw new UsageException("--every \"" + text + "\": expected a duration such as 90s or 1h30m", e);
            }
        }
    }

    @Command(name = "get", description = "Show one schedule.")
    static final class Get implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(paramLabel = "NAME", description = "Of the schedule.")
        private String name;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.get(path(name)));
        }
    }

    @Command(name = "list", description = "List schedules, by name.")
    static final class Listing implements Callable<Integer> {
        private static final List<Column> COLUMNS = List.of(
                Column.of("NAME", "name"),
                Column.of("CRON", "cron"),
                Column.of("EVERY MS", "everyMs"),
                Column.of("NEXT", "nextAt"),
                Column.of("LAST", "lastAt"),
                Column.of("TASK", "lastTask"),
                Column.of("ERROR", "lastError"));

        @Mixin
        private NodeOptions node;

        @Mixin
        private LimitOption page;

        @Override
        public Integer call() throws ApiException {
            return node.showList(COLUMNS, client -> client.list("/v1/schedules", Map.of(), "schedules", page.limit()));
        }
    }

    @Command(name = "delete", description = "Delete a schedule of yours.")
    static final class Delete implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(paramLabel = "NAME", description = "Of the schedule.")
        private String name;

        @Override
        public Integer call() throws ApiException {
            try (ApiClient client = node.client()) {
                client.delete(path(name));
                return ExitCode.OK;
            }
        }
    }
}
