package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.proto.Usage;
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
                .addValue(column(submits, of(request -> buffer(request.getInput())), Buffer[]::new))
                .addValue(column(submits, of(SubmitTask::getTenant), String[]::new))
                .addValue(column(submits, Submit::state, String[]::new))
                .addValue(column(submits, of(TaskColumns::plan), Buffer[]::new))
                .addValue(column(submits, of(request -> id(request.getPlan().getParent())), UUID[]::new))
                .addValue(column(submits, of(request -> id(request.getPlan().getRoot())), UUID[]::new));
    }

    private static Buffer plan(SubmitTask request) {
        return request.hasPlan() ? buffer(request.getPlan().toByteString()) : null;
    }

    private static UUID id(String text) {
        return text.isEmpty() ? null : UUID.fromString(text);
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
                .addValue(column(rows, row -> row.state, String[]::new))
                .addValue(column(rows, row -> row.agent, String[]::new))
                .addValue(column(rows, row -> row.token, Long[]::new))
                .addValue(column(rows, row -> row.attempt, Integer[]::new))
                .addValue(column(rows, row -> row.skillVersion, String[]::new))
                .addValue(column(rows, row -> row.notBefore, Long[]::new))
                .addValue(column(rows, row -> row.reasonCode, Integer[]::new))
                .addValue(column(rows, row -> row.reason, String[]::new))
                .addValue(column(rows, row -> row.outputContentType, String[]::new))
                .addValue(column(rows, row -> row.output, Buffer[]::new))
                .addValue(column(rows, row -> row.percent, Double[]::new))
                .addValue(column(rows, row -> row.progress, String[]::new))
                .addValue(column(changes, change -> change.at().toEpochMilli(), Long[]::new))
                .addValue(column(changes, Change::type, String[]::new))
                .addValue(column(rows, row -> row.by, String[]::new))
                .addValue(column(rows, row -> row.usedTokens, Long[]::new))
                .addValue(column(rows, row -> row.usedCost, Long[]::new))
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
                .addValue(column(rows, row -> row.token, Long[]::new));
    }

    /** A row of a change; null: the column stays as it is. */
    private static final class Columns {
        String state;
        String agent;
        Long token;
        Integer attempt;
        String skillVersion;
        Long notBefore;
        Integer reasonCode;
        String reason;
        String outputContentType;
        Buffer output;
        Double percent;
        String progress;
        String by;
        Long usedTokens;
        Long usedCost;

        void reason(int code, String words) {
            reasonCode = code;
            reason = text(words);
        }

        void used(Usage used) {
            if (used.getTokens() != 0 || used.getCostMicros() != 0) {
                usedTokens = used.getTokens();
                usedCost = used.getCostMicros();
            }
        }
    }

    private static Columns columns(Change change) {
        Columns row = new Columns();
        switch (change.detail()) {
            case Detail.Approved approved -> {
                row.by = approved.by();
                row.reason(0, approved.reason());
            }
            case Detail.Disapproved refused -> {
                row.state = "dead";
                row.by = refused.by();
                row.reason(Code.APPROVAL_REFUSED.number(), refused.reason());
            }
            case Detail.Released ignored -> {
                row.state = "queued";
                row.notBefore = change.at().toEpochMilli();
                row.reason(0, "");
            }
            case Detail.Assigned assigned -> {
                row.state = "assigned";
                row.agent = assigned.agent();
                row.token = assigned.token();
                row.attempt = assigned.attempt();
                row.skillVersion = assigned.skillVersion();
                row.reason(0, assigned.why());
                row.percent = 0.0;
                row.progress = "";
            }
            case Detail.Progressed progressed -> {
                row.percent = progressed.percent();
                row.progress = text(progressed.message());
            }
            case Detail.Requeued requeued -> {
                row.state = "queued";
                row.agent = "";
                row.attempt = requeued.attempt();
                row.notBefore = requeued.notBefore().toEpochMilli();
                row.reason(requeued.code().number(), requeued.reason());
                row.used(requeued.used());
            }
            case Detail.Ended ended -> {
                row.state = ended.state();
                row.reason(ended.code().map(Code::number).orElse(0), ended.reason());
                row.outputContentType = text(ended.contentType());
                row.output = buffer(ended.output());
                row.used(ended.used());
            }
        }
        return row;
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
