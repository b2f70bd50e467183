package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.codecs.internal.DeleteSchedule;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.GetSchedule;
import io.signalbox.codecs.internal.ListSchedules;
import io.signalbox.codecs.internal.PutSchedule;
import io.signalbox.codecs.internal.Schedule;
import io.signalbox.codecs.internal.SchedulePage;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.gateway.identity.Identity.Role;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;

/**
 * Tasks that are submitted again and again.
 *
 * @param maxInput bytes
 */
record ScheduleRoutes(ServiceCalls services, long maxInput) {
    private static final Set<String> MEMBERS = Set.of("name", "cron", "everyMs", "zone", "missed", "task");

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.of(HttpMethod.GET, "/v1/schedules", Role.READ, this::list),
                ApiRoute.of(HttpMethod.POST, "/v1/schedules", Role.SUBMIT, this::put),
                ApiRoute.of(HttpMethod.GET, "/v1/schedules/{name}", Role.READ, this::get),
                ApiRoute.of(HttpMethod.DELETE, "/v1/schedules/{name}", Role.SUBMIT, this::delete));
    }

    private void list(RoutingContext request) {
        ListSchedules list = ListSchedules.newBuilder()
                .setLimit(ApiRequest.limit(request))
                .setCursor(ApiRequest.parameter(request, "cursor"))
                .build();
        services.allocation(list, SchedulePage.parser())
                .onSuccess(page -> {
                    ArrayNode items = ApiJson.array();
                    page.getSchedulesList().forEach(schedule -> items.add(json(schedule)));
                    ServiceCalls.answer(request, 200, ApiJson.page("schedules", items, page.getNextCursor()));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void put(RoutingContext request) {
        ObjectNode body = ApiRequest.body(request, MEMBERS);
        Schedule schedule = Schedule.newBuilder()
                .setName(ApiRequest.text(body, "name", ""))
                .setOwner(Access.identity(request).subject())
                .setCron(ApiRequest.text(body, "cron", ""))
                .setEveryMs(ApiRequest.integer(body, "everyMs").orElse(0))
                .setZone(ApiRequest.text(body, "zone", ""))
                .setMissed(ApiRequest.text(body, "missed", ""))
                .setTask(TaskRequest.read(ApiRequest.object(body, "task", TaskRequest.MEMBERS), maxInput))
                .build();
        services.allocation(PutSchedule.newBuilder().setSchedule(schedule).build(), Schedule.parser())
                .onSuccess(stored -> ServiceCalls.answer(request, 200, json(stored)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void get(RoutingContext request) {
        GetSchedule get =
                GetSchedule.newBuilder().setName(request.pathParam("name")).build();
        services.allocation(get, Schedule.parser())
                .onSuccess(schedule -> ServiceCalls.answer(request, 200, json(schedule)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void delete(RoutingContext request) {
        DeleteSchedule delete = DeleteSchedule.newBuilder()
                .setName(request.pathParam("name"))
                .setBy(Access.identity(request).subject())
                .build();
        services.allocation(delete, Done.parser())
                .onSuccess(done -> request.response().setStatusCode(204).end())
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private static ObjectNode json(Schedule schedule) {
        ObjectNode json = ApiJson.object().put("name", schedule.getName()).put("owner", schedule.getOwner());
        if (schedule.getCron().isEmpty()) {
            json.put("everyMs", schedule.getEveryMs());
        } else {
            json.put("cron", schedule.getCron()).put("zone", schedule.getZone().isEmpty() ? "UTC" : schedule.getZone());
        }
        json.put("missed", schedule.getMissed().isEmpty() ? "once" : schedule.getMissed())
                .put("createdAt", ApiJson.time(schedule.getCreatedAtMs()))
                .put("updatedAt", ApiJson.time(schedule.getUpdatedAtMs()));
        putTime(json, "nextAt", schedule.getNextAtMs());
        putTime(json, "lastAt", schedule.getLastAtMs());
        ApiJson.putUnlessEmpty(json, "lastTask", schedule.getLastTask());
        ApiJson.putUnlessEmpty(json, "lastError", schedule.getLastError());
        json.set("task", task(schedule.getTask()));
        return json;
    }

    private static void putTime(ObjectNode json, String name, long at) {
        if (at != 0) {
            json.put(name, ApiJson.time(at));
        }
    }

    private static ObjectNode task(SubmitTask task) {
        ObjectNode json = ApiJson.object().put("skill", task.getSkill());
        ApiJson.putUnlessEmpty(json, "versionRange", task.getVersionRange());
        ApiJson.putUnlessEmpty(json, "tenant", task.getTenant());
        ApiJson.putUnlessEmpty(json, "contentType", task.getContentType());
        if (task.hasPriority()) {
            json.put("priority", task.getPriority());
        }
        ApiJson.putMap(json.putObject("labels"), task.getLabelsMap());
        json.set("input", ApiJson.content(task.getInput(), task.getContentType()));
        return json;
    }
}
