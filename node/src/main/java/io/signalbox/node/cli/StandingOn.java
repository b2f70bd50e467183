package io.signalbox.node.cli;

import io.signalbox.config.SignalboxConfig;
import java.util.Map;

/**
 * What nodes stand on, for those who started them.
 *
 * @param facts what the embedded stores answered to questions about their settings
 */
record StandingOn(SignalboxConfig config, Map<String, String> facts) {
    /** Lines of an announcement. */
    String text() {
        return """
                  PostgreSQL  %s
                  Redis       %s
                  Data        %s
                  Identity    %s
                """.formatted(
                        store(config.postgres().url(), "postgres."),
                        store(String.join(", ", config.redis().url()), "redis."),
                        config.node().dataDirectory().toAbsolutePath().normalize(),
                        identity());
    }

    /** What the running server said of its settings shows that it is durable. */
    private String store(String url, String prefix) {
        if (!url.isEmpty()) {
            return url;
        }
        return facts.entrySet().stream()
                .filter(fact -> fact.getKey().startsWith(prefix))
                .map(fact -> fact.getKey().substring(prefix.length()) + " " + fact.getValue())
                .reduce("embedded", (all, fact) -> all + ", " + fact);
    }

    private String identity() {
        return config.identity()
                .publicKeyFile()
                .map(file -> "tokens verified by " + file)
                .orElse("none: everybody on this machine may do everything");
    }
}
