package io.signalbox.node.cli;

import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.ListenAddress;
import io.signalbox.node.supervisor.NodePlan;
import io.signalbox.node.supervisor.Supervisor;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.stream.Collectors;

/** Nodes in processes of their own. */
record SeveralNodes(SignalboxConfig config, Supervisor supervisor) implements ForegroundRun.Subject {
    @Override
    public Future<?> start() {
        return supervisor.start();
    }

    @Override
    public Future<Void> stop() {
        return supervisor.stop();
    }

    @Override
    public void hurry() {
        supervisor.hurry();
    }

    @Override
    public String announcement(Duration taken) {
        String url = url(supervisor.nodes().getFirst());
        return """

                %d nodes are ready after %.1f s.

                %s
                  HTTP API    %s/v1          (of any node; read about it: %s/docs)
                  WebSocket   %s/v1/connect
                %s
                Ctrl-C stops them. One that dies is started again.
                """.formatted(
                        supervisor.nodes().size(),
                        taken.toMillis() / 1000.0,
                        supervisor.nodes().stream().map(this::line).collect(Collectors.joining("\n")),
                        url,
                        url,
                        url.replaceFirst("http", "ws"),
                        new StandingOn(config, supervisor.facts()).text());
    }

    private String line(NodePlan node) {
        return "  %-10s  %s      (for other nodes: %s:%d)"
                .formatted(node.id(), url(node), config.cluster().host(), node.clusterPort());
    }

    private String url(NodePlan node) {
        String scheme = config.gateway().tlsCertificateFile().isPresent() ? "https" : "http";
        return ListenAddress.of(config.gateway()).url(scheme, node.gatewayPort());
    }
}
