package io.signalbox.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.config.LogConfig.LogFormat;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class NodeLoggingTest {
    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

    @Test
    void shouldWriteOneObjectALineWhenJson() throws Exception {
        String line = encoded(LogFormat.JSON, "a \"quoted\"\nmessage");

        assertThat(line.strip()).doesNotContain("\n");
        JsonNode object = new ObjectMapper().readTree(line);
        assertThat(object.path("formattedMessage").asText()).isEqualTo("a \"quoted\"\nmessage");
        assertThat(object.path("level").asText()).isEqualTo("WARN");
        assertThat(object.path("throwable").path("message").asText()).isEqualTo("on purpose");
    }

    @Test
    void shouldWriteLevelLoggerAndMessageWhenText() {
        String line = encoded(LogFormat.TEXT, "a message");

        assertThat(line).contains("WARN", "Somewhere", "a message", "on purpose");
    }

    private String encoded(LogFormat format, String message) {
        LoggingEvent event = new LoggingEvent(
                "",
                context.getLogger("io.signalbox.Somewhere"),
                Level.WARN,
                message,
                new IllegalStateException("on purpose"),
                new Object[0]);
        return new String(NodeLogging.encoder(format, context).encode(event), StandardCharsets.UTF_8);
    }
}
