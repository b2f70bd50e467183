package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rollout",
        description = {
            "Try a version on a share of the agents, then promote it or roll it back.",
            "A canary that fails more often than the stable version, or is slower, is rolled back without hands."
        },
        subcommands = {
            RolloutCommand.Start.class,
            RolloutCommand.Listing.class,
            RolloutCommand.Get.class,
            RolloutCommand.Evidence.class,
            RolloutCommand.Share.class,
            RolloutCommand.Pause.class,
            RolloutCommand.Resume.class,
            RolloutCommand.Promote.class,
            RolloutCommand.Rollback.class
        })
final class RolloutCommand {
    private static final String NAME = "The definition's name.";

    /** Which rollout a command is about. */
    static final class Target {
        @Parameters(index = "0", paramLabel = "NAME", description = NAME)
        private String name;

        @Option(names = "--rollout", paramLabel = "N", description = "The rollout's number. Else the last one.")
        private Optional<Long> number = Optional.empty();

        private String path(ApiClient client) throws ApiException {
            long wanted = number.isPresent() ? number.get() : last(client);
            return DecisionOptions.path(name) + "/rollouts/" + wanted;
        }

        private long last(ApiClient client) throws ApiException {
            JsonNode last = DecisionOptions.channels(client, name).path("rollout");
            if (last.isMissingNode()) {
                throw new UsageException("There was no rollout of " + name + " yet");
            }
            return last.path("number").asLong();
        }
    }

    /** What commands have in common that decide about a rollout. */
    static final class Decision {
        @Mixin
        private NodeOptions node;

        @Mixin
        private Target target;

        @Mixin
        private DecisionOptions options;

        private int take(String action) throws ApiException {
            return node.showOne(client ->
                    client.post(target.path(client) + "/" + action, options.body(client, target.name), Map.of()));
        }
    }

    @Command(name = "start", description = "Give a version to a share of the agents that follow stable.")
    static final class Start implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Mixin
        private DecisionOptions decision;

        @Parameters(index = "0", paramLabel = "NAME", description = NAME)
        private String name;

        @Parameters(index = "1", paramLabel = "VERSION", description = "A published version.")
        private String version;

        @Option(
                names = "--share",
                paramLabel = "SHARE",
                defaultValue = "0.05",
                description = "Which part of the agents, up to 0.5. Default: ${DEFAULT-VALUE}.")
        private double share;

        @Option(
                names = "--error-ratio",
                paramLabel = "RATIO",
                defaultValue = "1.5",
                description =
                        "How many times the stable version's odds of failing it may have. Default: ${DEFAULT-VALUE}.")
        private double errorRatio;

        @Option(
                names = "--latency-ratio",
                paramLabel = "RATIO",
                defaultValue = "2",
                description = "Likewise of being slower than the quantile. Default: ${DEFAULT-VALUE}.")
        private double latencyRatio;

        @Option(
                names = "--latency-quantile",
                paramLabel = "Q",
                defaultValue = "0.95",
                description = "Of the stable version's times. Default: ${DEFAULT-VALUE}.")
        private double latencyQuantile;

        @Option(
                names = "--alpha",
                paramLabel = "P",
                defaultValue = "0.01",
                description = "The chance that one within its bounds is rolled back. Default: ${DEFAULT-VALUE}.")
        private double alpha;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> {
                ObjectNode body =
                        decision.body(client, name).put("version", version).put("share", share);
                body.putObject("bounds")
                        .put("errorRatio", errorRatio)
                        .put("latencyRatio", latencyRatio)
                        .put("latencyQuantile", latencyQuantile)
                        .put("alpha", alpha);
                return client.post(DecisionOptions.path(name) + "/rollouts", body, Map.of());
            });
        }
    }

    @Command(name = "list", description = "List a definition's rollouts, the newest first.")
    static final class Listing implements Callable<Integer> {
        private static final List<Column> COLUMNS = List.of(
                Column.of("ROLLOUT", "number"),
                Column.of("STATE", "state"),
                Column.of("STABLE", "stable"),
                Column.of("CANARY", "canary"),
                Column.of("SHARE", "share"),
                Column.of("BY", "by"),
                Column.of("STARTED", "startedAt"),
                Column.of("WHY", "why"));

        @Mixin
        private NodeOptions node;

        @Mixin
        private LimitOption page;

        @Parameters(index = "0", paramLabel = "NAME", description = NAME)
        private String name;

        @Override
        public Integer call() throws ApiException {
            return node.showList(
                    COLUMNS,
                    client ->
                            client.list(DecisionOptions.path(name) + "/rollouts", Map.of(), "rollouts", page.limit()));
        }
    }

    @Command(name = "get", description = "Show a rollout.")
    static final class Get implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Mixin
        private Target target;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.get(target.path(client)));
        }
    }

    @Command(name = "evidence", description = "Show what a rollout was judged by so far.")
    static final class Evidence implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Mixin
        private Target target;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.get(target.path(client) + "/evidence"));
        }
    }

    @Command(name = "share", description = "Give the canary to more agents, or to fewer.")
    static final class Share implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Mixin
        private Target target;

        @Mixin
        private DecisionOptions decision;

        @Parameters(index = "1", paramLabel = "SHARE", description = "Which part of the agents, up to 0.5.")
        private double share;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.post(
                    target.path(client) + "/share",
                    decision.body(client, target.name).put("share", share),
                    Map.of()));
        }
    }

    @Command(name = "pause", description = "Give everybody the stable version for a while.")
    static final class Pause implements Callable<Integer> {
        @Mixin
        private Decision decision;

        @Override
        public Integer call() throws ApiException {
            return decision.take("pause");
        }
    }

    @Command(name = "resume", description = "Give the canary to its cohort again.")
    static final class Resume implements Callable<Integer> {
        @Mixin
        private Decision decision;

        @Override
        public Integer call() throws ApiException {
            return decision.take("resume");
        }
    }

    @Command(name = "promote", description = "Make the canary the stable version.")
    static final class Promote implements Callable<Integer> {
        @Mixin
        private Decision decision;

        @Override
        public Integer call() throws ApiException {
            return decision.take("promote");
        }
    }

    @Command(name = "rollback", description = "Give everybody the stable version, for good.")
    static final class Rollback implements Callable<Integer> {
        @Mixin
        private Decision decision;

        @Override
        public Integer call() throws ApiException {
            return decision.take("rollback");
        }
    }
}
