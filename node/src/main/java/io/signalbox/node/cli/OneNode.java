package io.signalbox.node.cli;

import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.SignalboxNode;
import io.vertx.core.Future;
import java.time.Duration;

/** A node in this process. */
record OneNode(SignalboxConfig config, SignalboxNode node) implements ForegroundRun.Subject {
    OneNode(SignalboxConfig config) {
        this(config, new SignalboxNode(config));
    }

    @Override
    public Future<?> start() {
        return node.start();
    }

    @Override
    public Future<Void> stop() {
        return node.stop();
    }

    @Override
    public void hurry() {
        node.hurry();
    }

    @Override
    public String announcement(Duration taken) {
        String url = node.url();
        return """

                Node %s is ready after %.1f s.

                  HTTP API    %s/v1          (read about it: %s/docs)
                  WebSocket   %s/v1/connect
                  Listens on  %s:%d
                  Health      %s/readyz      Metrics: %s/metrics
                %s
                Ctrl-C stops it.
                """.formatted(
                        config.node().id(),
                        taken.toMillis() / 1000.0,
                        url,
                        url,
                        url.replaceFirst("http", "ws"),
                        config.gateway().host(),
                        node.port(),
                        url,
                        url,
                        new StandingOn(config, node.facts()).text());
    }
}
