package io.signalbox.node.cli;

import io.signalbox.config.ConfigException;
import io.signalbox.node.NodeException;
import io.signalbox.node.client.ApiException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The process's entry: runs one command and exits with 0 when it succeeded, 1 when it failed, 2 when it was used wrongly. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new SignalboxCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                // @FILE is the value of an option here, not a file of arguments.
                .setExpandAtFiles(false)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Main::explainUse)
                .setExecutionExceptionHandler(Main::explain);
    }

    /** What is wrong stands at the end, where it is seen; all that can be done is shown only when nothing was asked for. */
    private static int explainUse(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter err = command.getErr();
        boolean nothingAsked = !command.getSubcommands().isEmpty() && !(wrong instanceof UnmatchedArgumentException);
        if (nothingAsked) {
            command.usage(err);
            err.println();
        }
        // "option option '--set'" is what picocli says of options with a map.
        fail(command, wrong.getMessage().replace("option option", "option"), CommandLine.ExitCode.USAGE);
        UnmatchedArgumentException.printSuggestions(wrong, err);
        if (!nothingAsked) {
            err.println("How it is used: " + command.getCommandSpec().qualifiedName() + " --help");
        }
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    /** What the person can do something about is a message; anything else is a fault of ours and shows where. */
    private static int explain(Exception failure, CommandLine command, ParseResult ignored) throws Exception {
        return switch (failure) {
            case ConfigException e -> fail(command, e.getMessage(), CommandLine.ExitCode.USAGE);
            case UsageException e -> fail(command, e.getMessage(), CommandLine.ExitCode.USAGE);
            case NodeException e -> fail(command, e.getMessage(), CommandLine.ExitCode.SOFTWARE);
            case ApiException e -> fail(command, e.getMessage(), CommandLine.ExitCode.SOFTWARE);
            default -> throw failure;
        };
    }

    private static int fail(CommandLine command, String message, int exitCode) {
        command.getErr().println(command.getColorScheme().errorText(message));
        return exitCode;
    }
}
