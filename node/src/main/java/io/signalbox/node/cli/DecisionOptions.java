package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Of commands that decide about a definition's channels. */
final class DecisionOptions {
    @Option(names = "--why", paramLabel = "TEXT", defaultValue = "", description = "For the history.")
    private String why;

    @Option(
            names = "--revision",
            paramLabel = "N",
            description =
                    "Of the channels, as you saw them; when they are at another, nothing is done. Else the present one.")
    private Optional<Long> revision = Optional.empty();

    static String path(String definition) {
        return "/v1/definitions/" + ApiClient.segment(definition);
    }

    ObjectNode body(ApiClient client, String definition) throws ApiException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        if (!why.isEmpty()) {
            body.put("why", why);
        }
        return body.put(
                "revision",
                revision.isPresent()
                        ? revision.get()
                        : channels(client, definition).path("revision").asLong());
    }

    static JsonNode channels(ApiClient client, String definition) throws ApiException {
        return client.get(path(definition) + "/channels");
    }
}
