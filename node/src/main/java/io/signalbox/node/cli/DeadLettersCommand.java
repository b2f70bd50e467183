package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
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
        name = "dead-letters",
        description = {
            "See durable messages that could not be delivered; put them into their mailboxes again, or drop them.",
            "A message dies when its agent did not acknowledge it often enough (ATTEMPTS_EXHAUSTED), when its time-to-live was"
                    + " over (EXPIRED), or when the agent refused it for good (REJECTED)."
        },
        subcommands = {
            DeadLettersCommand.Listing.class,
            DeadLettersCommand.Get.class,
            DeadLettersCommand.Replay.class,
            DeadLettersCommand.Drop.class
        })
final class DeadLettersCommand {
    /** What a message dies of, as in the codes table. */
    private enum Reason {
        ATTEMPTS_EXHAUSTED,
        EXPIRED,
        REJECTED
    }

    private static String path(String agent) {
        return "/v1/agents/" + ApiClient.segment(agent) + "/dead-letters";
    }

    private static String path(String agent, String message) {
        return path(agent) + "/" + ApiClient.segment(message);
    }

    @Command(name = "list", description = "List dead letters, the newest first.")
    static final class Listing implements Callable<Integer> {
        private static final List<Column> COLUMNS = List.of(
                Column.of("AGENT", "agent"),
                Column.of("MESSAGE", "id"),
                Column.of("CODE", "code"),
                Column.of("ATTEMPTS", "attempts"),
                Column.of("DIED", "diedAt"),
                Column.of("SOURCE", "source"),
                Column.of("TYPE", "type"),
                Column.of("REASON", "reason"));

        @Mixin
        private NodeOptions node;

        @Mixin
        private LimitOption page;

        @Option(names = "--agent", paramLabel = "AGENT", defaultValue = "", description = "Only those of this agent.")
        private String agent;

        @Option(names = "--code", paramLabel = "CODE", description = "Only those: ${COMPLETION-CANDIDATES}.")
        private Optional<Reason> code = Optional.empty();

        @Override
        public Integer call() throws ApiException {
            Map<String, String> filter =
                    Map.of("agent", agent, "code", code.map(Reason::name).orElse(""));
            return node.showList(
                    COLUMNS, client -> client.list("/v1/dead-letters", filter, "deadLetters", page.limit()));
        }
    }

    @Command(name = "get", description = "Show one dead letter with its message.")
    static final class Get implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(index = "0", paramLabel = "AGENT", description = "The agent whose mailbox it was in.")
        private String agent;

        @Parameters(index = "1", paramLabel = "MESSAGE", description = "The message's id.")
        private String message;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> client.get(path(agent, message)));
        }
    }

    @Command(
            name = "replay",
            description = {
                "Put messages into their agent's mailbox again, one or all of an agent's, the oldest first.",
                "The agent is told that it may have had them. A time-to-live that is over counts no more.",
                "When the mailbox is full, it ends early and says so; then the exit code is 1."
            })
    static final class Replay implements Callable<Integer> {
        private static final int MOST_AT_ONCE = 1000;
        private static final Range ANY = new Range(1, Integer.MAX_VALUE);

        @Mixin
        private NodeOptions node;

        @Parameters(index = "0", paramLabel = "AGENT", description = "The agent whose mailbox they were in.")
        private String agent;

        @Parameters(index = "1", arity = "0..1", paramLabel = "MESSAGE", description = "The message's id; or --all.")
        private Optional<String> message = Optional.empty();

        @Option(names = "--all", description = "All dead letters of the agent.")
        private boolean all;

        @Option(
                names = "--code",
                paramLabel = "CODE",
                description = "With --all: those of ${COMPLETION-CANDIDATES} alone.")
        private Optional<Reason> code = Optional.empty();

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "" + Integer.MAX_VALUE,
                description = "With --all: at most so many.")
        private int limit;

        @Override
        public Integer call() throws ApiException {
            ANY.check("--limit", limit);
            if (all == message.isPresent()) {
                throw new UsageException("Give a MESSAGE, or --all");
            }
            ObjectNode sum = JsonNodeFactory.instance.objectNode();
            int exitCode = node.showOne(client -> {
                sum.setAll(message.isPresent() ? one(client, message.get()) : all(client));
                return sum;
            });
            return sum.has("reason") ? ExitCode.SOFTWARE : exitCode;
        }

        private ObjectNode one(ApiClient client, String id) throws ApiException {
            return (ObjectNode) post(client, path(agent, id) + "/replay");
        }

        private ObjectNode all(ApiClient client) throws ApiException {
            ObjectNode sum = JsonNodeFactory.instance.objectNode();
            int done = 0;
            boolean more = true;
            while (more && done < limit && !sum.has("reason")) {
                JsonNode answer = next(client, done);
                done += answer.path("replayed").asInt();
                more = answer.path("more").asBoolean();
                sum.setAll((ObjectNode) answer);
                sum.put("replayed", done);
            }
            return sum;
        }

        /** A refusal after some were replayed does not hide how many. */
        private JsonNode next(ApiClient client, int done) throws ApiException {
            String query = code.map(wanted -> "?code=" + wanted + "&").orElse("?") + "limit="
                    + Math.min(MOST_AT_ONCE, limit - done);
            try {
                return post(client, path(agent) + "/replay" + query);
            } catch (ApiException e) {
                if (done == 0) {
                    throw e;
                }
                return JsonNodeFactory.instance.objectNode().put("more", true).put("reason", e.getMessage());
            }
        }

        private static JsonNode post(ApiClient client, String path) throws ApiException {
            return client.post(path, JsonNodeFactory.instance.objectNode(), Map.of());
        }
    }

    @Command(name = "drop", description = "Drop dead letters and their messages, for good.")
    static final class Drop implements Callable<Integer> {
        @Mixin
        private NodeOptions node;

        @Parameters(index = "0", paramLabel = "AGENT", description = "The agent whose mailbox they were in.")
        private String agent;

        @Parameters(index = "1..*", arity = "1..*", paramLabel = "MESSAGE", description = "The ids of messages.")
        private List<String> messages;

        @Override
        public Integer call() throws ApiException {
            return node.showOne(client -> {
                for (String message : messages) {
                    client.delete(path(agent, message));
                }
                return JsonNodeFactory.instance.objectNode().put("dropped", messages.size());
            });
        }
    }
}
