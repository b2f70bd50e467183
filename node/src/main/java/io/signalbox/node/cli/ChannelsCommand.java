package io.signalbox.node.cli;

import io.signalbox.node.client.ApiException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "channels",
        description = {
            "See what the channels of a definition point at, and move the stable one.",
            "Agents that are attached as NAME@stable have that version from their next assignment on."
        },
        subcommands = {ChannelsCommand.Get.class, ChannelsCommand.History.class, ChannelsCommand.Move.class})
final class ChannelsCommand {
    @Command(name = "get", description = "Show what the channels point at, and the last rollout.")
    static final class Get implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(index = "0", paramLabel = "NAME", description = "The definition's name.")
        private String name;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.get(DecisionOptions.path(name) + "/channels"));
        }
    }

    @Command(name = "history", description = "List the decisions, the newest first: who, when and why.")
    static final class History implements Callable<Integer> {
        private static final List<Column> COLUMNS = List.of(
                Column.of("REVISION", "revision"),
                Column.of("ACTION", "action"),
                Column.of("STABLE", "stable"),
                Column.of("CANARY", "canary"),
                Column.of("SHARE", "share"),
                Column.of("BY", "by"),
                Column.of("AT", "at"),
                Column.of("WHY", "why"));

        @Mixin
        private NodeOptions node;

        @Mixin
        private LimitOption page;

        @Parameters(index = "0", paramLabel = "NAME", description = "The definition's name.")
        private String name;

        @Override
        public Integer call() throws ApiException {
            return node.showList(
                    COLUMNS,
                    client -> client.list(
                            DecisionOptions.path(name) + "/channels/history", Map.of(), "moves", page.limit()));
        }
    }

    @Command(name = "move", description = "Point the stable channel at a version, forward or back, at once.")
    static final class Move implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Mixin
        private DecisionOptions decision;

        @Parameters(index = "0", paramLabel = "NAME", description = "The definition's name.")
        private String name;

        @Parameters(index = "1", paramLabel = "VERSION", description = "A published version.")
        private String version;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.post(
                    DecisionOptions.path(name) + "/channels/stable",
                    decision.body(client, name).put("version", version),
                    Map.of()));
        }
    }
}
