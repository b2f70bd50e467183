package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How a command prints its results. */
final class OutputOptions {
    enum Form {
        TABLE,
        JSON
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            description = "table or json; else table on a terminal and json elsewhere.")
    private Optional<Form> form = Optional.empty();

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    /** A table with a line for each item. */
    void list(ArrayNode items, List<Column> columns) {
        print(items, Table.ofItems(items, columns));
    }

    /** A table with a line for each property. */
    void one(JsonNode item) {
        print(item, Table.ofProperties(item));
    }

    boolean isTable() {
        return form.orElseGet(Terminal::preferredForm) == Form.TABLE;
    }

    private void print(JsonNode json, Table table) {
        PrintWriter out = spec.commandLine().getOut();
        if (isTable()) {
            table.print(out);
        } else {
            out.println(json.toPrettyString());
        }
        out.flush();
    }
}
