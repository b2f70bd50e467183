package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node with the model of sentences. */
@Timeout(120)
final class MeaningSystemTest {
    private static void publish(Http http, String name, String description) throws Exception {
        http.post(
                "/v1/definitions",
                "{\"name\":\"%s\",\"version\":\"1.0.0\",\"description\":\"%s\",\"skills\":[{\"name\":\"%s\"}]}"
                        .formatted(name, description, name));
    }

    @Test
    void shouldFindDefinitionsAndAgentsByWhatIsMeant() throws Exception {
        try (RunningNode node = RunningNode.start(Map.of("registry.search-by-meaning", "true"));
                Http http = new Http(node.url());
                SignalboxClient client = SignalboxClient.connect(node.url())) {
            publish(http, "one", "Judges incidents and calls who can help.");
            publish(http, "two", "Checks that citations exist and say what is claimed.");
            for (String type : new String[] {"one", "two"}) {
                client.agent("agent-" + type)
                        .definition(type)
                        .skill(type, assignment -> Payload.EMPTY)
                        .attach();
            }
            String meaning = "?meaning=is+this+quotation+real";

            Eventually.eventually(
                    "both are read",
                    () -> http.get("/v1/definitions" + meaning)
                                    .json()
                                    .path("definitions")
                                    .size()
                            == 2);
            JsonNode first = http.get("/v1/definitions" + meaning + "&limit=1").json();
            JsonNode agents = http.get("/v1/agents" + meaning).json();

            assertThat(first.at("/definitions/0/name").asText()).isEqualTo("two");
            assertThat(first.at("/definitions/0/score").asDouble()).isBetween(0.1, 1.0);
            assertThat(agents.at("/agents/0/id").asText()).isEqualTo("agent-two");
            assertThat(agents.at("/agents/1/id").asText()).isEqualTo("agent-one");
        }
    }
}
