package io.signalbox.load.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The page of a report: one file with style, script, charting library and data in it, so that it opens from a disk. */
final class ReportPage {
    private static final Pattern PART = Pattern.compile("\\{\\{([a-z.-]+)}}");
    private static final String LIBRARY =
            "/META-INF/resources/webjars/uplot/%s/".formatted(version("/META-INF/maven/org.webjars.npm/uplot/"));
    private static final ObjectMapper JSON =
            new ObjectMapper().addMixIn(Results.Repetition.class, WithoutHistogram.class);

    private ReportPage() {}

    /** The page has curves instead. */
    private interface WithoutHistogram {
        @JsonIgnore
        String latency();
    }

    static String of(Results results) {
        Map<String, String> parts = Map.of(
                "uplot.css", read(LIBRARY + "dist/uPlot.min.css"),
                "uplot.js", read(LIBRARY + "dist/uPlot.iife.min.js"),
                "uplot-license", read(LIBRARY + "LICENSE"),
                "report.css", read("report.css"),
                "charts.js", read("charts.js"),
                "report.js", read("report.js"),
                "data", json(PageData.of(results)));
        // In one pass: what is put in is not searched again.
        return PART.matcher(read("report.html"))
                .replaceAll(part -> Matcher.quoteReplacement(
                        Optional.ofNullable(parts.get(part.group(1))).orElseThrow()));
    }

    /** Nothing in it can end the script element that holds it. */
    private static String json(PageData data) {
        try {
            return JSON.writeValueAsString(data).replace("<", "\\u003c");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String version(String folder) {
        Properties properties = new Properties();
        try (InputStream in = open(folder + "pom.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    private static String read(String resource) {
        try (InputStream in = open(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String resource) {
        return Optional.ofNullable(ReportPage.class.getResourceAsStream(resource))
                .orElseThrow(() -> new IllegalStateException("resource " + resource + " is missing"));
    }
}
