package io.signalbox.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.signalbox.codecs.Code;
import io.signalbox.node.client.ServerEvent;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;

/** Prints a task's events, a line each. Not thread-safe. */
final class TaskProgress {
    private static final List<String> SHOWN = List.of("agent", "attempt", "percent", "message", "code", "reason");

    private final ObjectMapper json = new ObjectMapper();
    private final PrintWriter out;

    TaskProgress(PrintWriter out) {
        this.out = out;
    }

    /** Why a task waits that nobody got at once: nothing may happen for long. */
    void explain(JsonNode submitted) {
        String code = submitted.path("code").asText("");
        if (!code.isEmpty()) {
            out.println("waits  " + Column.text(submitted.path("reason")) + " (" + code + ")");
        }
        if (code.equals(Code.NO_SUCH_SKILL.name())) {
            out.println("       until one comes; --fail-fast refuses such a task, --deadline ends it");
        }
        out.flush();
    }

    void show(ServerEvent event) {
        JsonNode details = parsed(event.data());
        String text = SHOWN.stream()
                .filter(name -> !details.path(name).asText("").isEmpty())
                .map(name -> name + " " + Column.text(details.path(name)))
                .collect(Collectors.joining(", "));
        out.println((event.type() + "  " + text).strip());
        out.flush();
    }

    /** Details are for the person who waits: without them the event still says what happened. */
    private JsonNode parsed(String data) {
        try {
            return json.readTree(data);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
