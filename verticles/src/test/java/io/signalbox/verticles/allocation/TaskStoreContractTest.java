package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.PortCalls.assertAnswersOnTheCallersContext;
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

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskPlan;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.Usage;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import io.signalbox.verticles.allocation.TaskStore.Changed;
import io.signalbox.verticles.allocation.TaskStore.Filter;
import io.signalbox.verticles.allocation.TaskStore.Written;
import io.signalbox.verticles.postgres.StoreException;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link TaskStore} keeps to. */
abstract class TaskStoreContractTest extends TaskReadsContractTest {
    @Test
    void shouldGoThroughATasksLifeAndTellIt() {
        UUID id = stored();
        write(assigned(id, 2, 41));
        assertThat(find(id)).satisfies(task -> {
            assertThat(task.getState()).isEqualTo("assigned");
            assertThat(task.getAgent()).isEqualTo("agent-1");
            assertThat(task.getAttempt()).isEqualTo(1);
            assertThat(task.getSkillVersion()).isEqualTo("1.2.0");
            assertThat(task.getDefinition()).isEqualTo("reviewer@3.1.0");
        });
        write(progressed(id, 3, 12.5, "reading"));
        assertThat(find(id).getProgressPercent()).isEqualTo(12.5);
        assertThat(find(id).getProgressMessage()).isEqualTo("reading");
        write(requeued(id, 4, NOW.plusSeconds(9), "late"));
        assertThat(find(id)).satisfies(task -> {
            assertThat(task.getState()).isEqualTo("queued");
            assertThat(task.getAgent()).isEmpty();
            assertThat(task.getReason()).isEqualTo("late");
            assertThat(task.getReasonCode()).isEqualTo(Code.LEASE_EXPIRED.number());
        });
        write(assigned(id, 5, 42));
        assertThat(find(id).getReason()).as("of the attempt before").isEmpty();
        assertThat(find(id).getProgressPercent()).as("of the attempt before").isZero();
        write(succeeded(id, 6, "{\"n\":1}"));

        assertThat(find(id)).satisfies(task -> {
            assertThat(task.getState()).isEqualTo("succeeded");
            assertThat(task.getOutput().toStringUtf8()).isEqualTo("{\"n\":1}");
            assertThat(task.getOutputContentType()).isEqualTo("application/json");
            assertThat(task.getToken()).isEqualTo(42);
            assertThat(task.getUpdatedAtMs()).isEqualTo(NOW.plusSeconds(6).toEpochMilli());
        });
        assertThat(events(id))
                .extracting(TaskEvent::getType)
                .containsExactly("submitted", "assigned", "progress", "requeued", "assigned", "succeeded");
        assertThat(events(id)).extracting(TaskEvent::getRevision).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(events(id).get(3)).satisfies(event -> {
            assertThat(event.getReason()).isEqualTo("late");
            assertThat(event.getToken()).isEqualTo(41);
            assertThat(event.getAtMs()).isEqualTo(NOW.plusSeconds(4).toEpochMilli());
        });
    }

    @Test
    void shouldGiveTheInputOfWhatIsAssignedAlone() {
        UUID one = stored();
        UUID other = stored();
        write(assigned(other, 2, 1));

        Written written = get(store().write(List.of(), List.of(assigned(one, 2, 77), succeeded(other, 3, "done"))));

        TaskView task = written.changed().get(one).task();
        assertThat(task.getInput()).isEqualTo(find(one).getInput()).isNotEqualTo(ByteString.EMPTY);
        assertThat(task.getToken()).isEqualTo(77);
        assertThat(task.getLabelsMap()).containsEntry("team", "\u00e9\"x");
        assertThat(written.changed().get(other).task().getInput()).isEmpty();
    }

    @Test
    void shouldChangeNothingWhenABatchIsWrittenAgain() {
        UUID id = stored();
        Submit other = submit(withKey("1"));
        List<Change> changes = List.of(assigned(id, 2, 77));

        Written first = get(store().write(List.of(other), changes));
        Written second = get(store().write(List.of(other), changes));

        assertThat(second.changed()).isEqualTo(first.changed());
        assertThat(second.changed().get(id).committed()).isTrue();
        assertThat(second.submitted().get(other.task()).task()).isEqualTo(other.task());
        assertThat(events(id)).hasSize(2);
        assertThat(events(other.task())).hasSize(1);
    }

    @Test
    void shouldKnowAChangeAgainAfterTheTaskHasGoneOn() {
        UUID id = stored();
        Change change = assigned(id, 2, 77);
        write(change);
        write(succeeded(id, 3, "done"));

        assertThat(write(change).committed()).isTrue();
        assertThat(write(change).revision()).isEqualTo(3);
        assertThat(find(id).getState()).isEqualTo("succeeded");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 5, Long.MAX_VALUE})
    void shouldRefuseAChangeForAnotherRevision(long revision) {
        UUID id = stored();

        Changed changed =
                write(new Change(id, revision, "assigned", NOW, new Detail.Assigned("a", 1, 1, "1.0.0", "", "")));

        assertThat(changed.committed()).isFalse();
        assertThat(changed.revision()).isEqualTo(1);
        assertThat(find(id).getState()).isEqualTo("queued");
        assertThat(events(id)).hasSize(1);
    }

    /** Of two writers that saw the same revision, as after the fall of a node, one learns that it was late. */
    @Test
    void shouldNotTakeAnotherWritersChangeForTheOneThatWasAskedFor() {
        UUID id = stored();
        write(assigned(id, 2, 1));
        write(succeeded(id, 3, "done"));

        Changed late = write(requeued(id, 3, NOW, "lease expired"));
        Changed later = write(assigned(id, 4, 2));

        assertThat(late.committed()).isFalse();
        assertThat(late.revision()).isEqualTo(3);
        assertThat(later.committed()).as("it has ended").isFalse();
        assertThat(find(id).getState()).isEqualTo("succeeded");
        assertThat(find(id).getToken()).isEqualTo(1);
        assertThat(events(id)).hasSize(3);
    }

    @Test
    void shouldNeverChangeATaskThatHasEnded() {
        UUID id = stored();
        write(cancelled(id, 2));
        TaskView ended = find(id);

        assertThat(write(assigned(id, 3, 5)).committed()).isFalse();
        assertThat(write(progressed(id, 3, 1, "")).committed()).isFalse();
        assertThat(write(requeued(id, 3, NOW, "")).committed()).isFalse();
        assertThat(write(succeeded(id, 3, "")).committed()).isFalse();

        assertThat(find(id)).isEqualTo(ended);
    }

    @Test
    void shouldLetOneOfManyChangesAtTheSameTimeWin() {
        UUID id = stored();
        List<Future<Written>> writes = IntStream.range(0, 20)
                .mapToObj(i -> store().write(List.of(), List.of(assigned(id, 2, 100 + i))))
                .toList();

        List<Integer> winners = IntStream.range(0, 20)
                .filter(i -> get(writes.get(i)).changed().get(id).committed())
                .boxed()
                .toList();

        assertThat(winners).hasSize(1);
        assertThat(find(id).getToken()).isEqualTo(100 + winners.getFirst());
        assertThat(events(id)).hasSize(2);
    }

    @Test
    void shouldSayNothingOfATaskThatIsNotThere() {
        UUID known = stored();
        UUID unknown = UUID.randomUUID();

        Written written = get(store().write(List.of(), List.of(assigned(unknown, 2, 1), assigned(known, 2, 1))));

        assertThat(written.changed()).containsOnlyKeys(known);
        assertThat(get(store().find(unknown))).isEmpty();
        assertThat(events(unknown)).isEmpty();
    }

    @Test
    void shouldWriteTheGoodOfABatchBesideTheLate() {
        UUID good = stored();
        UUID late = stored();
        Submit submit = submit();

        Written written = get(store().write(List.of(submit), List.of(assigned(late, 7, 1), assigned(good, 2, 2))));

        assertThat(written.changed().get(late).committed()).isFalse();
        assertThat(written.changed().get(good).committed()).isTrue();
        assertThat(find(good).getState()).isEqualTo("assigned");
        assertThat(find(submit.task()).getState()).isEqualTo("queued");
    }

    @Test
    void shouldKeepExtremeNumbers() {
        UUID id = stored();
        write(change(id, 2, "assigned", new Detail.Assigned("", Long.MAX_VALUE, Integer.MAX_VALUE, "", "", "")));
        write(progressed(id, 3, Double.MIN_VALUE, ""));

        assertThat(find(id).getToken()).isEqualTo(Long.MAX_VALUE);
        assertThat(find(id).getAttempt()).isEqualTo(Integer.MAX_VALUE);
        assertThat(find(id).getProgressPercent()).isEqualTo(Double.MIN_VALUE);
        assertThat(events(id).getLast().getPercent()).isEqualTo(Double.MIN_VALUE);
    }

    /** An agent cannot make its own result impossible to store. */
    @ParameterizedTest
    @ValueSource(strings = {"", "\ud83d\ude80 \u4eba\u5de5", "nul \0 nul", "'\\\"\n"})
    void shouldStoreWhatAgentsSayWhateverItHolds(String text) {
        UUID id = stored();
        String kept = text.replace('\0', '\ufffd');
        write(progressed(id, 2, 1, text));
        write(requeued(id, 3, NOW, text));

        write(change(
                id,
                4,
                "dead",
                new Detail.Ended("dead", Optional.of(Code.TASK_CANCELLED), text, text, ByteString.copyFromUtf8(text))));

        assertThat(find(id)).satisfies(task -> {
            assertThat(task.getReason()).isEqualTo(kept);
            assertThat(task.getOutputContentType()).isEqualTo(kept);
            assertThat(task.getOutput().toStringUtf8()).isEqualTo(text);
        });
        assertThat(events(id).get(1).getMessage()).isEqualTo(kept);
        assertThat(events(id).get(2).getReason()).isEqualTo(kept);
    }

    @Test
    void shouldWriteABigBatchAtOnce() {
        List<Submit> submits = IntStream.range(0, 1_000)
                .mapToObj(i -> submit(withKey("big-" + i)))
                .toList();

        Written submitted = write(submits.toArray(Submit[]::new));
        Written changed = get(store().write(
                        List.of(),
                        submits.stream()
                                .map(submit -> assigned(submit.task(), 2, 1))
                                .toList()));

        assertThat(submitted.submitted()).hasSize(1_000);
        assertThat(changed.changed().values()).hasSize(1_000).allMatch(Changed::committed);
    }

    @Test
    void shouldTakeAnEmptyBatch() {
        Written written = write();

        assertThat(written.submitted()).isEmpty();
        assertThat(written.changed()).isEmpty();
    }

    @Test
    void shouldStoreNothingOfABatchWithAFault() {
        UUID open = stored();
        Submit good = submit();
        Submit bad = submit(request().setSkill("nul \0"));

        assertThat(failure(store().write(List.of(good, bad), List.of(assigned(open, 2, 1)))))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FAULT));
        assertThat(get(store().find(good.task()))).isEmpty();
        assertThat(find(open).getRevision()).isEqualTo(1);
        assertThat(write(good).submitted()).as("afterwards").hasSize(1);
    }

    private UUID held(TaskPlan plan) {
        Submit submit = submit(request().setTenant("team").setPlan(plan));
        write(submit);
        return submit.task();
    }

    @Test
    void shouldHoldATaskWithItsPlanUntilItIsReleased() {
        TaskPlan plan = TaskPlan.newBuilder()
                .setNotBeforeMs(NOW.plusSeconds(9).toEpochMilli())
                .addRequires(stored().toString())
                .setOnRequirementLost("run")
                .setApproval(true)
                .build();
        UUID id = held(plan);
        assertThat(find(id).getState()).isEqualTo("held");
        assertThat(find(id).getTenant()).isEqualTo("team");
        assertThat(find(id).getPlan()).isEqualTo(plan);
        assertThat(loaded(id).state()).isEqualTo("held");
        assertThat(loaded(id).spec().tenant()).isEqualTo("team");
        assertThat(loaded(id).spec().plan()).isEqualTo(io.signalbox.verticles.allocation.TaskPlan.of(plan));

        write(change(id, 2, "released", new Detail.Released()));

        assertThat(loaded(id).state()).isEqualTo("queued");
        assertThat(loaded(id).notBefore()).as("since when it waits").isEqualTo(NOW.plusSeconds(2));
        Changed assigned = write(assigned(id, 3, 5));
        assertThat(assigned.task().getPlan()).isEqualTo(plan);
        assertThat(get(store().states(List.of(id, UUID.randomUUID())))).isEqualTo(Map.of(id, "assigned"));
    }

    @Test
    void shouldKeepWhoApprovedAndWhenAndWhy() {
        UUID id = held(TaskPlan.newBuilder().setApproval(true).build());
        assertThat(loaded(id).approved()).isFalse();

        write(change(id, 2, "approved", new Detail.Approved("eve", "fine")));
        write(change(id, 3, "released", new Detail.Released()));

        assertThat(loaded(id).approved()).isTrue();
        assertThat(find(id).getDecidedBy()).isEqualTo("eve");
        assertThat(find(id).getDecidedAtMs()).isEqualTo(NOW.plusSeconds(2).toEpochMilli());
        assertThat(find(id).getDecisionReason()).isEqualTo("fine");
        assertThat(events(id).get(1).getBy()).isEqualTo("eve");
        assertThat(events(id).get(1).getReason()).isEqualTo("fine");
    }

    @Test
    void shouldBeDeadWhenItIsNotApprovedOf() {
        UUID id = held(TaskPlan.newBuilder().setApproval(true).build());

        write(change(id, 2, "dead", new Detail.Disapproved("eve", "too dear")));

        assertThat(find(id)).satisfies(task -> {
            assertThat(task.getState()).isEqualTo("dead");
            assertThat(task.getDecidedBy()).isEqualTo("eve");
            assertThat(task.getReasonCode()).isEqualTo(Code.APPROVAL_REFUSED.number());
            assertThat(task.getReason()).isEqualTo("too dear");
        });
    }

    @Test
    void shouldAddUpWhatAllAttemptsUsed() {
        UUID id = stored();
        Usage used = Usage.newBuilder().setTokens(5).setCostMicros(7).build();
        write(assigned(id, 2, 1));
        write(change(id, 3, "requeued", new Detail.Requeued(1, NOW, Code.AGENT_FAILED, "", used)));
        write(assigned(id, 4, 2));

        Detail ended = new Detail.Ended("succeeded", Optional.empty(), "", "", ByteString.EMPTY, used);
        write(change(id, 5, "succeeded", ended));

        assertThat(find(id).getUsed().getTokens()).isEqualTo(10);
        assertThat(find(id).getUsed().getCostMicros()).isEqualTo(14);
    }

    @Test
    void shouldFindOpenDescendantsBelowEndedOnesToo() {
        UUID top = stored();
        UUID child = childOf(top);
        UUID grandchild = childOf(child);
        UUID other = childOf(stored());
        write(cancelled(child, 2));

        assertThat(get(store().openBelow(top))).containsExactly(grandchild);
        assertThat(get(store().openBelow(other))).isEmpty();
        Filter children = new Filter("", "", Optional.of(top));
        assertThat(get(store().list(children, Optional.empty(), 9)))
                .extracting(TaskView::getId)
                .containsExactly(child.toString());
    }

    @Test
    void shouldAddUpWhatATreeUsedAndCountChildren() {
        UUID top = stored();
        UUID one = childOf(top);
        childOf(top);
        Usage used = Usage.newBuilder().setTokens(5).setCostMicros(7).build();
        for (UUID task : List.of(top, one)) {
            Detail ended = new Detail.Ended("succeeded", Optional.empty(), "", "", ByteString.EMPTY, used);
            write(change(task, 2, "succeeded", ended));
        }

        TaskStore.Trees trees = get(store().trees(List.of(top, UUID.randomUUID())));

        assertThat(trees.spent()).isEqualTo(Map.of(top, new Budget.Spent(10, 14)));
        assertThat(trees.children()).isEqualTo(Map.of(top, 2));
    }

    private UUID childOf(UUID parent) {
        Submit submit = submit(request()
                .setPlan(TaskPlan.newBuilder().setParent(parent.toString()).setRoot(parent.toString())));
        write(submit);
        return submit.task();
    }

    private TaskStore.Loaded loaded(UUID id) {
        return get(store().loadOpen()).stream()
                .filter(each -> each.spec().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldAnswerOnTheCallersContext() {
        Submit submit = submit();

        assertAnswersOnTheCallersContext(vertx(), () -> store().write(List.of(submit), List.of()));
        assertAnswersOnTheCallersContext(vertx(), () -> store().find(submit.task()));
        assertAnswersOnTheCallersContext(vertx(), () -> store().loadOpen());
    }
}
