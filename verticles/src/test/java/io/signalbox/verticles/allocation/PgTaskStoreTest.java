package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import io.signalbox.verticles.allocation.TaskStore.Loaded;
import io.signalbox.verticles.allocation.TaskStore.Written;
import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.postgres.TestDatabase;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What every {@link TaskStore} keeps to, on a real PostgreSQL. */
class PgTaskStoreTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static TestDatabase database;
    private static TaskStore store;

    @BeforeAll
    static void start() throws IOException {
        database = TestDatabase.start();
        store = new PgTaskStore(database.store());
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.await(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static Submit submit(String key) {
        return submit(key, "skill." + UUID.randomUUID());
    }

    private static Submit submit(String key, String skill) {
        SubmitTask request = SubmitTask.newBuilder()
                .setSkill(skill)
                .setVersionRange("^1")
                .setPriority(7)
                .setDeadlineMs(NOW.plusSeconds(60).toEpochMilli())
                .setMaxAttempts(3)
                .putLabels("team", "\u00e9\"x")
                .setContentType("text/plain")
                .setInput(ByteString.copyFrom(new byte[] {0, 1, (byte) 0xff}))
                .setSubmitter("tester")
                .setIdempotencyKey(key)
                .setRequestHash(ByteString.copyFrom(new byte[] {9, 9}))
                .setTraceparent("00-trace")
                .build();
        return new Submit(UUID.randomUUID(), request, NOW);
    }

    private static Submit stored(String key) {
        Submit submit = submit(key);
        get(store.write(List.of(submit), List.of()));
        return submit;
    }

    private static Change change(UUID task, long revision, String type, Detail detail) {
        return new Change(task, revision, type, NOW.plusSeconds(revision), detail);
    }

    private static Change assigned(UUID task, long revision, long token) {
        return change(task, revision, "assigned", new Detail.Assigned("agent-1", token, 1, "1.2.0"));
    }

    private static TaskView find(UUID task) {
        return get(store.find(task)).orElseThrow();
    }

    @Test
    void shouldKeepAllOfASubmittedTask() {
        Submit submit = stored("");

        TaskView task = find(submit.task());

        assertThat(task.getState()).isEqualTo("queued");
        assertThat(task.getSkill()).isEqualTo(submit.request().getSkill());
        assertThat(task.getVersionRange()).isEqualTo("^1");
        assertThat(task.getPriority()).isEqualTo(7);
        assertThat(task.getDeadlineMs()).isEqualTo(submit.request().getDeadlineMs());
        assertThat(task.getMaxAttempts()).isEqualTo(3);
        assertThat(task.getLabelsMap()).isEqualTo(submit.request().getLabelsMap());
        assertThat(task.getContentType()).isEqualTo("text/plain");
        assertThat(task.getInput()).isEqualTo(submit.request().getInput());
        assertThat(task.getSubmitter()).isEqualTo("tester");
        assertThat(task.getTraceparent()).isEqualTo("00-trace");
        assertThat(task.getSubmittedAtMs()).isEqualTo(NOW.toEpochMilli());
        assertThat(task.getRevision()).isEqualTo(1);
    }

    @Test
    void shouldGiveTheTaskOfTheFirstTimeWhenAKeyComesAgain() {
        Submit first = stored("key-1");
        Submit again = submit("key-1");
        Submit other = submit("key-2");

        Written written = get(store.write(List.of(again, other), List.of()));

        assertThat(written.submitted().get(again.task()).task()).isEqualTo(first.task());
        assertThat(written.submitted().get(again.task()).requestHash()).containsExactly(9, 9);
        assertThat(written.submitted().get(other.task()).task()).isEqualTo(other.task());
        assertThat(get(store.find(again.task()))).isEmpty();
    }

    @Test
    void shouldTakeOneOfTwoWithTheSameKeyInABatch() {
        Submit one = submit("both");
        Submit two = submit("both");

        Written written = get(store.write(List.of(one, two), List.of()));

        assertThat(written.submitted().get(one.task()).task())
                .isEqualTo(written.submitted().get(two.task()).task());
    }

    @Test
    void shouldChangeNothingWhenABatchIsWrittenAgain() {
        Submit submit = stored("");
        Submit other = submit("");
        List<Submit> submits = List.of(other);
        List<Change> changes = List.of(assigned(submit.task(), 2, 77));

        Written first = get(store.write(submits, changes));
        Written second = get(store.write(submits, changes));

        assertThat(first.changed().get(submit.task()).committed()).isTrue();
        assertThat(second.changed().get(submit.task()).committed()).isTrue();
        assertThat(second.submitted().get(other.task()).task()).isEqualTo(other.task());
        assertThat(find(submit.task()).getRevision()).isEqualTo(2);
        assertThat(get(store.events(submit.task(), 0, 10))).hasSize(2);
    }

    @Test
    void shouldRefuseAChangeForAnotherRevision() {
        Submit submit = stored("");

        Written written = get(store.write(List.of(), List.of(assigned(submit.task(), 5, 77))));

        assertThat(written.changed().get(submit.task()).committed()).isFalse();
        assertThat(written.changed().get(submit.task()).revision()).isEqualTo(1);
        assertThat(find(submit.task()).getState()).isEqualTo("queued");
    }

    @Test
    void shouldGoThroughATasksLifeAndTellIt() {
        Submit submit = stored("");
        UUID id = submit.task();
        get(store.write(List.of(), List.of(assigned(id, 2, 41))));
        assertThat(find(id).getState()).isEqualTo("assigned");
        assertThat(find(id).getAgent()).isEqualTo("agent-1");
        assertThat(find(id).getSkillVersion()).isEqualTo("1.2.0");
        get(store.write(List.of(), List.of(change(id, 3, "progress", new Detail.Progressed(12.5, "reading")))));
        assertThat(find(id).getProgressPercent()).isEqualTo(12.5);
        get(store.write(
                List.of(),
                List.of(change(
                        id, 4, "requeued", new Detail.Requeued(1, NOW.plusSeconds(9), Code.LEASE_EXPIRED, "late")))));
        assertThat(find(id).getState()).isEqualTo("queued");
        assertThat(find(id).getReasonCode()).isEqualTo(Code.LEASE_EXPIRED.number());
        get(store.write(List.of(), List.of(assigned(id, 5, 42))));
        ByteString output = ByteString.copyFromUtf8("{\"n\":1}");
        get(store.write(
                List.of(),
                List.of(change(
                        id,
                        6,
                        "succeeded",
                        new Detail.Ended("succeeded", Optional.empty(), "", "application/json", output)))));

        assertThat(find(id).getState()).isEqualTo("succeeded");
        assertThat(find(id).getOutput()).isEqualTo(output);
        assertThat(find(id).getToken()).isEqualTo(42);
        assertThat(get(store.events(id, 0, 10)).stream().map(TaskEvent::getType))
                .containsExactly("submitted", "assigned", "progress", "requeued", "assigned", "succeeded");
        assertThat(get(store.events(id, 2, 2)).stream().map(TaskEvent::getRevision))
                .containsExactly(3L, 4L);
    }

    @Test
    void shouldLoadWhatIsOpenWithEverythingThatTheBrokerNeeds() {
        Submit waiting = stored("");
        Submit working = stored("");
        Submit done = stored("");
        get(store.write(List.of(), List.of(assigned(working.task(), 2, 99))));
        get(store.write(
                List.of(),
                List.of(change(
                        done.task(),
                        2,
                        "cancelled",
                        new Detail.Ended("cancelled", Optional.of(Code.TASK_CANCELLED), "x", "", ByteString.EMPTY)))));

        List<Loaded> open = get(store.loadOpen());

        assertThat(open)
                .extracting(Loaded::id)
                .contains(waiting.task(), working.task())
                .doesNotContain(done.task());
        Loaded loaded = open.stream()
                .filter(each -> each.id().equals(working.task()))
                .findFirst()
                .orElseThrow();
        assertThat(loaded.assigned()).isTrue();
        assertThat(loaded.agent()).isEqualTo("agent-1");
        assertThat(loaded.token()).isEqualTo(99);
        assertThat(loaded.attempt()).isEqualTo(1);
        assertThat(loaded.maxAttempts()).isEqualTo(3);
        assertThat(loaded.deadline()).contains(NOW.plusSeconds(60));
        assertThat(loaded.submittedAt()).isEqualTo(NOW);
        assertThat(loaded.revision()).isEqualTo(2);
    }

    @Test
    void shouldListByPagesAndFilters() {
        String skill = "paged.skill";
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            // In the order of their ids, as the ones that are made by time are.
            UUID id = new UUID(1_000 + i, i);
            ids.addFirst(id);
            get(store.write(List.of(new Submit(id, submit("", skill).request(), NOW)), List.of()));
        }
        get(store.write(List.of(), List.of(assigned(ids.getFirst(), 2, 1))));

        List<TaskView> first = get(store.list("", skill, Optional.empty(), 3));
        List<TaskView> rest = get(store.list("", skill, Optional.of(ids.get(2)), 3));

        assertThat(first)
                .extracting(TaskView::getId)
                .containsExactlyElementsOf(
                        ids.subList(0, 3).stream().map(UUID::toString).toList());
        assertThat(rest)
                .extracting(TaskView::getId)
                .containsExactlyElementsOf(
                        ids.subList(3, 5).stream().map(UUID::toString).toList());
        assertThat(first).allSatisfy(task -> assertThat(task.getInput()).isEmpty());
        assertThat(get(store.list("assigned", skill, Optional.empty(), 10))).hasSize(1);
        assertThat(get(store.list("queued", skill, Optional.empty(), 10))).hasSize(4);
        assertThat(get(store.list("", "no.such", Optional.empty(), 10))).isEmpty();
    }

    @Test
    void shouldWriteABigBatchAtOnce() {
        List<Submit> submits = IntStream.range(0, 1_000)
                .mapToObj(i -> submit("big-" + i, "big.skill"))
                .toList();

        get(store.write(submits, List.of()));
        List<Change> changes =
                submits.stream().map(submit -> assigned(submit.task(), 2, 1)).toList();
        Written written = get(store.write(List.of(), changes));

        assertThat(written.changed().values()).hasSize(1_000).allMatch(TaskStore.Changed::committed);
    }

    @Test
    void shouldStoreNothingOfABatchWithAFault() {
        Submit good = submit("");
        Submit bad = new Submit(
                UUID.randomUUID(), good.request().toBuilder().setSkill("nul \0").build(), NOW);

        assertThatThrownBy(() -> get(store.write(List.of(good, bad), List.of())))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FAULT));
        assertThat(get(store.find(good.task()))).isEmpty();
    }
}
