package io.signalbox.node.client;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Why the node refused a request, as it says in problem details. Immutable.
 *
 * @param status of HTTP
 * @param title one short sentence for this kind of problem
 * @param detail what is wrong this time; may be empty
 * @param code name in the table of codes, such as {@code NO_SUCH_SKILL}; empty when something between refused
 */
public record Problem(int status, String title, String detail, String code) {
    static Problem of(int status, JsonNode body) {
        return new Problem(
                status,
                body.path("title").asText("The node answered with status " + status),
                body.path("detail").asText(""),
                body.path("code").asText(""));
    }

    @Override
    public String toString() {
        String text = detail.isEmpty() || detail.equals(title) ? title : title + ": " + detail;
        return code.isEmpty() ? text : text + " (" + code + ")";
    }
}
