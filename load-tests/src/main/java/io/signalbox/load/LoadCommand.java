package io.signalbox.load;

import io.signalbox.load.benchmark.BenchmarkCommand;
import io.signalbox.load.chaos.ChaosCommand;
import io.signalbox.load.chaos.LocksCommand;
import io.signalbox.load.link.PeerLinkCommand;
import io.signalbox.load.queues.QueuesCommand;
import io.signalbox.load.report.ReportCommand;
import io.signalbox.load.run.Scenarios;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The load tests' command line: {@code ./signalbox load}. */
@Command(
        name = "signalbox load",
        description = "Load real nodes on this machine, and check that nothing is lost.",
        mixinStandardHelpOptions = true,
        subcommands = {
            TasksCommand.class,
            TasksRateCommand.class,
            QueuesCommand.class,
            RolloutCommand.class,
            ChaosCommand.class,
            LocksCommand.class,
            PeerLinkCommand.class,
            BenchmarkCommand.class,
            ReportCommand.class,
            CommandLine.HelpCommand.class
        })
public final class LoadCommand {
    private static final Logger SDK_LOG = Logger.getLogger("io.signalbox.sdk");

    private LoadCommand() {}

    public static void main(String[] arguments) {
        // An agent whose token died says so; here that is what happens by the hundred, and the ledger counts it.
        SDK_LOG.setLevel(Level.WARNING);
        CommandLine commands = new CommandLine(new LoadCommand());
        Scenarios.addTo(commands);
        commands.setExecutionExceptionHandler(LoadCommand::explain).setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(commands.execute(arguments));
    }

    private static int explain(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        if (failure instanceof LoadException explained) {
            command.getErr().println("The run failed: " + explained.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
        command.getErr().println("The run failed: " + failure);
        failure.printStackTrace(command.getErr());
        return CommandLine.ExitCode.SOFTWARE;
    }
}
