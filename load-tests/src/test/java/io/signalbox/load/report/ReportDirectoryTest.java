package io.signalbox.load.report;

import static io.signalbox.load.report.SomeResults.faulty;
import static io.signalbox.load.report.SomeResults.peer;
import static io.signalbox.load.report.SomeResults.repetition;
import static io.signalbox.load.report.SomeResults.results;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ReportDirectoryTest {
    private static final Pattern DATA = Pattern.compile("<script type=\"application/json\" id=\"data\">(.*)</script>");

    private final Results results = results(
            peer("Signalbox", 12, repetition(10, 30, 1, 2, 3), faulty(repetition(10, 30, 1), true, 1, 0, 0, Map.of())),
            peer("NATS", 6, repetition(10, 60, 4)));

    @TempDir
    private Path home;

    private String page() throws IOException {
        return Files.readString(home.resolve("new/report.html"));
    }

    private JsonNode data() throws IOException {
        Matcher data = DATA.matcher(page());
        assertThat(data.find()).isTrue();
        return new ObjectMapper().readTree(data.group(1));
    }

    private int command(StringWriter out, Path directory) {
        CommandLine command = new CommandLine(new ReportCommand());
        return command.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(directory.toString());
    }

    @Test
    void shouldKeepResultsAsTheyAre() throws IOException {
        ReportDirectory directory = new ReportDirectory(home.resolve("new"));

        directory.write(results);

        assertThat(new ObjectMapper().readValue(directory.results().toFile(), Results.class))
                .isEqualTo(results);
    }

    @Test
    void shouldCarryTheDataInThePage() throws IOException {
        new ReportDirectory(home.resolve("new")).write(results);

        JsonNode data = data();
        assertThat(data.at("/results/command").asText()).isEqualTo(results.command());
        assertThat(data.at("/results/machine").asText()).isEqualTo("Linux, 2 cores");
        assertThat(data.at("/results/peers/0/repetitions/0/seconds/0/p99Ms").asDouble())
                .isEqualTo(2);
        assertThat(data.at("/steps/0/rows/0/cpuMicros/times/NATS").asDouble()).isEqualTo(0.5);
        assertThat(data.at("/marks")).hasSize(2);
        assertThat(page()).as("histograms stay in results.json").doesNotContain("\"latency\":");
    }

    @Test
    void shouldBeOneFileThatNeedsNoOther() throws IOException {
        new ReportDirectory(home.resolve("new")).write(results);

        assertThat(page())
                .contains("var uPlot=", "Copyright (c) 2022 Leon Sorokin", "function chartPercentiles", ".uplot")
                .doesNotContain("{{", "<script src", "<link rel=\"stylesheet\"", "@import", "fetch(");
    }

    @Test
    void shouldNotLetDataEndItsScript() throws IOException {
        new ReportDirectory(home.resolve("new")).write(results);

        assertThat(page().split("</script>", -1)).as("data, library, page").hasSize(4);
    }

    @Test
    void shouldMakeThePageAgain() throws IOException {
        ReportDirectory directory = new ReportDirectory(home.resolve("new"));
        directory.write(results);
        String before = page();
        Files.delete(directory.page());
        StringWriter out = new StringWriter();

        int exitCode = command(out, directory.directory());

        assertThat(exitCode).isZero();
        assertThat(page()).isEqualTo(before);
        assertThat(out.toString().trim()).isEqualTo("written: " + directory.page());
    }

    @Test
    void shouldSayWhatIsMissing() {
        StringWriter out = new StringWriter();

        int exitCode = command(out, home);

        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(out.toString()).contains("there is no " + home.resolve("results.json"));
    }
}
