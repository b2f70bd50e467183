package io.signalbox.verticles.registry;

import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.registry.reference.ReferenceDefinitions;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real model reads the 20 types of the reference fleet. */
class MiniLmEmbedderTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final MiniLmEmbedder MODEL = new MiniLmEmbedder(VERTX);
    private static final MeaningIndex INDEX = new MeaningIndex();

    @BeforeAll
    static void read() {
        DefinitionParser parser = new DefinitionParser();
        ReferenceDefinitions.documents().stream()
                .map(document -> parser.parse(document.getBytes(StandardCharsets.UTF_8)))
                .filter(definition -> !definition.tags().containsKey("area"))
                .forEach(INDEX::add);
        for (List<String> texts = INDEX.unread(16); !texts.isEmpty(); texts = INDEX.unread(16)) {
            INDEX.read(texts, get(MODEL.embed(texts)));
        }
    }

    @AfterAll
    static void close() {
        get(MODEL.close());
        get(VERTX.close());
    }

    @ParameterizedTest
    @CsvSource({
        "who can tell me whether a quotation is real, citation-checker",
        "an emergency happened and we need assistance, incident-triager",
        "our libraries are out of date, dependency-updater",
        "tell our customers what is new in this version, release-noter",
        "we will run out of servers next year, capacity-planner"
    })
    void shouldFindWhatIsMeantWithoutItsWords(String question, String expected) {
        float[] q = get(MODEL.embed(List.of(question))).getFirst();
        Map<String, Integer> scores = INDEX.scores(q);

        List<String> nearest = scores.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(3)
                .map(Map.Entry::getKey)
                .toList();

        assertThat(nearest).anyMatch(reference -> reference.contains(expected));
    }
}
