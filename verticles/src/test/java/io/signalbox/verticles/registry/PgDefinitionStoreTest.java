package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.postgres.TestDatabase;
import io.signalbox.verticles.registry.DefinitionStore.Outcome;
import io.signalbox.verticles.registry.DefinitionStore.SkillSchema;
import io.signalbox.verticles.registry.DefinitionStore.Stored;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What every {@link DefinitionStore} keeps to, on a real PostgreSQL. */
class PgDefinitionStoreTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static TestDatabase database;
    private static DefinitionStore store;

    @BeforeAll
    static void start() throws IOException {
        database = TestDatabase.start();
        store = new PgDefinitionStore(database.store());
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
    }

    private static Stored definition(String name, String version, String hash) {
        return new Stored(name, version, hash, "{\"name\":\"" + name + "\"}", "tester", NOW);
    }

    private static Outcome publish(Stored definition, SkillSchema... skills) throws Exception {
        return store.publish(definition, List.of(skills)).await(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldPublishOnceAndSayWhenItWasThere() throws Exception {
        Stored definition = definition("once", "1.0.0", "h1");

        assertThat(publish(definition)).isEqualTo(new Outcome.Published(definition, true));
        assertThat(publish(definition)).isEqualTo(new Outcome.Published(definition, false));
        assertThat(store.load().await(20, TimeUnit.SECONDS)).contains(definition);
    }

    @Test
    void shouldNeverChangeAVersion() throws Exception {
        Stored first = definition("fixed", "1.0.0", "h1");
        publish(first);

        assertThat(publish(definition("fixed", "1.0.0", "h2"))).isInstanceOf(Outcome.OtherContent.class);

        assertThat(store.load().await(20, TimeUnit.SECONDS)).contains(first);
    }

    @Test
    void shouldRefuseASkillVersionWithOtherSchemasAndPublishNothing() throws Exception {
        publish(definition("skills-1", "1.0.0", "h1"), new SkillSchema("s", "1.0.0", "a"));
        Stored second = definition("skills-2", "1.0.0", "h2");

        Outcome refused = publish(second, new SkillSchema("t", "1.0.0", "x"), new SkillSchema("s", "1.0.0", "other"));

        assertThat(refused).isEqualTo(new Outcome.OtherSchema("s", "1.0.0"));
        assertThat(store.load().await(20, TimeUnit.SECONDS)).doesNotContain(second);
        assertThat(publish(second, new SkillSchema("t", "1.0.0", "y"), new SkillSchema("s", "1.0.0", "a")))
                .as("t of the refused one was not kept")
                .isInstanceOf(Outcome.Published.class);
    }

    @Test
    void shouldLetOneOfManyWinWhenTheyPublishAtTheSameTime() throws Exception {
        List<Future<Outcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            outcomes.add(store.publish(
                    definition("race", "1.0.0", "h" + i), List.of(new SkillSchema("race", "1.0.0", "h" + i))));
        }

        int published = 0;
        for (Future<Outcome> outcome : outcomes) {
            published += outcome.await(20, TimeUnit.SECONDS) instanceof Outcome.Published ? 1 : 0;
        }

        assertThat(published).isEqualTo(1);
    }
}
