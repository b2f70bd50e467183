package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.UuidV7;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.allocation.TaskStore.Submitted;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/** Takes tasks: checked, stored, then given to the broker and answered. Confined to its event loop. */
final class Submissions {
    /** Of a new task the place in its queue is told if so few are before or behind it: to count is not to cost the others time. */
    private static final int NEAR = 100;

    private final Tenure.Means means;
    private final TaskBroker broker;
    private final Plans plans;
    private final SkillSchemas schemas;
    private final StoreWriter writer;
    private final EffectRunner effects;
    private final AgentPost post;
    private final TaskQueries queries;

    Submissions(
            Tenure.Means means,
            TaskBroker broker,
            Plans plans,
            SkillSchemas schemas,
            StoreWriter writer,
            EffectRunner effects,
            AgentPost post,
            TaskQueries queries) {
        this.means = means;
        this.broker = broker;
        this.plans = plans;
        this.schemas = schemas;
        this.writer = writer;
        this.effects = effects;
        this.post = post;
        this.queries = queries;
    }

    /** Completes once it is committed. Fails with {@link ServiceException}. */
    Future<TaskView> submit(SubmitTask wish) {
        SubmitTask request = SubmitRules.complete(
                wish, means.config().maxAttempts(), means.clock().instant());
        TaskSpec.Demand demand = new TaskSpec.Demand(request.getSkill(), request.getVersionRange());
        return checkInput(demand, request.getContentType(), request.getInput())
                .compose(fine -> plans.checked(request))
                .compose(planned -> {
                    Optional<Verdict.Refused> refused = broker.view()
                            .refuses(
                                    demand, request.getFailFast(), means.clock().instant());
                    Future<TaskView> stored = refused.isPresent()
                            ? Future.failedFuture(new ServiceException(
                                    refused.get().code(),
                                    refused.get().reason(),
                                    refused.get().retryAfter()))
                            : store(planned);
                    return stored.onComplete(done -> {
                        if (done.failed() || done.result().getRepeatedRequest()) {
                            plans.forgo(planned);
                        }
                    });
                });
    }

    private Future<TaskView> store(SubmitTask request) {
        Instant now = means.clock().instant();
        UUID id = UuidV7.next(now.toEpochMilli(), means.random());
        return writer.submit(new StoreWrite.Submit(id, request, now)).compose(submitted -> {
            if (!submitted.task().equals(id)) {
                return repeated(request, submitted);
            }
            means.meters().submitted();
            post.submitted(id, now);
            effects.run(broker.submitted(
                    SubmitRules.spec(id, request, now), means.clock().instant()));
            return Future.succeededFuture(accepted(id, request, now));
        });
    }

    private Future<TaskView> repeated(SubmitTask request, Submitted before) {
        if (!Arrays.equals(request.getRequestHash().toByteArray(), before.requestHash())) {
            return Future.failedFuture(new ServiceException(
                    Code.KEY_REUSED,
                    "the idempotency key '" + request.getIdempotencyKey() + "' was used for another request, task "
                            + before.task()));
        }
        return queries.find(before.task())
                .map(view -> view.toBuilder().setRepeatedRequest(true).build());
    }

    private TaskView accepted(UUID id, SubmitTask request, Instant now) {
        return queries.placed(
                TaskView.newBuilder()
                        .setId(id.toString())
                        .setState(new StoreWrite.Submit(id, request, now).state())
                        .setSkill(request.getSkill())
                        .setVersionRange(request.getVersionRange())
                        .setPriority(request.getPriority())
                        .setDeadlineMs(request.getDeadlineMs())
                        .setMaxAttempts(request.getMaxAttempts())
                        .putAllLabels(request.getLabelsMap())
                        .setSubmitter(request.getSubmitter())
                        .setSubmittedAtMs(now.toEpochMilli())
                        .setUpdatedAtMs(now.toEpochMilli())
                        .setContentType(request.getContentType())
                        .setInput(request.getInput())
                        .setTraceparent(request.getTraceparent())
                        .setTenant(request.getTenant())
                        .setPlan(request.getPlan())
                        .setRevision(1)
                        .build(),
                NEAR);
    }

    /** What was checked when the task was submitted, against what is in force now. */
    Future<?> checkAgain(UUID id) {
        return queries.find(id).compose(task -> {
            TaskSpec.Demand demand = new TaskSpec.Demand(task.getSkill(), task.getVersionRange());
            return checkInput(demand, task.getContentType(), task.getInput());
        });
    }

    private Future<?> checkInput(TaskSpec.Demand demand, String contentType, ByteString input) {
        return schemas.checkInput(demand, contentType, input)
                .compose(violation -> violation.isEmpty()
                        ? Future.succeededFuture()
                        : Future.failedFuture(new ServiceException(
                                Code.SCHEMA_INVALID, "the input breaks the skill's schema: " + violation.get())));
    }
}
