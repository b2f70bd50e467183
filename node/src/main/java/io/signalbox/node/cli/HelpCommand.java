package io.signalbox.node.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Not picocli's own: that one has a {@code --help} which the inherited one cannot stand beside. */
@Command(name = "help", description = "Show the same as --help.")
final class HelpCommand implements Runnable {
    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "Of this command: task submit.")
    private List<String> path = List.of();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        CommandLine command = spec.root().commandLine();
        for (String name : path) {
            command = Optional.ofNullable(command.getSubcommands().get(name))
                    .orElseThrow(() -> new UsageException("There is no command \"" + String.join(" ", path) + "\""));
        }
        PrintWriter out = spec.commandLine().getOut();
        command.usage(out);
        out.flush();
    }
}
