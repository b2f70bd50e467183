package io.signalbox.verticles.registry;

import static io.signalbox.verticles.PortCalls.assertAnswersOnTheCallersContext;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.registry.DefinitionStore.Outcome;
import io.signalbox.verticles.registry.DefinitionStore.Publication;
import io.signalbox.verticles.registry.DefinitionStore.SkillSchema;
import io.signalbox.verticles.registry.DefinitionStore.Stored;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link DefinitionStore} keeps to. The tests share a store and keep apart by names of their own. */
abstract class DefinitionStoreContractTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private final String own = "t" + UUID.randomUUID();

    abstract DefinitionStore store();

    /** One that cannot reach its server. */
    abstract DefinitionStore away();

    abstract Vertx vertx();

    private Stored definition(String name, String version, String hash) {
        return new Stored(own + name, version, hash, "{\"hash\":\"" + hash + "\"}", "tester", NOW);
    }

    private SkillSchema skill(String name, String version, String hash) {
        return new SkillSchema(own + name, version, hash);
    }

    private Outcome publish(Stored definition, SkillSchema... skills) {
        return get(store().publish(definition, List.of(skills)));
    }

    private List<Stored> ownDefinitions() {
        return get(store().load()).stream()
                .filter(stored -> stored.name().startsWith(own))
                .toList();
    }

    @Test
    void shouldPublishOnceAndSayWhenItWasThere() {
        Stored definition = definition("", "1.0.0", "h1");

        assertThat(publish(definition)).isEqualTo(new Outcome.Published(definition, true));
        assertThat(publish(definition)).isEqualTo(new Outcome.Published(definition, false));
        assertThat(ownDefinitions()).containsExactly(definition);
    }

    @Test
    void shouldGiveTheFirstPublishersWhenTheSameContentComesAgain() {
        Stored first = definition("", "1.0.0", "h1");
        publish(first);

        Outcome again =
                publish(new Stored(first.name(), "1.0.0", "h1", first.document(), "another", NOW.plusSeconds(9)));

        assertThat(again).isEqualTo(new Outcome.Published(first, false));
        assertThat(ownDefinitions()).containsExactly(first);
    }

    @Test
    void shouldNeverChangeAVersion() {
        Stored first = definition("", "1.0.0", "h1");
        publish(first);

        assertThat(publish(definition("", "1.0.0", "h2"))).isEqualTo(new Outcome.OtherContent());

        assertThat(ownDefinitions()).containsExactly(first);
    }

    @Test
    void shouldKeepEveryVersionOfAName() {
        List<Stored> versions = List.of("1.0.0", "1.0.0-rc.1", "1.0.0+build", "1.0.0+other", "10.0.0").stream()
                .map(version -> definition("", version, "h" + version))
                .toList();

        versions.forEach(version -> assertThat(publish(version)).isEqualTo(new Outcome.Published(version, true)));

        assertThat(ownDefinitions()).containsExactlyInAnyOrderElementsOf(versions);
    }

    /** So that every start of a node reads the same, whatever the order in the table. */
    @Test
    void shouldLoadInTheOrderOfPublication() {
        List<Stored> published = IntStream.of(5, 3, 9, 1)
                .mapToObj(i -> new Stored(own + i, "1.0.0", "h", "{}", "tester", NOW.plusSeconds(10 - i)))
                .toList();
        published.reversed().forEach(this::publish);

        assertThat(ownDefinitions())
                .extracting(stored -> stored.name().substring(own.length()))
                .containsExactly("9", "5", "3", "1");
    }

    @Test
    void shouldRefuseASkillVersionWithOtherSchemasAndPublishNothing() {
        publish(definition("1", "1.0.0", "h1"), skill("s", "1.0.0", "a"));
        Stored second = definition("2", "1.0.0", "h2");

        Outcome refused = publish(second, skill("t", "1.0.0", "x"), skill("s", "1.0.0", "other"));

        assertThat(refused).isEqualTo(new Outcome.OtherSchema(own + "s", "1.0.0"));
        assertThat(ownDefinitions()).doesNotContain(second);
        assertThat(publish(second, skill("t", "1.0.0", "y"), skill("s", "1.0.0", "a")))
                .as("t of the refused one was not kept")
                .isEqualTo(new Outcome.Published(second, true));
    }

    @Test
    void shouldKeepNoSkillOfAPublicationWithOtherContent() {
        publish(definition("1", "1.0.0", "h1"));
        assertThat(publish(definition("1", "1.0.0", "h2"), skill("s", "1.0.0", "refused")))
                .isEqualTo(new Outcome.OtherContent());

        Stored second = definition("2", "1.0.0", "h3");

        assertThat(publish(second, skill("s", "1.0.0", "good"))).isEqualTo(new Outcome.Published(second, true));
    }

    @Test
    void shouldLetVersionsOfASkillDiffer() {
        Stored definition = definition("", "1.0.0", "h");
        publish(definition("first", "1.0.0", "h"), skill("s", "1.0.0", "a"));

        assertThat(publish(definition, skill("s", "1.1.0", "b"), skill("u", "1.0.0", "a")))
                .isEqualTo(new Outcome.Published(definition, true));
    }

    @Test
    void shouldNameTheFirstOfSeveralConflictingSkills() {
        publish(definition("1", "1.0.0", "h"), skill("b", "1.0.0", "1"), skill("c", "1.0.0", "1"));

        Outcome refused = publish(
                definition("2", "1.0.0", "h"),
                skill("c", "1.0.0", "2"),
                skill("b", "1.0.0", "2"),
                skill("a", "1.0.0", "2"));

        assertThat(refused).isEqualTo(new Outcome.OtherSchema(own + "b", "1.0.0"));
    }

    @Test
    void shouldLetOneOfManyWinWhenTheyPublishAtTheSameTime() {
        List<Future<Outcome>> outcomes = IntStream.range(0, 20)
                .mapToObj(i ->
                        store().publish(definition("race", "1.0.0", "h" + i), List.of(skill("race", "1.0.0", "h" + i))))
                .toList();

        List<Outcome> published = outcomes.stream()
                .map(outcome -> (Outcome) get(outcome))
                .filter(Outcome.Published.class::isInstance)
                .toList();

        assertThat(published).hasSize(1);
        assertThat(ownDefinitions()).containsExactly(((Outcome.Published) published.getFirst()).definition());
    }

    @Test
    void shouldTellOneOfManyThatItCreatedWhatAllPublish() {
        Stored same = definition("same", "1.0.0", "h");

        List<Outcome> outcomes = IntStream.range(0, 20)
                .mapToObj(i -> store().publish(same, List.of(skill("same", "1.0.0", "h"))))
                .toList()
                .stream()
                .map(outcome -> (Outcome) get(outcome))
                .toList();

        assertThat(outcomes).containsOnlyOnce(new Outcome.Published(same, true));
        assertThat(outcomes)
                .filteredOn(new Outcome.Published(same, false)::equals)
                .hasSize(19);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u00e9t\u00e9 \ud83d\ude80 \u4eba\u5de5",
                "'; DROP TABLE definitions; --",
                "{\"a\":\"\\u0000\\n\"}"
            })
    void shouldKeepAnyText(String text) {
        Stored odd = new Stored(own + text, text, text, text, text, NOW);

        assertThat(publish(odd, new SkillSchema(own + text, text, text))).isEqualTo(new Outcome.Published(odd, true));

        assertThat(ownDefinitions()).containsExactly(odd);
    }

    @Test
    void shouldKeepADocumentOfAMebibyteAndAHundredSkills() {
        String document = "\u00e9\ud83d\ude80".repeat(180_000);
        Stored big = new Stored(own, "1.0.0", "h", document, "tester", NOW);
        SkillSchema[] skills = IntStream.range(0, 100)
                .mapToObj(i -> skill("s" + i, "1.0.0", "h" + i))
                .toArray(SkillSchema[]::new);

        publish(big, skills);

        assertThat(ownDefinitions()).containsExactly(big);
        assertThat(publish(definition("2", "1.0.0", "h"), skill("s99", "1.0.0", "other")))
                .isEqualTo(new Outcome.OtherSchema(own + "s99", "1.0.0"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2030-01-01T00:00:00.123456789Z", "1969-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999Z"})
    void shouldAnswerWithWhatIsKeptWhateverTheTime(String time) {
        Stored precise = new Stored(own, "1.0.0", "h", "{}", "tester", Instant.parse(time));

        Outcome.Published created = (Outcome.Published) publish(precise);

        assertThat(ownDefinitions()).containsExactly(created.definition());
        assertThat(created.definition().publishedAt().toEpochMilli())
                .isEqualTo(precise.publishedAt().toEpochMilli());
    }

    @Test
    void shouldKeepNothingOfWhatCannotBeStored() {
        Stored bad = new Stored(own, "1.0.0", "h", "{}", "nul \0", NOW);

        assertThat(failure(store().publish(bad, List.of(skill("s", "1.0.0", "refused")))))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FAULT));

        Stored good = definition("", "1.0.0", "h");
        assertThat(publish(good, skill("s", "1.0.0", "good"))).isEqualTo(new Outcome.Published(good, true));
    }

    /** Against maps, as the interface's text has it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldAgreeWithANaiveModelWhateverIsPublished(long seed) {
        Random random = new Random(seed);
        Map<String, Stored> definitions = new HashMap<>();
        Map<String, String> schemas = new TreeMap<>();
        for (int step = 0; step < 60; step++) {
            Stored wanted = definition("" + random.nextInt(3), "1.0." + random.nextInt(3), "h" + random.nextInt(2));
            List<SkillSchema> skills = random.ints(random.nextInt(4), 0, 4)
                    .distinct()
                    .mapToObj(i -> skill("s" + i, "1.0.0", "h" + (random.nextInt(5) == 0 ? 1 : 0)))
                    .toList();
            Outcome expected = expected(wanted, skills, definitions, schemas);

            assertThat(publish(wanted, skills.toArray(SkillSchema[]::new)))
                    .as("seed " + seed + ", step " + step)
                    .isEqualTo(expected);
        }
        assertThat(ownDefinitions()).as("seed " + seed).containsExactlyInAnyOrderElementsOf(definitions.values());
    }

    private static Outcome expected(
            Stored wanted, List<SkillSchema> skills, Map<String, Stored> definitions, Map<String, String> schemas) {
        List<SkillSchema> conflicting = skills.stream()
                .filter(skill ->
                        !schemas.getOrDefault(skill.name(), skill.schemaHash()).equals(skill.schemaHash()))
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .toList();
        if (!conflicting.isEmpty()) {
            return new Outcome.OtherSchema(
                    conflicting.getFirst().name(), conflicting.getFirst().version());
        }
        Stored there = definitions.putIfAbsent(wanted.name() + wanted.version(), wanted);
        if (there == null) {
            skills.forEach(skill -> schemas.put(skill.name(), skill.schemaHash()));
            return new Outcome.Published(wanted, true);
        }
        return there.contentHash().equals(wanted.contentHash())
                ? new Outcome.Published(there, false)
                : new Outcome.OtherContent();
    }

    private Publication publication(Stored definition, SkillSchema... skills) {
        return new Publication(definition, List.of(skills));
    }

    @Test
    void shouldPublishManyAsIfOneAfterTheOther() {
        Stored first = definition("1", "1.0.0", "h1");
        Stored second = definition("2", "1.0.0", "h2");
        publish(second);

        assertThat(get(store().publishAll(List.of(
                        publication(first, skill("s", "1.0.0", "a")),
                        publication(second),
                        publication(definition("3", "1.0.0", "h3"), skill("s", "1.0.0", "a"))))))
                .containsExactly(
                        new Outcome.Published(first, true),
                        new Outcome.Published(second, false),
                        new Outcome.Published(definition("3", "1.0.0", "h3"), true));

        assertThat(ownDefinitions()).hasSize(3);
        assertThat(get(store().publishAll(List.of()))).isEmpty();
    }

    @Test
    void shouldPublishNoneOfManyWhenOneIsRefused() {
        Stored first = definition("1", "1.0.0", "h1");

        assertThat(get(store().publishAll(List.of(
                        publication(first, skill("s", "1.0.0", "a")),
                        publication(definition("2", "1.0.0", "h2"), skill("s", "1.0.0", "b")),
                        publication(definition("3", "1.0.0", "h3"))))))
                .containsExactly(new Outcome.Published(first, true), new Outcome.OtherSchema(own + "s", "1.0.0"));

        assertThat(ownDefinitions()).isEmpty();
        assertThat(publish(first, skill("s", "1.0.0", "other")))
                .as("the skill's schemas are free again")
                .isEqualTo(new Outcome.Published(first, true));
    }

    @Test
    void shouldFailWithAStoreExceptionWhenTheServerIsAway() {
        for (Future<?> call : List.of(away().load(), away().publish(definition("", "1.0.0", "h"), List.of()))) {
            assertThat(failure(call))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE));
        }
    }

    @Test
    void shouldAnswerOnTheCallersContext() {
        assertAnswersOnTheCallersContext(vertx(), () -> store().load());
        assertAnswersOnTheCallersContext(vertx(), () -> store().publish(definition("", "1.0.0", "h"), List.of()));
    }
}
