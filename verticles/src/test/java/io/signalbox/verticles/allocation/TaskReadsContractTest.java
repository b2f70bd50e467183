package io.signalbox.verticles.allocation;

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

import com.google.protobuf.ByteString;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import io.signalbox.verticles.allocation.TaskStore.Changed;
import io.signalbox.verticles.allocation.TaskStore.Filter;
import io.signalbox.verticles.allocation.TaskStore.Loaded;
import io.signalbox.verticles.allocation.TaskStore.Written;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every {@link TaskStore} keeps to when tasks are submitted and read; the rest of the contract builds on it. The
 * tests may share a store: each has tasks, skills and keys of its own.
 */
abstract class TaskReadsContractTest {
    final String own = "own." + UUID.randomUUID();

    abstract TaskStore store();

    abstract Vertx vertx();

    Written write(Submit... submits) {
        return get(store().write(List.of(submits), List.of()));
    }

    Changed write(Change change) {
        return get(store().write(List.of(), List.of(change))).changed().get(change.task());
    }

    /** A new task, and what happened to it. */
    UUID stored(SubmitTask.Builder request) {
        Submit submit = submit(request);
        write(submit);
        return submit.task();
    }

    UUID stored() {
        return stored(request());
    }

    SubmitTask.Builder withKey(String key) {
        return request().setIdempotencyKey(own + key);
    }

    @Test
    void shouldFindThoseOfSeveralThatAreThere() {
        StoreWrite.Submit one = submit();
        StoreWrite.Submit other = submit();
        get(store().write(List.of(one, other, submit()), List.of()));

        List<TaskView> found = get(store().findAll(List.of(one.task(), UUID.randomUUID(), other.task())));

        assertThat(found).containsExactlyInAnyOrder(find(one.task()), find(other.task()));
        assertThat(get(store().findAll(List.of()))).isEmpty();
    }

    TaskView find(UUID task) {
        return get(store().find(task)).orElseThrow();
    }

    List<TaskEvent> events(UUID task) {
        return get(store().events(task, 0, 100));
    }

    static Stream<SubmitTask.Builder> requests() {
        return Stream.of(
                request(),
                request()
                        .clearDeadlineMs()
                        .clearVersionRange()
                        .clearLabels()
                        .clearInput()
                        .clearTraceparent(),
                request().setPriority(0).setMaxAttempts(Integer.MAX_VALUE).setDeadlineMs(Long.MAX_VALUE),
                request()
                        .setPriority(9)
                        .setMaxAttempts(1)
                        .setDeadlineMs(1)
                        .setInput(ByteString.copyFrom(new byte[1_000_000])),
                request()
                        .setContentType("\u00e9/\ud83d\ude80")
                        .setSubmitter("'; DROP TABLE tasks; --")
                        .putLabels("", "")
                        .putLabels("\ud83d\ude80 \\ \"{}\n", "\u4eba\u5de5 \u007f \\u0000")
                        .setTraceparent(" "));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void shouldKeepAllOfASubmittedTask(SubmitTask.Builder asked) {
        SubmitTask request = asked.build();

        UUID id = stored(asked);

        assertThat(find(id))
                .isEqualTo(TaskView.newBuilder()
                        .setId(id.toString())
                        .setState("queued")
                        .setSkill(request.getSkill())
                        .setVersionRange(request.getVersionRange())
                        .setPriority(request.getPriority())
                        .setDeadlineMs(request.getDeadlineMs())
                        .setMaxAttempts(request.getMaxAttempts())
                        .putAllLabels(request.getLabelsMap())
                        .setContentType(request.getContentType())
                        .setInput(request.getInput())
                        .setSubmitter(request.getSubmitter())
                        .setTraceparent(request.getTraceparent())
                        .setSubmittedAtMs(NOW.toEpochMilli())
                        .setUpdatedAtMs(NOW.toEpochMilli())
                        .setRevision(1)
                        .build());
        assertThat(events(id))
                .containsExactly(TaskEvent.newBuilder()
                        .setTask(id.toString())
                        .setRevision(1)
                        .setType("submitted")
                        .setAtMs(NOW.toEpochMilli())
                        .build());
    }

    @Test
    void shouldGiveTheTaskOfTheFirstTimeWhenAKeyComesAgain() {
        UUID first = stored(withKey("1").setRequestHash(ByteString.copyFromUtf8("first")));
        Submit again = submit(withKey("1").setRequestHash(ByteString.copyFromUtf8("again")));
        Submit other = submit(withKey("2"));

        Written written = write(again, other);

        assertThat(written.submitted().get(again.task()).task()).isEqualTo(first);
        assertThat(written.submitted().get(again.task()).requestHash()).isEqualTo("first".getBytes());
        assertThat(written.submitted().get(other.task()).task()).isEqualTo(other.task());
        assertThat(get(store().find(again.task()))).isEmpty();
        assertThat(events(again.task())).isEmpty();
    }

    @Test
    void shouldKeepAKeyAfterItsTaskHasEnded() {
        UUID first = stored(withKey("1"));
        write(cancelled(first, 2));
        Submit again = submit(withKey("1"));

        assertThat(write(again).submitted().get(again.task()).task()).isEqualTo(first);
    }

    @Test
    void shouldKeepKeysOfSubmittersApart() {
        Submit mine = submit(withKey("1").setSubmitter(own + "me"));
        Submit yours = submit(withKey("1").setSubmitter(own + "you"));

        Written written = write(mine, yours);

        assertThat(written.submitted().get(mine.task()).task()).isEqualTo(mine.task());
        assertThat(written.submitted().get(yours.task()).task()).isEqualTo(yours.task());
    }

    @Test
    void shouldNotTakeNoKeyForAKey() {
        Submit one = submit();
        Submit two = submit();

        Written written = write(one, two);

        assertThat(written.submitted().get(one.task()).task()).isEqualTo(one.task());
        assertThat(written.submitted().get(two.task()).task()).isEqualTo(two.task());
    }

    @Test
    void shouldTakeTheFirstOfTwoWithTheSameKeyInABatch() {
        Submit one = submit(withKey("both"));
        Submit two = submit(withKey("both"));

        Written written = write(one, two);

        assertThat(written.submitted().get(one.task()).task()).isEqualTo(one.task());
        assertThat(written.submitted().get(two.task()).task()).isEqualTo(one.task());
    }

    @Test
    void shouldGiveTheSameTaskToAllThatUseAKeyAtTheSameTime() {
        List<Submit> submits =
                IntStream.range(0, 20).mapToObj(i -> submit(withKey("race"))).toList();

        List<Future<Written>> written = submits.stream()
                .map(submit -> store().write(List.of(submit), List.of()))
                .toList();

        List<UUID> tasks = IntStream.range(0, 20)
                .mapToObj(i -> get(written.get(i))
                        .submitted()
                        .get(submits.get(i).task())
                        .task())
                .distinct()
                .toList();
        assertThat(tasks).hasSize(1);
        assertThat(find(tasks.getFirst()).getRevision()).isEqualTo(1);
    }

    @Test
    void shouldLoadWhatIsOpenWithEverythingThatTheBrokerNeeds() {
        UUID waiting = stored(request().setSkill(own).clearDeadlineMs());
        UUID working = stored(request().setSkill(own).setPriority(3));
        UUID backingOff = stored(request().setSkill(own));
        write(assigned(working, 2, 99));
        write(requeued(backingOff, 2, NOW.plusSeconds(9), "late"));
        write(cancelled(stored(request().setSkill(own)), 2));
        write(succeeded(stored(request().setSkill(own)), 2, ""));

        List<Loaded> open = get(store().loadOpen()).stream()
                .filter(each -> each.spec().skill().equals(own))
                .toList();

        Optional<Instant> deadline = Optional.of(NOW.plusSeconds(60));
        Instant never = Instant.EPOCH;
        assertThat(open)
                .containsExactlyInAnyOrder(
                        new Loaded(spec(waiting, 7, Optional.empty()), "queued", 0, 0, "", never, false, 1),
                        new Loaded(spec(working, 3, deadline), "assigned", 1, 99, "agent-1", never, false, 2),
                        new Loaded(spec(backingOff, 7, deadline), "queued", 1, 0, "", NOW.plusSeconds(9), false, 2));
        assertThat(open).extracting(each -> each.spec().id().toString()).isSorted();
    }

    private TaskSpec spec(UUID id, int priority, Optional<Instant> deadline) {
        return Samples.spec(id, own, "^1", priority, NOW, deadline, 3);
    }

    /** By the text of the id: of numbers with a sign the greater half would be the oldest. */
    private List<UUID> fiveTasksNewestFirst() {
        List<UUID> ids = new ArrayList<>();
        for (long high : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 7, 0}) {
            ids.add(new UUID(high, UUID.randomUUID().getLeastSignificantBits()));
        }
        for (int i : new int[] {3, 0, 4, 2, 1}) {
            write(new Submit(ids.get(i), request().setSkill(own).build(), NOW.plusSeconds(i)));
        }
        return ids;
    }

    private List<UUID> list(String state, Optional<UUID> below, int limit) {
        return get(store().list(new Filter(state, own, Optional.empty()), below, limit)).stream()
                .map(task -> UUID.fromString(task.getId()))
                .toList();
    }

    @Test
    void shouldListByPagesNewestFirst() {
        List<UUID> ids = fiveTasksNewestFirst();

        assertThat(list("", Optional.empty(), 2)).isEqualTo(ids.subList(0, 2));
        assertThat(list("", Optional.of(ids.get(1)), 2)).isEqualTo(ids.subList(2, 4));
        assertThat(list("", Optional.of(ids.get(3)), 2)).isEqualTo(ids.subList(4, 5));
        assertThat(list("", Optional.of(ids.get(4)), 2)).isEmpty();
        assertThat(list("", Optional.of(new UUID(8, 0)), 2))
                .as("no task has it")
                .isEqualTo(ids.subList(3, 5));
        assertThat(list("", Optional.empty(), 5)).isEqualTo(ids);
        assertThat(list("", Optional.empty(), 0)).isEmpty();
    }

    @Test
    void shouldGoOnWithThePagesWhateverComesBetween() {
        List<UUID> ids = fiveTasksNewestFirst();
        assertThat(list("queued", Optional.empty(), 2)).isEqualTo(ids.subList(0, 2));

        write(cancelled(ids.get(1), 2));
        write(new Submit(new UUID(-1, -1), request().setSkill(own + ".other").build(), NOW));

        assertThat(list("queued", Optional.of(ids.get(1)), 2)).isEqualTo(ids.subList(2, 4));
    }

    @Test
    void shouldListByStateAndSkill() {
        List<UUID> ids = fiveTasksNewestFirst();
        write(assigned(ids.get(2), 2, 1));
        write(cancelled(ids.get(3), 2));

        assertThat(list("assigned", Optional.empty(), 9)).containsExactly(ids.get(2));
        assertThat(list("cancelled", Optional.empty(), 9)).containsExactly(ids.get(3));
        assertThat(list("queued", Optional.of(ids.get(0)), 9)).containsExactly(ids.get(1), ids.get(4));
        assertThat(list("no such", Optional.empty(), 9)).isEmpty();
        assertThat(get(store().list(new Filter("", own + ".no", Optional.empty()), Optional.empty(), 9)))
                .isEmpty();
        assertThat(get(store().list(new Filter("assigned", "", Optional.empty()), Optional.empty(), 1_000)))
                .extracting(TaskView::getId)
                .contains(ids.get(2).toString());
    }

    @Test
    void shouldListAllButInputAndOutput() {
        UUID id = stored(request().setSkill(own));
        write(assigned(id, 2, 5));
        write(succeeded(id, 3, "output"));

        assertThat(get(store().list(new Filter("", own, Optional.empty()), Optional.empty(), 1)))
                .containsExactly(find(id).toBuilder().clearInput().clearOutput().build());
    }

    @Test
    void shouldGiveEventsAfterARevisionOldestFirst() {
        UUID id = stored();
        for (int revision = 2; revision <= 12; revision++) {
            write(progressed(id, revision, revision, "step"));
        }

        assertThat(get(store().events(id, 2, 3)))
                .extracting(TaskEvent::getRevision)
                .containsExactly(3L, 4L, 5L);
        assertThat(get(store().events(id, 0, 100))).hasSize(12);
        assertThat(get(store().events(id, 12, 3))).isEmpty();
        assertThat(get(store().events(id, 0, 0))).isEmpty();
    }
}
