package io.signalbox.load.benchmark;

import static java.util.stream.Collectors.joining;

import io.signalbox.load.report.Machine;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs JMH, one benchmark after the other, each in a JVM of its own with the options of this one. */
@Command(
        name = "benchmark",
        description = {
            "Measure the pieces of the message path: time and allocated bytes for each operation.",
            "Takes about five minutes for all, and wants a machine with nothing else to do."
        },
        mixinStandardHelpOptions = true)
public final class BenchmarkCommand implements Callable<Integer> {
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            defaultValue = "",
            description = "Only benchmarks in whose name this regular expression is found, such as Bus or Codec.*Json.")
    private String pattern;

    @Option(names = "--report", paramLabel = "DIR", description = "Gets benchmark.json, in JMH's form.")
    private Optional<Path> report = Optional.empty();

    @Override
    public Integer call() throws IOException, RunnerException {
        List<String> chosen = chosen();
        say("%s", Machine.describe());
        say("%-36s %12s %24s %10s", "", "ns/op", "lowest to highest", "B/op");
        List<RunResult> results = new ArrayList<>();
        for (String benchmark : chosen) {
            for (RunResult result : new Runner(options(benchmark)).run()) {
                print(result);
                results.add(result);
            }
        }
        if (report.isPresent()) {
            write(results, report.get());
        }
        return ExitCode.OK;
    }

    private List<String> chosen() {
        List<String> all = BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
                .stream()
                .map(benchmark -> benchmark.getUsername())
                .sorted()
                .toList();
        Pattern wanted = wanted();
        List<String> chosen = all.stream()
                .filter(name -> wanted.matcher(shortened(name)).find())
                .toList();
        if (chosen.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "No benchmark's name has '%s' in it; there are%n%s"
                            .formatted(
                                    pattern,
                                    all.stream()
                                            .map(BenchmarkCommand::shortened)
                                            .collect(joining("\n  ", "  ", ""))));
        }
        return chosen;
    }

    private Pattern wanted() {
        try {
            return Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new ParameterException(spec.commandLine(), "Not a regular expression: " + e.getMessage());
        }
    }

    /** {@code Codec.readHeader} for {@code io.signalbox.load.benchmark.CodecBenchmark.readHeader}. */
    private static String shortened(String name) {
        return name.substring(BenchmarkCommand.class.getPackageName().length() + 1)
                .replace("Benchmark.", ".");
    }

    private static Options options(String benchmark) {
        return new OptionsBuilder()
                .include("^" + Pattern.quote(benchmark) + "$")
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(5)
                .measurementTime(TimeValue.seconds(1))
                .addProfiler(GCProfiler.class)
                // As Netty is in a node: what the launcher allows for JMH would make it use Unsafe.
                .jvmArgsAppend("-Xms1g", "-Xmx1g", "-Dio.netty.noUnsafe=true")
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();
    }

    private void print(RunResult result) {
        Result<?> time = result.getPrimaryResult();
        Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
        say(
                "%-36s %,12.1f %24s %,10.0f",
                shortened(result.getParams().getBenchmark()),
                time.getScore(),
                "%,.1f to %,.1f"
                        .formatted(
                                time.getStatistics().getMin(),
                                time.getStatistics().getMax()),
                allocated.getScore());
    }

    private void write(List<RunResult> results, Path directory) throws IOException {
        Path file = Files.createDirectories(directory).resolve("benchmark.json");
        try (PrintStream out = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(results);
            if (out.checkError()) {
                throw new IOException(file + " could not be written");
            }
        }
        say("written: %s", file);
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(format.formatted(arguments));
        out.flush();
    }
}
