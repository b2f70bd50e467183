package io.signalbox.node.cli;

import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.NodeLogging;
import io.signalbox.node.supervisor.Supervisor;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "up",
        description = {
            "Start a node and run it until Ctrl-C.",
            "",
            "PostgreSQL and Redis are started with it unless postgres.url and redis.url name others.",
            "",
            "With --nodes: several nodes on this machine, each in a process of its own, over the same PostgreSQL and Redis."
                    + " They are node-1, node-2 and so on (or node.id with a number), at gateway.port and the ports after it."
                    + " One that dies is started again."
        })
final class UpCommand implements Callable<Integer> {
    private static final Range NODES = new Range(1, 16);

    @Mixin
    private ConfigOptions configuration;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "1",
            description = "So many nodes, 1 to 16; else ${DEFAULT-VALUE}.")
    private int nodes;

    /** Given by the supervisor to the nodes that it starts. */
    @Option(names = "--supervised", hidden = true)
    private boolean supervised;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        NODES.check("--nodes", nodes);
        SignalboxConfig config = configuration.load();
        NodeLogging.configure(config.log());
        PrintWriter out = spec.commandLine().getOut();
        if (supervised) {
            return new SupervisedRun(config, System.in, out).untilStopped();
        }
        ForegroundRun.Subject subject = nodes == 1 ? new OneNode(config) : several(config);
        return new ForegroundRun(subject, config.node().drainTimeout(), out).untilStopped();
    }

    private SeveralNodes several(SignalboxConfig config) {
        // Logs are in UTF-8, whatever the terminal's encoding.
        PrintStream log = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        return new SeveralNodes(
                config, new Supervisor(config, configuration.file(), configuration.settings(), nodes, log::println));
    }
}
