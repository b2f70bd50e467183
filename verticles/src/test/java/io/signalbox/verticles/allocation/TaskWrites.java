package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** What the tests of task stores write. */
final class TaskWrites {
    static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private TaskWrites() {}

    static SubmitTask.Builder request() {
        return SubmitTask.newBuilder()
                .setSkill("skill." + UUID.randomUUID())
                .setVersionRange("^1")
                .setPriority(7)
                .setDeadlineMs(NOW.plusSeconds(60).toEpochMilli())
                .setMaxAttempts(3)
                .putLabels("team", "\u00e9\"x")
                .setContentType("text/plain")
                .setInput(ByteString.copyFrom(new byte[] {0, 1, (byte) 0xff}))
                .setSubmitter("tester")
                .setRequestHash(ByteString.copyFrom(new byte[] {9, 9}))
                .setTraceparent("00-trace");
    }

    static Submit submit(SubmitTask.Builder request) {
        return new Submit(UUID.randomUUID(), request.build(), NOW);
    }

    static Submit submit() {
        return submit(request());
    }

    static Change change(UUID task, long revision, String type, Detail detail) {
        return new Change(task, revision, type, NOW.plusSeconds(revision), detail);
    }

    static Change assigned(UUID task, long revision, long token) {
        return change(
                task, revision, "assigned", new Detail.Assigned("agent-1", token, 1, "1.2.0", "reviewer@3.1.0", ""));
    }

    static Change progressed(UUID task, long revision, double percent, String message) {
        return change(task, revision, "progress", new Detail.Progressed(percent, message));
    }

    static Change requeued(UUID task, long revision, Instant notBefore, String reason) {
        return change(task, revision, "requeued", new Detail.Requeued(1, notBefore, Code.LEASE_EXPIRED, reason));
    }

    static Change succeeded(UUID task, long revision, String output) {
        return change(
                task,
                revision,
                "succeeded",
                new Detail.Ended(
                        "succeeded", Optional.empty(), "", "application/json", ByteString.copyFromUtf8(output)));
    }

    static Change cancelled(UUID task, long revision) {
        return change(
                task,
                revision,
                "cancelled",
                new Detail.Ended("cancelled", Optional.of(Code.TASK_CANCELLED), "by hand", "", ByteString.EMPTY));
    }
}
