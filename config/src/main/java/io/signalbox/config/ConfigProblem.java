package io.signalbox.config;

import java.util.Objects;

/**
 * One value that cannot be used. Immutable.
 *
 * @param key such as {@code gateway.port}; empty when the source as a whole is at fault
 * @param source where the value stands, such as {@code line 3 of signalbox.yaml}
 * @param value as written, masked when it is a secret; empty when there is none to show
 * @param expected what should stand there
 */
public record ConfigProblem(String key, String source, String value, String expected) {
    public ConfigProblem {
        Objects.requireNonNull(key);
        Objects.requireNonNull(source);
        Objects.requireNonNull(value);
        Objects.requireNonNull(expected);
    }

    /** One line for the operator. */
    @Override
    public String toString() {
        String subject = key.isEmpty() ? source : key + " = \"" + value + "\" (" + source + ")";
        return subject + ": " + expected;
    }
}
