package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.internal.DefinitionQuestion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

class DefinitionQueryTest {
    private final DefinitionCatalog catalog = new DefinitionCatalog();

    private void publish(String version, String skillVersion, String description) {
        String document = """
                {"name": "reviewer", "version": "%s", "description": "%s", "tags": {"region": "eu"},
                 "skills": [{"name": "text.review", "version": "%s", "description": "Finds Faults"}]}
                """.formatted(version, description, skillVersion);
        Definition definition = new DefinitionParser().parse(document.getBytes(StandardCharsets.UTF_8));
        catalog.add(
                definition,
                new DefinitionStore.Stored(
                        "reviewer", version, definition.contentHash(), document, "me", Instant.EPOCH));
    }

    private List<String> find(DefinitionQuestion.Builder question) {
        DefinitionQuery query = new DefinitionQuery(
                question.build(),
                reference ->
                        SearchWords.text(catalog.find(reference).orElseThrow().definition()));
        return catalog.namesAfter("")
                .flatMap(versions -> query.first(versions).stream())
                .map(entry -> entry.stored().version())
                .toList();
    }

    private static DefinitionQuestion.Builder question() {
        return DefinitionQuestion.newBuilder();
    }

    /** The version that is found; empty: none. */
    static final List<Arguments> QUESTIONS = List.of(
            Arguments.of(question(), "2.0.0"),
            Arguments.of(question().setVersionRange("^1"), "1.1.0"),
            Arguments.of(question().setVersionRange("^3"), ""),
            Arguments.of(question().setSkill("text.review"), "2.0.0"),
            Arguments.of(question().setSkill("text.review").setSkillRange("<2"), "1.1.0"),
            Arguments.of(question().setSkill("text"), ""),
            Arguments.of(question().putTags("region", "eu"), "2.0.0"),
            Arguments.of(question().putTags("region", "us"), ""),
            Arguments.of(question().setText("LETTERS finds"), "1.1.0"),
            Arguments.of(question().setText("letters books"), ""),
            Arguments.of(question().setText("reviewer@1.0"), "1.0.0"));

    @ParameterizedTest
    @FieldSource("QUESTIONS")
    void shouldFindTheHighestVersionThatMeetsAll(DefinitionQuestion.Builder question, String version) {
        publish("1.0.0", "1.0.0", "Reads letters.");
        publish("1.1.0", "1.1.0", "Reads letters.");
        publish("2.0.0", "2.0.0", "Reads books.");

        assertThat(find(question)).isEqualTo(version.isEmpty() ? List.of() : List.of(version));
    }

    @Test
    void shouldFindNothingInAnEmptyCatalog() {
        assertThat(find(question())).isEmpty();
    }
}
