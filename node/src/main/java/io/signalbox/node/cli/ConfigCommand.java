package io.signalbox.node.cli;

import io.signalbox.config.ConfigDocument;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "config",
        description = {
            "Print an example of signalbox.yaml with every key, its meaning and default.",
            "",
            "With --effective: check the configuration and print what it comes to, without secrets."
        })
final class ConfigCommand implements Callable<Integer> {
    @Mixin
    private ConfigOptions configuration;

    @Option(names = "--effective", description = "Print the values that `signalbox up` would use.")
    private boolean effective;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(effective ? ConfigDocument.yaml(configuration.load()) : ConfigDocument.exampleYaml());
        out.flush();
        return ExitCode.OK;
    }
}
