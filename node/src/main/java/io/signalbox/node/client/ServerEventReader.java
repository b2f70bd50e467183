package io.signalbox.node.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts events together from the lines of a stream in the format {@code text/event-stream}. Not thread-safe. */
final class ServerEventReader {
    private static final String DEFAULT_TYPE = "message";

    private final List<String> data = new ArrayList<>();
    private String id = "";
    private String type = DEFAULT_TYPE;

    /** Returns the event that this line completes. */
    Optional<ServerEvent> line(String line) {
        if (line.isEmpty()) {
            return complete();
        }
        int colon = line.indexOf(':');
        String field = colon < 0 ? line : line.substring(0, colon);
        String value = colon < 0 ? "" : line.substring(colon + 1);
        field(field, value.startsWith(" ") ? value.substring(1) : value);
        return Optional.empty();
    }

    /** Others, and comments, whose field is empty, mean nothing. */
    private void field(String field, String value) {
        if (field.equals("data")) {
            data.add(value);
        } else if (field.equals("id")) {
            id = value;
        } else if (field.equals("event")) {
            type = value;
        }
    }

    /** An event without data is none. The id stays for the events to come. */
    private Optional<ServerEvent> complete() {
        Optional<ServerEvent> event =
                data.isEmpty() ? Optional.empty() : Optional.of(new ServerEvent(id, type, String.join("\n", data)));
        data.clear();
        type = DEFAULT_TYPE;
        return event;
    }
}
