package io.signalbox.load.queues;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Inputs of tasks. */
final class Inputs {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Inputs() {}

    static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("an example input is no JSON", e);
        }
    }
}
