package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static io.signalbox.verticles.allocation.TaskWrites.NOW;
import static io.signalbox.verticles.allocation.TaskWrites.assigned;
import static io.signalbox.verticles.allocation.TaskWrites.cancelled;
import static io.signalbox.verticles.allocation.TaskWrites.change;
import static io.signalbox.verticles.allocation.TaskWrites.progressed;
import static io.signalbox.verticles.allocation.TaskWrites.request;
import static io.signalbox.verticles.allocation.TaskWrites.requeued;
import static io.signalbox.verticles.allocation.TaskWrites.submit;
import static io.signalbox.verticles.allocation.TaskWrites.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import io.signalbox.verticles.allocation.TaskStore.Filter;
import io.signalbox.verticles.allocation.TaskStore.Written;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.postgres.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a real PostgreSQL. */
class PgTaskStoreTest extends TaskStoreContractTest {
    private static final ShardFence NO_FENCE = new ShardFence("tasks", Map.of());

    private static TestDatabase database;

    @BeforeAll
    static void start() throws IOException {
        database = TestDatabase.start();
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
    }

    @Override
    TaskStore store() {
        return new PgTaskStore(database.store(), NO_FENCE);
    }

    @Override
    Vertx vertx() {
        return database.vertx();
    }

    private static void assertFails(Future<?> call, StoreException.Kind kind) {
        assertThat(failure(call))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void shouldFailWithAStoreExceptionWhenTheServerIsAway() {
        TaskStore away = new PgTaskStore(database.away(), NO_FENCE);
        UUID id = UUID.randomUUID();

        List<Future<?>> calls = List.of(
                away.write(List.of(), List.of()),
                away.write(List.of(submit()), List.of(assigned(id, 2, 1))),
                away.find(id),
                away.list(new Filter("", "", Optional.empty()), Optional.empty(), 1),
                away.events(id, 0, 1),
                away.loadOpen());

        calls.forEach(call -> assertFails(call, StoreException.Kind.UNAVAILABLE));
    }

    /** The answer does not come in time: the same batch again finds out what became of it. */
    @Test
    void shouldSayThatTheOutcomeIsUnknownAndTakeTheBatchAgain() {
        TaskStore impatient = new PgTaskStore(database.impatient(), NO_FENCE);
        Submit submit = submit();
        Promise<Void> release = Promise.promise();
        Promise<Void> locked = Promise.promise();
        Future<Void> holder = database.store()
                .inTransaction(client -> client.query("LOCK TABLE tasks")
                        .execute()
                        .onSuccess(done -> locked.complete())
                        .compose(done -> release.future()));
        get(locked.future());

        assertFails(impatient.write(List.of(submit), List.of()), StoreException.Kind.OUTCOME_UNKNOWN);

        release.complete();
        get(holder);
        get(store().write(List.of(submit), List.of()));
        assertThat(get(store().events(submit.task(), 0, 10))).hasSize(1);
    }

    /** The drivers' statements against the simplest thing that keeps the contract. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldAgreeWithTheImitationWhateverIsWritten(long seed) {
        Random random = new Random(seed);
        InMemoryTaskStore model = new InMemoryTaskStore();
        String own = "seed-" + seed + ".";
        List<Submit> known = new ArrayList<>();
        for (int step = 0; step < 40; step++) {
            String where = "seed " + seed + ", step " + step;
            List<Submit> submits = submits(random, own, known);
            List<Change> changes = changes(random, model, known, submits, step);

            Written written = get(store().write(submits, changes));

            Written expected = get(model.write(submits, changes));
            assertThat(written.changed()).as(where).isEqualTo(expected.changed());
            assertThat(written.submitted()).as(where).hasSameSizeAs(expected.submitted());
            expected.submitted()
                    .forEach((id, submitted) -> assertThat(written.submitted().get(id))
                            .as(where)
                            .usingRecursiveComparison()
                            .isEqualTo(submitted));
            known.addAll(submits);
            assertReadsAgree(random, model, own, known, where);
        }
    }

    private static List<Submit> submits(Random random, String own, List<Submit> known) {
        List<Submit> submits = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            String key = random.nextBoolean() ? "" : "key-" + random.nextInt(8);
            SubmitTask.Builder request = request()
                    .setSkill(own + random.nextInt(2))
                    .setSubmitter(own + random.nextInt(2))
                    .setIdempotencyKey(key);
            submits.add(new Submit(new UUID(random.nextLong(), random.nextLong()), request.build(), NOW));
        }
        if (!known.isEmpty() && random.nextInt(4) == 0) {
            submits.add(known.get(random.nextInt(known.size())));
        }
        return submits;
    }

    /** Mostly of the next revision. */
    private static List<Change> changes(
            Random random, TaskStore model, List<Submit> known, List<Submit> submits, int step) {
        Set<UUID> taken = new HashSet<>();
        submits.forEach(submit -> taken.add(submit.task()));
        List<Change> changes = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0 && !known.isEmpty(); i--) {
            UUID id = known.get(random.nextInt(known.size())).task();
            long revision = get(model.find(id)).map(TaskView::getRevision).orElse(0L)
                    + (random.nextInt(5) == 0 ? random.nextInt(3) - 1 : 1);
            if (taken.add(id)) {
                changes.add(
                        switch (random.nextInt(8)) {
                            case 0 -> succeeded(id, revision, "output " + step);
                            case 1 -> cancelled(id, revision);
                            case 2, 3 -> requeued(id, revision, NOW.plusSeconds(step), "step " + step);
                            case 4, 5 -> progressed(id, revision, step, "step " + step);
                            case 6 -> change(id, revision, "assigned", new Detail.Assigned("a", 7, step, "", "", ""));
                            default -> assigned(id, revision, step);
                        });
            }
        }
        return changes;
    }

    private void assertReadsAgree(Random random, TaskStore model, String own, List<Submit> known, String where) {
        for (Submit submit : known) {
            UUID id = submit.task();
            assertThat(get(store().find(id))).as(where).isEqualTo(get(model.find(id)));
            long after = random.nextInt(4);
            int limit = random.nextInt(4);
            assertThat(get(store().events(id, after, limit))).as(where).isEqualTo(get(model.events(id, after, limit)));
        }
        String state =
                List.of("", "queued", "assigned", "succeeded", "cancelled").get(random.nextInt(5));
        Optional<UUID> below = random.nextBoolean() || known.isEmpty()
                ? Optional.empty()
                : Optional.of(known.get(random.nextInt(known.size())).task());
        String skill = own + random.nextInt(2);
        int limit = random.nextInt(8);
        assertThat(get(store().list(new Filter(state, skill, Optional.empty()), below, limit)))
                .as(where)
                .isEqualTo(get(model.list(new Filter(state, skill, Optional.empty()), below, limit)));
        assertThat(get(store().loadOpen()).stream()
                        .filter(each -> each.spec().skill().startsWith(own))
                        .toList())
                .as(where)
                .isEqualTo(get(model.loadOpen()));
    }

    @Test
    void shouldWriteNothingUnderAnEpochThatHasEnded() {
        TaskStore fenced = new PgTaskStore(database.store(), new ShardFence("tasks", Map.of(0, -1)));
        Submit submit = submit();

        Throwable failure = failure(fenced.write(List.of(submit), List.of()));

        assertThat(failure)
                .isInstanceOfSatisfying(
                        StoreException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(StoreException.Kind.FENCED));
        assertThat(get(store().find(submit.task()))).isEmpty();
    }
}
