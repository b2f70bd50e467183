package io.signalbox.load.run;

import io.signalbox.load.LoadException;
import io.signalbox.node.client.Trust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What servers count, in Prometheus' text format.
 *
 * @param samples by name with labels, as they were written; over several servers added up
 */
record Metrics(Map<String, Double> samples) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** @param certificate that the servers have, if they speak TLS */
    static Metrics of(List<URI> servers, Optional<Path> certificate) throws IOException, InterruptedException {
        Map<String, Double> sum = new HashMap<>();
        HttpClient.Builder client = HttpClient.newBuilder();
        if (certificate.isPresent()) {
            client.sslContext(Trust.in(certificate.get()));
        }
        try (HttpClient http = client.build()) {
            for (URI server : servers) {
                HttpRequest request =
                        HttpRequest.newBuilder(server).timeout(PATIENCE).build();
                HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() != 200) {
                    throw new LoadException(server + " answers " + answer.statusCode());
                }
                parse(answer.body()).samples().forEach((name, value) -> sum.merge(name, value, Double::sum));
            }
        }
        return new Metrics(sum);
    }

    static Metrics parse(String text) {
        Map<String, Double> samples = new HashMap<>();
        text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            samples.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
        });
        return new Metrics(samples);
    }

    /** By how much a counter with one label grew, by the label's value; what did not grow is left out. */
    Map<String, Long> growth(Metrics before, String counter) {
        Map<String, Long> growth = new TreeMap<>();
        samples.forEach((name, value) -> {
            long more = Math.round(value - before.samples.getOrDefault(name, 0.0));
            boolean counted = name.equals(counter) || name.startsWith(counter + "{");
            if (counted && more > 0) {
                growth.merge(labelValue(name), more, Long::sum);
            }
        });
        return growth;
    }

    /** Empty for a counter without labels. */
    private static String labelValue(String name) {
        int begin = name.indexOf('"') + 1;
        if (begin == 0) {
            return "";
        }
        return name.substring(begin, name.indexOf('"', begin));
    }
}
