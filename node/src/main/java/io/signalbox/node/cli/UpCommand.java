package io.signalbox.node.cli;

import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.NodeLogging;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "up",
        description = {
            "Start a node and run it until Ctrl-C.",
            "",
            "PostgreSQL and Redis are started with it unless postgres.url and redis.url name others."
        })
final class UpCommand implements Callable<Integer> {
    @Mixin
    private ConfigOptions configuration;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        SignalboxConfig config = configuration.load();
        NodeLogging.configure(config.log());
        return new NodeRun(config, spec.commandLine().getOut()).untilStopped();
    }
}
