package io.signalbox.node.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = {
            "Print a script that completes commands in bash and zsh.",
            "",
            "In this shell:",
            "source <(./signalbox completion)",
            "",
            "For good:",
            "./signalbox completion > ~/.local/share/bash-completion/completions/signalbox"
        })
final class CompletionCommand implements Runnable {
    private static final PositionalParamSpec FILE =
            PositionalParamSpec.builder().type(Path.class).build();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        CommandLine root = Main.commandLine();
        // What the launcher does itself.
        root.addSubcommand("java", CommandSpec.create().addPositional(FILE));
        root.addSubcommand("load", CommandSpec.create());
        root.addSubcommand("jdk", CommandSpec.create());
        PrintWriter out = spec.commandLine().getOut();
        out.print(AutoComplete.bash(root.getCommandName(), root));
        out.flush();
    }
}
