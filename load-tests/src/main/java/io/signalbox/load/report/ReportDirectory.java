package io.signalbox.load.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a load test leaves what it found: results.json for programs, report.html for people. */
public record ReportDirectory(Path directory) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public Path results() {
        return directory.resolve("results.json");
    }

    public Path page() {
        return directory.resolve("report.html");
    }

    public void write(Results results) throws IOException {
        Files.createDirectories(directory);
        JSON.writeValue(results().toFile(), results);
        render();
    }

    /** The page again, from the results that are there. */
    public void render() throws IOException {
        Results results = JSON.readValue(results().toFile(), Results.class);
        Files.writeString(page(), ReportPage.of(results));
    }
}
