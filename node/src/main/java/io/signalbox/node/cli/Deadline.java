package io.signalbox.node.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** A point in time as people give it: from now on, or absolute. */
final class Deadline {
    private Deadline() {}

    /**
     * @param option names it in the refusal
     * @throws UsageException when it is neither {@code 1h30m} nor {@code 2030-01-31T12:00:00Z}
     */
    static Instant parse(String option, String text, Instant now) {
        try {
            return Character.isDigit(text.charAt(text.length() - 1)) || text.contains("-") || text.contains(":")
                    ? Instant.parse(text)
                    : now.plus(Duration.parse("PT" + text));
        } catch (DateTimeParseException | IndexOutOfBoundsException e) {
            throw new UsageException(
                    option + " \"" + text
                            + "\": expected a duration such as 10m or a time such as 2030-01-31T12:00:00Z",
                    e);
        }
    }
}
