package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.util.List;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** For commands that ask a node and print what it answers. */
final class NodeOptions {
    @Mixin
    private ClientOptions node;

    @Mixin
    private OutputOptions output;

    /** A question to a node. */
    @FunctionalInterface
    interface Question<T> {
        T ask(ApiClient client) throws ApiException;
    }

    /** Returns the exit code. */
    int showOne(Question<JsonNode> question) throws ApiException {
        try (ApiClient client = client()) {
            output.one(question.ask(client));
            return ExitCode.OK;
        }
    }

    /** Returns the exit code. */
    int showList(List<Column> columns, Question<ArrayNode> question) throws ApiException {
        try (ApiClient client = client()) {
            output.list(question.ask(client), columns);
            return ExitCode.OK;
        }
    }

    ApiClient client() {
        return node.client();
    }

    OutputOptions output() {
        return output;
    }
}
