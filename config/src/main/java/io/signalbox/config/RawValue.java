package io.signalbox.config;

import java.util.Arrays;
import java.util.List;

/**
 * A value as it was written, not yet understood.
 *
 * @param text the whole of it
 * @param items the elements, when it is taken as a list
 * @param source where it stands, for the operator
 */
record RawValue(String text, List<String> items, String source) {
    RawValue {
        items = List.copyOf(items);
    }

    /** A single text; as a list its elements are separated by commas. */
    static RawValue of(String text, String source) {
        List<String> items = Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
        return new RawValue(text.strip(), items, source);
    }

    static RawValue ofItems(List<String> items, String source) {
        return new RawValue(String.join(", ", items), items, source);
    }
}
