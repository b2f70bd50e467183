package io.signalbox.node.cli;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** A column of a table of JSON objects. Immutable. */
record Column(String heading, JsonPointer pointer) {
    /** @param property name of a property, or a path of names separated by {@code /} */
    static Column of(String heading, String property) {
        return new Column(heading, JsonPointer.compile("/" + property));
    }

    String cell(JsonNode item) {
        return text(item.at(pointer));
    }

    /** In one line; a dash for nothing. */
    static String text(JsonNode value) {
        String text = value.isArray() ? joined(value) : value.isObject() ? value.toString() : value.asText("");
        return text.isEmpty() || value.isNull() ? "-" : text.replaceAll("\\s*\\R\\s*", " ");
    }

    private static String joined(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(Column::text)
                .collect(Collectors.joining(", "));
    }
}
