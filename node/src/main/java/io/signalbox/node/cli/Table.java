package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows of cells, printed so that columns are aligned. Immutable. */
record Table(List<List<String>> rows) {
    private static final String GAP = "  ";

    /** With a row of headings. */
    static Table ofItems(Iterable<JsonNode> items, List<Column> columns) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(columns.stream().map(Column::heading).toList());
        items.forEach(item ->
                rows.add(columns.stream().map(column -> column.cell(item)).toList()));
        return new Table(rows);
    }

    static Table ofProperties(JsonNode item) {
        return new Table(item.properties().stream()
                .map(property -> List.of(property.getKey(), Column.text(property.getValue())))
                .toList());
    }

    void print(PrintWriter out) {
        rows.forEach(row -> out.println(line(row)));
    }

    private String line(List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            String cell = row.get(column);
            line.append(cell).repeat(' ', width(column) - cell.length()).append(GAP);
        }
        return line.toString().stripTrailing();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }
}
