package io.signalbox.config;

/** What is logged, and how. Immutable, thread-safe. */
public record LogConfig(
        @Setting(value = "Form of the log", defaultValue = "text")
        LogFormat format,

        @Setting(value = "Least level that is logged", defaultValue = "info")
        LogLevel level) {
    public enum LogFormat {
        TEXT,
        JSON
    }

    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }
}
