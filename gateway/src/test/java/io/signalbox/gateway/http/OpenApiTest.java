package io.signalbox.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.service.BusServices;
import io.signalbox.config.ConfigLoader;
import io.signalbox.config.SignalboxConfig;
import io.signalbox.gateway.identity.AnonymousAuthenticator;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The document says what the routes do, no more and no less. */
class OpenApiTest {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "delete", "patch");

    private static Vertx vertx;
    private static BusServices services;
    private static HttpApi api;
    private static JsonNode document;

    @BeforeAll
    static void read() throws IOException {
        SignalboxConfig config = ConfigLoader.load(Optional.empty(), Map.of(), Map.of());
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Random random = new Random(1);
        LocalMessageBus bus = new LocalMessageBus(random, meters);
        vertx = Vertx.vertx();
        services = new BusServices(bus, vertx, "n1", config.bus(), InstantSource.system(), meters);
        ApiParts parts = new ApiParts(
                config.gateway(),
                config.bus(),
                services,
                bus,
                new Access(config.gateway(), new AnonymousAuthenticator(), true),
                Map::of,
                () -> "",
                meters,
                InstantSource.system(),
                random);
        api = new HttpApi(parts, vertx);
        try (InputStream in = HttpApi.class.getResourceAsStream("openapi.json")) {
            document = new ObjectMapper().readTree(in);
        }
    }

    @AfterAll
    static void close() {
        api.close();
        services.close();
        vertx.close().await();
    }

    private record Operation(String name, JsonNode content, JsonNode path) {}

    private static List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().stream()
                        .filter(member -> METHODS.contains(member.getKey()))
                        .forEach(member -> operations.add(new Operation(
                                member.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                                member.getValue(),
                                path.getValue()))));
        return operations;
    }

    private static ApiRoute route(Operation operation) {
        return api.routes().stream()
                .filter(route -> operation.name().equals(route.method() + " " + route.path()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldNameEveryRouteAndNoOther() {
        assertThat(document.path("openapi").asText()).startsWith("3.1.");
        List<String> documented = operations().stream().map(Operation::name).toList();
        List<String> served = api.routes().stream()
                .map(route -> route.method() + " " + route.path())
                .toList();
        assertThat(documented).containsExactlyInAnyOrderElementsOf(served);
    }

    @Test
    void shouldStandInTheGuideWithRoleAndSummary() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("../docs/http-api.md")).stream()
                .filter(line -> line.matches("\\| `[A-Z]+ /.*"))
                .toList();

        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(operations().stream()
                        .map(operation -> "| `%s` | %s | %s |"
                                .formatted(
                                        operation.name(),
                                        operation.content().path("x-role").asText("anybody"),
                                        operation.content().path("summary").asText()))
                        .toList());
    }

    @Test
    void shouldDeclareEveryParameterOfThePath() {
        Pattern parameter = Pattern.compile("\\{([a-zA-Z]+)}");
        for (Operation operation : operations()) {
            List<String> inPath = parameter
                    .matcher(operation.name())
                    .results()
                    .map(found -> found.group(1))
                    .toList();
            List<String> declared = new ArrayList<>();
            for (JsonNode parameters : List.of(
                    operation.content().path("parameters"), operation.path().path("parameters"))) {
                parameters.forEach(each -> {
                    JsonNode resolved = resolve(each);
                    if (resolved.path("in").asText().equals("path")) {
                        declared.add(resolved.path("name").asText());
                    }
                });
            }
            assertThat(declared).as(operation.name()).containsExactlyInAnyOrderElementsOf(inPath);
        }
    }

    @Test
    void shouldSayWhichRoleAnOperationNeeds() {
        for (Operation operation : operations()) {
            String role = route(operation)
                    .role()
                    .map(each -> each.name().toLowerCase(Locale.ROOT))
                    .orElse("");

            assertThat(operation.content().path("x-role").asText(""))
                    .as(operation.name())
                    .isEqualTo(role);
            if (!role.isEmpty()) {
                assertThat(statuses(operation)).as(operation.name()).contains("401", "403");
            }
        }
    }

    private static Set<String> statuses(Operation operation) {
        return operation.content().path("responses").properties().stream()
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    @Test
    void shouldDescribeEveryOperationAndHowItFails() {
        for (Operation operation : operations()) {
            assertThat(operation.content().path("summary").asText())
                    .as(operation.name())
                    .endsWith(".");
            assertThat(operation.content().path("operationId").asText())
                    .as(operation.name())
                    .isNotEmpty();
            assertThat(statuses(operation)).as(operation.name()).anyMatch(status -> status.startsWith("2"));
            operation.content().path("responses").properties().stream()
                    .filter(response -> response.getKey().matches("[45].."))
                    .forEach(response -> assertThat(
                                    resolve(response.getValue()).path("content").has("application/problem+json"))
                            .as("%s, status %s", operation.name(), response.getKey())
                            .isEqualTo(!operation.name().equals("GET /readyz")));
        }
        assertThat(operations().stream()
                        .map(operation ->
                                operation.content().path("operationId").asText()))
                .doesNotHaveDuplicates();
    }

    @Test
    void shouldHaveReferencesThatLeadSomewhere() {
        List<String> references = new ArrayList<>();
        collectReferences(document, references);

        assertThat(references).isNotEmpty().allSatisfy(reference -> {
            assertThat(reference).startsWith("#/");
            assertThat(document.at(reference.substring(1)).isMissingNode()).isFalse();
        });
    }

    @Test
    void shouldHaveNoComponentThatNobodyRefersTo() {
        List<String> references = new ArrayList<>();
        collectReferences(document, references);
        for (String kind : List.of("schemas", "responses")) {
            document.path("components")
                    .path(kind)
                    .properties()
                    .forEach(component ->
                            assertThat(references).contains("#/components/" + kind + "/" + component.getKey()));
        }
    }

    private static void collectReferences(JsonNode node, List<String> references) {
        if (node.has("$ref")) {
            references.add(node.path("$ref").asText());
        }
        StreamSupport.stream(node.spliterator(), false).forEach(child -> collectReferences(child, references));
    }

    private static JsonNode resolve(JsonNode node) {
        Matcher reference = Pattern.compile("#(/.*)").matcher(node.path("$ref").asText());
        return reference.matches() ? document.at(reference.group(1)) : node;
    }
}
