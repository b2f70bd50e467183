package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Batches as columns, the way unnest takes them. The order is that of the arguments named in the statements' headers. */
final class TaskColumns {
    private TaskColumns() {}

    static Tuple ofSubmits(List<Submit> submits) {
        return Tuple.tuple()
                .addValue(column(submits, Submit::task, UUID[]::new))
                .addValue(column(submits, of(SubmitTask::getSkill), String[]::new))
                .addValue(column(submits, of(SubmitTask::getVersionRange), String[]::new))
                .addValue(column(submits, of(request -> (short) request.getPriority()), Short[]::new))
                .addValue(column(submits, submit -> submit.submittedAt().toEpochMilli(), Long[]::new))
                .addValue(column(submits, of(SubmitTask::getDeadlineMs), Long[]::new))
                .addValue(column(submits, of(SubmitTask::getMaxAttempts), Integer[]::new))
                .addValue(column(submits, of(request -> json(request.getLabelsMap())), String[]::new))
                .addValue(column(submits, of(SubmitTask::getSubmitter), String[]::new))
                .addValue(column(submits, of(SubmitTask::getIdempotencyKey), String[]::new))
                .addValue(column(submits, of(request -> buffer(request.getRequestHash())), Buffer[]::new))
                .addValue(column(submits, of(SubmitTask::getTraceparent), String[]::new))
                .addValue(column(submits, of(SubmitTask::getContentType), String[]::new))
                .addValue(column(submits, of(request -> buffer(request.getInput())), Buffer[]::new));
    }

    private static <T> Function<Submit, T> of(Function<SubmitTask, T> value) {
        return submit -> value.apply(submit.request());
    }

    static Tuple ofKeys(List<Submit> submits) {
        return Tuple.tuple()
                .addValue(column(submits, Submit::task, UUID[]::new))
                .addValue(column(submits, of(SubmitTask::getSubmitter), String[]::new))
                .addValue(column(submits, of(SubmitTask::getIdempotencyKey), String[]::new));
    }

    static Tuple ofChanges(List<Change> changes) {
        List<Columns> rows = changes.stream().map(TaskColumns::columns).toList();
        return Tuple.tuple()
                .addValue(column(changes, Change::task, UUID[]::new))
                .addValue(column(changes, Change::revision, Long[]::new))
                .addValue(column(rows, Columns::state, String[]::new))
                .addValue(column(rows, Columns::agent, String[]::new))
                .addValue(column(rows, Columns::token, Long[]::new))
                .addValue(column(rows, Columns::attempt, Integer[]::new))
                .addValue(column(rows, Columns::skillVersion, String[]::new))
                .addValue(column(rows, Columns::notBefore, Long[]::new))
                .addValue(column(rows, Columns::reasonCode, Integer[]::new))
                .addValue(column(rows, Columns::reason, String[]::new))
                .addValue(column(rows, Columns::outputContentType, String[]::new))
                .addValue(column(rows, Columns::output, Buffer[]::new))
                .addValue(column(rows, Columns::percent, Double[]::new))
                .addValue(column(rows, Columns::progress, String[]::new))
                .addValue(column(changes, change -> change.at().toEpochMilli(), Long[]::new))
                .addValue(column(changes, Change::type, String[]::new))
                .addValue(column(changes, TaskColumns::definition, String[]::new));
    }

    /** Null: it stays as it is. */
    private static String definition(Change change) {
        return change.detail() instanceof Detail.Assigned assigned ? assigned.definition() : null;
    }

    static Tuple ofWanted(List<Change> changes) {
        List<Columns> rows = changes.stream().map(TaskColumns::columns).toList();
        return Tuple.tuple()
                .addValue(column(changes, Change::task, UUID[]::new))
                .addValue(column(changes, change -> change.detail() instanceof Detail.Assigned, Boolean[]::new))
                .addValue(column(changes, Change::revision, Long[]::new))
                .addValue(column(changes, Change::type, String[]::new))
                .addValue(column(changes, change -> change.at().toEpochMilli(), Long[]::new))
                .addValue(column(rows, Columns::token, Long[]::new));
    }

    /** A row of a change; null: the column stays as it is. */
    private record Columns(
            String state,
            String agent,
            Long token,
            Integer attempt,
            String skillVersion,
            Long notBefore,
            Integer reasonCode,
            String reason,
            String outputContentType,
            Buffer output,
            Double percent,
            String progress) {}

    private static Columns columns(Change change) {
        return switch (change.detail()) {
            case Detail.Assigned assigned ->
                new Columns(
                        "assigned",
                        assigned.agent(),
                        assigned.token(),
                        assigned.attempt(),
                        assigned.skillVersion(),
                        null,
                        0,
                        "",
                        null,
                        null,
                        0.0,
                        "");
            case Detail.Progressed progressed ->
                new Columns(
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        progressed.percent(),
                        text(progressed.message()));
            case Detail.Requeued requeued ->
                new Columns(
                        "queued",
                        "",
                        null,
                        requeued.attempt(),
                        null,
                        requeued.notBefore().toEpochMilli(),
                        requeued.code().number(),
                        text(requeued.reason()),
                        null,
                        null,
                        null,
                        null);
            case Detail.Ended ended ->
                new Columns(
                        ended.state(),
                        null,
                        null,
                        null,
                        null,
                        null,
                        ended.code().map(Code::number).orElse(0),
                        text(ended.reason()),
                        text(ended.contentType()),
                        buffer(ended.output()),
                        null,
                        null);
        };
    }

    /** PostgreSQL's text cannot hold NUL; these texts come from agents. */
    private static String text(String text) {
        return text.replace('\0', '\ufffd');
    }

    private static <T, V> V[] column(List<T> rows, Function<T, V> value, IntFunction<V[]> array) {
        return rows.stream().map(value).toArray(array);
    }

    private static String json(Map<String, String> labels) {
        JsonObject json = new JsonObject();
        labels.forEach(json::put);
        return json.encode();
    }

    private static Buffer buffer(ByteString bytes) {
        return Buffer.buffer(bytes.toByteArray());
    }
}
