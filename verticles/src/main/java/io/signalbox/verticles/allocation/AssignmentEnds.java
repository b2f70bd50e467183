package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.Complete;
import io.signalbox.codecs.proto.Decline;
import io.signalbox.codecs.proto.Fail;
import io.signalbox.codecs.proto.Settled;
import io.signalbox.codecs.proto.Usage;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.postgres.StoreException;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Ends assignments and tasks as agents and users say: judged, stored, then answered. Confined to its event loop. */
final class AssignmentEnds {
    /** Who speaks. */
    record Speaker(String agent, long generation) {}

    /** What an agent gives with the end of an attempt. */
    private record Given(String contentType, ByteString output, Usage used) {
        static final Given NOTHING = new Given("", ByteString.EMPTY, Usage.getDefaultInstance());

        static Given used(Usage used) {
            return new Given("", ByteString.EMPTY, bounded(used));
        }

        /** Whatever an agent says: sums of it have to fit. */
        private static Usage bounded(Usage used) {
            return Usage.newBuilder()
                    .setTokens(Math.clamp(used.getTokens(), 0, MAX_USED))
                    .setCostMicros(Math.clamp(used.getCostMicros(), 0, MAX_USED))
                    .build();
        }

        Budget.Spent spent() {
            return new Budget.Spent(used.getTokens(), used.getCostMicros());
        }
    }

    private static final int MAX_REASON = 2000;
    private static final long MAX_USED = 1_000_000_000_000L;

    private final TaskBroker broker;
    private final StoreWriter writer;
    private final TaskStore store;
    private final EffectRunner effects;
    private final ProgressWriter progress;
    private final SkillSchemas schemas;
    private final AgentPost post;
    private final AllocationMeters meters;
    private final InstantSource clock;

    AssignmentEnds(
            TaskBroker broker,
            StoreWriter writer,
            TaskStore store,
            EffectRunner effects,
            ProgressWriter progress,
            SkillSchemas schemas,
            AgentPost post,
            AllocationMeters meters,
            InstantSource clock) {
        this.broker = broker;
        this.writer = writer;
        this.store = store;
        this.effects = effects;
        this.progress = progress;
        this.schemas = schemas;
        this.post = post;
        this.meters = meters;
        this.clock = clock;
    }

    Future<Settled> complete(Speaker speaker, Complete complete) {
        UUID task = id(complete.getTask());
        return broker.view()
                .demandOf(task)
                .map(demand -> schemas.checkOutput(demand, complete.getContentType(), complete.getOutput()))
                .orElse(Future.succeededFuture(Optional.empty()))
                .compose(violation -> {
                    if (violation.isPresent()) {
                        return failed(
                                speaker,
                                task,
                                complete.getToken(),
                                Code.SCHEMA_INVALID,
                                violation.get(),
                                true,
                                Given.used(complete.getUsage()));
                    }
                    Verdict verdict = broker.complete(speaker.agent(), speaker.generation(), task, complete.getToken());
                    return settle(
                            task,
                            complete.getToken(),
                            verdict,
                            "succeeded",
                            new Given(
                                    complete.getContentType(),
                                    complete.getOutput(),
                                    Given.bounded(complete.getUsage())));
                });
    }

    Future<Settled> fail(Speaker speaker, Fail fail) {
        return failed(
                speaker,
                id(fail.getTask()),
                fail.getToken(),
                Code.AGENT_FAILED,
                fail.getReason(),
                fail.getRetryable(),
                Given.used(fail.getUsage()));
    }

    private Future<Settled> failed(
            Speaker speaker, UUID task, long token, Code code, String reason, boolean retryable, Given given) {
        Verdict verdict = broker.fail(
                speaker.agent(),
                speaker.generation(),
                task,
                token,
                code,
                shortened(reason),
                retryable,
                clock.instant());
        Future<Settled> settled = settle(task, token, verdict, "dead", given);
        return code == Code.AGENT_FAILED ? settled : settled.map(done -> outputRefused(done, reason));
    }

    /** The attempt has failed by its output: the agent is told why. */
    private static Settled outputRefused(Settled settled, String reason) {
        return settled.getCode() != 0
                ? settled
                : settled.toBuilder()
                        .setCode(Code.SCHEMA_INVALID.number())
                        .setMessage("the output breaks the skill's schema: " + reason)
                        .build();
    }

    private static String shortened(String reason) {
        return reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON) + "...";
    }

    Future<Settled> decline(Speaker speaker, Decline decline) {
        UUID task = id(decline.getTask());
        Verdict verdict = broker.decline(
                speaker.agent(),
                speaker.generation(),
                task,
                decline.getToken(),
                shortened(decline.getReason()),
                clock.instant());
        return settle(task, decline.getToken(), verdict, "requeued", Given.NOTHING);
    }

    /** @param end what the agent's word makes of the task, should it be told again once the task has ended */
    private Future<Settled> settle(UUID task, long token, Verdict verdict, String end, Given given) {
        Settled.Builder answer = Settled.newBuilder().setTask(task.toString()).setToken(token);
        return switch (verdict) {
            case Verdict.Accepted(Settlement settlement) ->
                store(task, settlement, given).map(stored -> answer.build());
            case Verdict.Refused(Code code, String reason, Duration ignored)
            when code.retry() -> Future.failedFuture(new ServiceException(code, reason));
            case Verdict.Refused(Code code, String reason, Duration ignored) ->
                Future.succeededFuture(
                        answer.setCode(code.number()).setMessage(reason).build());
            case Verdict.NotOpen ignored -> ended(task, token, end, answer);
        };
    }

    /** The task has ended: the same end told again is fine, anything else is too late. */
    private Future<Settled> ended(UUID task, long token, String end, Settled.Builder answer) {
        return store.find(task).recover(AssignmentEnds::refused).map(found -> {
            if (found.isEmpty()) {
                return answer.setCode(Code.NOT_FOUND.number())
                        .setMessage("no such task")
                        .build();
            }
            TaskView view = found.get();
            boolean same = view.getToken() == token && view.getState().equals(end);
            return same
                    ? answer.build()
                    : answer.setCode(Code.TASK_ENDED.number())
                            .setMessage("the task is " + view.getState() + " already")
                            .build();
        });
    }

    static <T> Future<T> refused(Throwable cause) {
        return Future.failedFuture(cause instanceof StoreException failure ? failure.refusal() : cause);
    }

    /** Completes once the task is cancelled, or was already. */
    Future<Void> cancel(UUID task, String by) {
        return switch (broker.cancel(task, by)) {
            case Verdict.Accepted(Settlement settlement) -> store(task, settlement, Given.NOTHING);
            case Verdict.Refused(Code code, String reason, Duration ignored) ->
                Future.failedFuture(new ServiceException(code, reason));
            case Verdict.NotOpen ignored ->
                store.find(task).recover(AssignmentEnds::refused).map(found -> {
                    TaskView view = found.orElseThrow(() -> new ServiceException(Code.NOT_FOUND, "no task " + task));
                    if (!view.getState().equals("cancelled")) {
                        throw new ServiceException(Code.TASK_ENDED, "the task is " + view.getState() + " already");
                    }
                    return null;
                });
        };
    }

    /** As {@link #cancel}, and all open descendants, also of a task that has ended. */
    Future<Void> cancelTree(UUID task, String by) {
        return cancel(task, by).recover(AssignmentEnds::unlessEnded).compose(done -> cancelBelow(task, by));
    }

    /** Until none is left: an agent may have submitted more before it heard that its own task is cancelled. */
    private Future<Void> cancelBelow(UUID task, String by) {
        return store.openBelow(task).recover(AssignmentEnds::refused).compose(open -> {
            List<Future<Void>> cancels = open.stream()
                    .map(id -> cancel(id, by).recover(AssignmentEnds::unlessEnded))
                    .toList();
            return open.isEmpty()
                    ? Future.succeededFuture()
                    : Future.all(cancels).compose(done -> cancelBelow(task, by));
        });
    }

    private static Future<Void> unlessEnded(Throwable cause) {
        return cause instanceof ServiceException refused && refused.code() == Code.TASK_ENDED
                ? Future.succeededFuture()
                : Future.failedFuture(cause);
    }

    /** Completes once the decision is stored. */
    Future<Void> decide(UUID task, boolean approve, String by, String reason) {
        return switch (broker.decide(task, approve, by, shortened(reason))) {
            case Verdict.Accepted(Settlement settlement) -> store(task, settlement, Given.NOTHING);
            case Verdict.Refused(Code code, String words, Duration ignored) ->
                Future.failedFuture(new ServiceException(code, words));
            case Verdict.NotOpen ignored ->
                store.find(task).recover(AssignmentEnds::refused).map(found -> {
                    TaskView view = found.orElseThrow(() -> new ServiceException(Code.NOT_FOUND, "no task " + task));
                    throw new ServiceException(Code.TASK_ENDED, "the task is " + view.getState() + " already");
                });
        };
    }

    private Future<Void> store(UUID task, Settlement settlement, Given given) {
        Instant now = clock.instant();
        int attempt = broker.view().attemptOf(task);
        String type = type(settlement);
        Detail detail = detail(settlement, attempt, given);
        progress.writeBeforeSettling(task);
        return writer.change(task, type, now, detail)
                .map(stored -> {
                    count(settlement);
                    post.tell(type, now, detail, stored);
                    effects.run(broker.used(task, given.spent(), clock.instant()));
                    effects.settled(task, settlement);
                    return (Void) null;
                })
                .recover(cause -> {
                    effects.run(broker.settleFailed(task, clock.instant()));
                    return Future.failedFuture(cause);
                });
    }

    private static String type(Settlement settlement) {
        return switch (settlement) {
            case Settlement.Succeeded ignored -> "succeeded";
            case Settlement.Dead ignored -> "dead";
            case Settlement.Cancelled ignored -> "cancelled";
            case Settlement.Retry ignored -> "requeued";
            case Settlement.Returned ignored -> "requeued";
            case Settlement.Approved ignored -> "approved";
            case Settlement.Disapproved ignored -> "dead";
        };
    }

    private Detail detail(Settlement settlement, int attempt, Given given) {
        return switch (settlement) {
            case Settlement.Succeeded ignored ->
                new Detail.Ended("succeeded", Optional.empty(), "", given.contentType(), given.output(), given.used());
            case Settlement.Dead dead ->
                new Detail.Ended("dead", Optional.of(dead.code()), dead.reason(), "", ByteString.EMPTY, given.used());
            case Settlement.Cancelled cancelled ->
                new Detail.Ended(
                        "cancelled", Optional.of(Code.TASK_CANCELLED), "by " + cancelled.by(), "", ByteString.EMPTY);
            case Settlement.Retry retry ->
                new Detail.Requeued(attempt, retry.notBefore(), retry.code(), retry.reason(), given.used());
            case Settlement.Returned returned ->
                new Detail.Requeued(attempt - 1, clock.instant(), Code.ALL_BUSY, "declined: " + returned.reason());
            case Settlement.Approved approved -> new Detail.Approved(approved.by(), approved.reason());
            case Settlement.Disapproved refused -> new Detail.Disapproved(refused.by(), refused.reason());
        };
    }

    private void count(Settlement settlement) {
        switch (settlement) {
            case Settlement.Succeeded ignored -> meters.ended("succeeded");
            case Settlement.Dead ignored -> meters.ended("dead");
            case Settlement.Cancelled ignored -> meters.ended("cancelled");
            case Settlement.Retry retry -> meters.requeued(retry.code());
            case Settlement.Returned ignored -> meters.requeued(Code.ALL_BUSY);
            case Settlement.Approved ignored -> {}
            case Settlement.Disapproved ignored -> meters.ended("dead");
        }
    }

    /** @throws ServiceException when it is no task's id */
    static UUID id(String text) {
        return parse(text).orElseThrow(() -> new ServiceException(Code.NOT_FOUND, "no task '" + text + "'"));
    }

    static Optional<UUID> parse(String text) {
        try {
            return Optional.of(UUID.fromString(text)).filter(id -> id.toString().equals(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
