package io.signalbox.load.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a node says of its cluster.
 *
 * @param members incarnations of those that may own work, by name
 * @param peers with how many it is linked
 * @param sent messages that it gave to links, since it was started
 */
record NodeStatus(Map<String, Integer> members, int peers, long sent) {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    NodeStatus {
        members = Map.copyOf(members);
    }

    static boolean isReady(HttpClient http, String url) throws InterruptedException {
        try {
            return get(http, url + "/readyz").isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    /** Empty: it does not answer. */
    static Optional<NodeStatus> of(HttpClient http, String url) throws InterruptedException {
        try {
            Optional<String> nodes = get(http, url + "/v1/nodes");
            Optional<String> metrics = get(http, url + "/metrics");
            if (nodes.isEmpty() || metrics.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new NodeStatus(
                    members(JSON.readTree(nodes.get())),
                    (int) sample(metrics.get(), "signalbox_bus_peers_up"),
                    sample(metrics.get(), "signalbox_bus_peer_sent_total")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> get(HttpClient http, String url) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
    }

    static Map<String, Integer> members(JsonNode nodes) {
        Map<String, Integer> members = new TreeMap<>();
        for (JsonNode node : nodes.path("nodes")) {
            if (node.path("state").asText().equals("live")) {
                members.put(node.path("id").asText(), node.path("incarnation").asInt());
            }
        }
        return members;
    }

    /** Zero when there is none: a node alone has no links to count. */
    static long sample(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(0);
    }
}
