package io.signalbox.node.cli;

import io.signalbox.node.demo.DemoCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What is behind {@code ./signalbox}; does nothing itself. */
@Command(
        name = "signalbox",
        description = "Message bus and orchestrator for large fleets of AI agents.",
        versionProvider = VersionProvider.class,
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nBesides, in a tree of the sources:%n",
        footer = {
            "  java FILE    Run a Java program in one file with the SDK on its class path.",
            "  load         Measure a node, and check that it loses nothing under kill -9.",
            "  jdk          Print where the JDK is that runs Signalbox."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed, or refused by the node", "2:used wrongly, or configured wrongly"},
        subcommands = {
            UpCommand.class,
            NodesCommand.class,
            DemoCommand.class,
            TaskCommand.class,
            ScheduleCommand.class,
            AgentsCommand.class,
            MailboxCommand.class,
            DeadLettersCommand.class,
            LocksCommand.class,
            FleetCommand.class,
            DefinitionsCommand.class,
            SkillsCommand.class,
            KeysCommand.class,
            TokenCommand.class,
            ConfigCommand.class,
            CompletionCommand.class,
            HelpCommand.class
        })
final class SignalboxCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show what can be done and how.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    private boolean version;
}
