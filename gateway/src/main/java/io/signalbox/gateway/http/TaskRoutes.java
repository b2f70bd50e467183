package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Tasks.
 *
 * @param maxInput bytes
 */
record TaskRoutes(ServiceCalls services, TaskEventStreams streams, long maxInput) {
    private static final Set<String> STATES =
            Set.of("", "held", "queued", "assigned", "succeeded", "dead", "cancelled");

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.of(HttpMethod.POST, "/v1/tasks", Role.SUBMIT, this::submit),
                ApiRoute.of(HttpMethod.POST, "/v1/tasks/batch", Role.SUBMIT, this::submitAll),
                ApiRoute.of(HttpMethod.GET, "/v1/tasks", Role.READ, this::list),
                ApiRoute.of(HttpMethod.GET, "/v1/tasks/{id}", Role.READ, this::get),
                ApiRoute.of(HttpMethod.GET, "/v1/tasks/{id}/explanation", Role.READ, this::explain),
                ApiRoute.of(HttpMethod.POST, "/v1/tasks/{id}/cancel", Role.SUBMIT, this::cancel),
                ApiRoute.of(HttpMethod.POST, "/v1/tasks/{id}/approve", Role.APPROVE, request -> decide(request, true)),
                ApiRoute.of(HttpMethod.POST, "/v1/tasks/{id}/refuse", Role.APPROVE, request -> decide(request, false)),
                ApiRoute.of(HttpMethod.GET, "/v1/tasks/{id}/events", Role.READ, streams::open));
    }

    private void submit(RoutingContext request) {
        SubmitTask wish = SubmitJson.read(ApiRequest.body(request, TaskRequest.MEMBERS), maxInput)
                .setSubmitter(Access.identity(request).subject())
                .setIdempotencyKey(SubmitJson.header(request, "Idempotency-Key"))
                .setTraceparent(SubmitJson.header(request, "traceparent"))
                .build();
        services.allocation(wish, TaskView.parser())
                .onSuccess(task -> {
                    request.response().putHeader("Location", "/v1/tasks/" + task.getId());
                    if (task.getRepeatedRequest()) {
                        request.response().putHeader("Idempotency-Replayed", "true");
                    }
                    ServiceCalls.answer(request, 202, ApiJson.task(task, false));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    /** Each is accepted or refused for itself. */
    private void submitAll(RoutingContext request) {
        List<Future<ObjectNode>> outcomes = new ArrayList<>();
        for (JsonNode each : SubmitJson.batch(request)) {
            outcomes.add(submitOne(request, each).map(SubmitJson::accepted).recover(SubmitJson::refused));
        }
        Future.all(outcomes)
                .onSuccess(all -> {
                    ArrayNode tasks = ApiJson.array();
                    all.<ObjectNode>list().forEach(tasks::add);
                    ServiceCalls.answer(request, 200, ApiJson.object().set("tasks", tasks));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private Future<TaskView> submitOne(RoutingContext request, JsonNode each) {
        try {
            SubmitTask wish = SubmitJson.readWithKey(each, maxInput)
                    .setSubmitter(Access.identity(request).subject())
                    .setTraceparent(SubmitJson.header(request, "traceparent"))
                    .build();
            return services.allocation(wish, TaskView.parser());
        } catch (ServiceException refused) {
            return Future.failedFuture(refused);
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
