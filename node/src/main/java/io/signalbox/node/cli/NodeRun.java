package io.signalbox.node.cli;

import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.NodeException;
import io.signalbox.node.SignalboxNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.ExitCode;

/** One node in the foreground, from the start to the signal that ends it. Not thread-safe. */
final class NodeRun {
    private final SignalboxConfig config;
    private final PrintWriter out;
    private final SignalboxNode node;
    private final AtomicInteger signals = new AtomicInteger();
    private final CountDownLatch stopRequested = new CountDownLatch(1);

    NodeRun(SignalboxConfig config, PrintWriter out) {
        this.config = config;
        this.out = out;
        this.node = new SignalboxNode(config);
    }

    /** Returns the exit code. Throws {@code NodeException} when the node does not start. */
    int untilStopped() throws InterruptedException {
        StopSignals.handle(this::stop);
        try {
            start();
            stopRequested.await();
        } finally {
            node.stop().await();
        }
        say("Stopped.");
        return ExitCode.OK;
    }

    private void start() {
        Instant begin = Instant.now();
        try {
            node.start().await();
            say(announcement(Duration.between(begin, Instant.now())));
        } catch (NodeException e) {
            if (stopRequested.getCount() > 0) {
                throw e;
            }
        }
    }

    /** The first signal drains, the second cuts requests under way, the third leaves everything as it is. */
    private void stop() {
        switch (signals.incrementAndGet()) {
            case 1 -> {
                say("Stopping; requests under way get at most %d s. Once more (Ctrl-C) to hurry."
                        .formatted(config.node().drainTimeout().toSeconds()));
                say("Agents keep their tasks and go on with them when the node is back.");
                stopRequested.countDown();
                node.stop();
            }
            case 2 -> {
                say("Hurrying. Once more to leave at once; the next start then cleans up.");
                node.hurry();
            }
            default -> Runtime.getRuntime().halt(ExitCode.SOFTWARE);
        }
    }

    private String announcement(Duration taken) {
        String url = node.url();
        return """

                Node %s is ready after %.1f s.

                  HTTP API    %s/v1          (read about it: %s/docs)
                  WebSocket   %s/v1/connect
                  Listens on  %s:%d
                  Health      %s/readyz      Metrics: %s/metrics
                  PostgreSQL  %s
                  Redis       %s
                  Data        %s
                  Identity    %s

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
        Map<String, String> facts = node.facts();
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

    private void say(String text) {
        out.println(text);
        out.flush();
    }
}
