package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.CancelTask;
import io.signalbox.codecs.internal.DecideTask;
import io.signalbox.codecs.internal.ExplainTask;
import io.signalbox.codecs.internal.GetTask;
import io.signalbox.codecs.internal.ListTasks;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskExplanation;
import io.signalbox.codecs.internal.TaskPage;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.gateway.identity.Identity.Role;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tasks.
 *
 * @param maxInput bytes
 */
record TaskRoutes(ServiceCalls services, TaskEventStreams streams, long maxInput) {
    private static final Set<String> MEMBERS = Stream.concat(
                    Stream.of(
                            "skill",
                            "versionRange",
                            "input",
                            "contentType",
                            "priority",
                            "deadline",
                            "maxAttempts",
                            "labels",
                            "failFast",
                            "tenant"),
                    PlanJson.MEMBERS.stream())
            .collect(Collectors.toUnmodifiableSet());

    private static final Set<String> STATES =
            Set.of("", "held", "queued", "assigned", "succeeded", "dead", "cancelled");

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.of(HttpMethod.POST, "/v1/tasks", Role.SUBMIT, this::submit),
                ApiRoute.of(HttpMethod.GET, "/v1/tasks", Role.READ, this::list),
                ApiRoute.of(HttpMethod.GET, "/v1/tasks/{id}", Role.READ, this::get),
                ApiRoute.of(HttpMethod.GET, "/v1/tasks/{id}/explanation", Role.READ, this::explain),
                ApiRoute.of(HttpMethod.POST, "/v1/tasks/{id}/cancel", Role.SUBMIT, this::cancel),
                ApiRoute.of(HttpMethod.POST, "/v1/tasks/{id}/approve", Role.APPROVE, request -> decide(request, true)),
                ApiRoute.of(HttpMethod.POST, "/v1/tasks/{id}/refuse", Role.APPROVE, request -> decide(request, false)),
                ApiRoute.of(HttpMethod.GET, "/v1/tasks/{id}/events", Role.READ, streams::open));
    }

    private void submit(RoutingContext request) {
        services.allocation(submitTask(request), TaskView.parser())
                .onSuccess(task -> {
                    request.response().putHeader("Location", "/v1/tasks/" + task.getId());
                    if (task.getRepeatedRequest()) {
                        request.response().putHeader("Idempotency-Replayed", "true");
                    }
                    ServiceCalls.answer(request, 202, ApiJson.task(task, false));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private SubmitTask submitTask(RoutingContext request) {
        ObjectNode body = ApiRequest.body(request, MEMBERS);
        String contentType = ApiRequest.text(body, "contentType", "");
        ByteString input = Optional.ofNullable(body.get("input"))
                .map(value -> ApiJson.content(value, contentType))
                .orElse(ByteString.EMPTY);
        if (input.size() > maxInput) {
            throw new ServiceException(
                    Code.TOO_LARGE, "an input of " + input.size() + " bytes, allowed are " + maxInput);
        }
        SubmitTask.Builder task = SubmitTask.newBuilder()
                .setSkill(ApiRequest.text(body, "skill", ""))
                .setVersionRange(ApiRequest.text(body, "versionRange", ""))
                .setDeadlineMs(ApiRequest.time(body, "deadline")
                        .map(Instant::toEpochMilli)
                        .orElse(0L))
                .setMaxAttempts(ApiRequest.integer(body, "maxAttempts").orElse(0))
                .setFailFast(ApiRequest.flag(body, "failFast"))
                .putAllLabels(ApiRequest.texts(body, "labels"))
                .setContentType(contentType)
                .setInput(input)
                .setTenant(ApiRequest.text(body, "tenant", ""));
        ApiRequest.integer(body, "priority").ifPresent(task::setPriority);
        PlanJson.read(body).ifPresent(task::setPlan);
        return task.setRequestHash(hash(task.build()))
                .setSubmitter(Access.identity(request).subject())
                .setIdempotencyKey(Optional.ofNullable(request.request().getHeader("Idempotency-Key"))
                        .orElse(""))
                .setTraceparent(Optional.ofNullable(request.request().getHeader("traceparent"))
                        .orElse(""))
                .build();
    }

    /** The same for equal requests, however their JSON was written. */
    private static ByteString hash(SubmitTask task) {
        try {
            byte[] bytes = new byte[task.getSerializedSize()];
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.useDeterministicSerialization();
            task.writeTo(out);
            return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private void list(RoutingContext request) {
        String state = ApiRequest.parameter(request, "state");
        if (!STATES.contains(state)) {
            throw new ServiceException(
                    Code.INVALID_ARGUMENT, "state must be held, queued, assigned, succeeded, dead or cancelled");
        }
        ListTasks list = ListTasks.newBuilder()
                .setState(state)
                .setSkill(ApiRequest.parameter(request, "skill"))
                .setParent(ApiRequest.parameter(request, "parent"))
                .setLimit(ApiRequest.limit(request))
                .setCursor(ApiRequest.parameter(request, "cursor"))
                .build();
        services.allocation(list, TaskPage.parser())
                .onSuccess(page -> {
                    ArrayNode items = ApiJson.array();
                    page.getTasksList().forEach(task -> items.add(ApiJson.task(task, false)));
                    ServiceCalls.answer(request, 200, ApiJson.page("tasks", items, page.getNextCursor()));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void get(RoutingContext request) {
        answerTask(request, GetTask.newBuilder().setId(request.pathParam("id")).build());
    }

    private void explain(RoutingContext request) {
        ExplainTask explain =
                ExplainTask.newBuilder().setId(request.pathParam("id")).build();
        services.allocation(explain, TaskExplanation.parser())
                .onSuccess(explanation -> ServiceCalls.answer(request, 200, PlanJson.explanation(explanation)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void cancel(RoutingContext request) {
        CancelTask cancel = CancelTask.newBuilder()
                .setId(request.pathParam("id"))
                .setBy(Access.identity(request).subject())
                .setTree(ApiRequest.flagParameter(request, "tree"))
                .build();
        answerTask(request, cancel);
    }

    private void decide(RoutingContext request, boolean approve) {
        ObjectNode body = ApiRequest.body(request, Set.of("reason"));
        DecideTask decide = DecideTask.newBuilder()
                .setId(request.pathParam("id"))
                .setApprove(approve)
                .setBy(Access.identity(request).subject())
                .setReason(ApiRequest.text(body, "reason", ""))
                .build();
        answerTask(request, decide);
    }

    private void answerTask(RoutingContext request, MessageLite wish) {
        services.allocation(wish, TaskView.parser())
                .onSuccess(task -> ServiceCalls.answer(request, 200, ApiJson.task(task, true)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }
}
