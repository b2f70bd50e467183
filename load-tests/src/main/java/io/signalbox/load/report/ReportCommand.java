package io.signalbox.load.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "report",
        description = "Make report.html again from the results.json of a load test.",
        mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "What --report named.")
    private Path directory;

    @Override
    public Integer call() throws IOException {
        ReportDirectory report = new ReportDirectory(directory);
        if (!Files.isRegularFile(report.results())) {
            throw new ParameterException(spec.commandLine(), "there is no " + report.results());
        }
        report.render();
        spec.commandLine().getOut().println("written: " + report.page());
        return ExitCode.OK;
    }
}
