package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.Budget;
import io.signalbox.codecs.internal.ExplanationStage;
import io.signalbox.codecs.internal.TaskExplanation;
import io.signalbox.codecs.internal.TaskPlan;
import io.signalbox.codecs.internal.TaskView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a task asks for besides an agent, as the API's JSON: read from requests, written into answers. */
final class PlanJson {
    static final Set<String> MEMBERS =
            Set.of("notBefore", "requires", "onRequirementLost", "approval", "parent", "budget");

    private static final List<String> LIMITS = List.of("tokens", "costMicros", "depth", "width");

    private PlanJson() {}

    /** @return empty when the task asks for nothing of it */
    static Optional<TaskPlan> read(ObjectNode body) {
        TaskPlan.Builder plan = TaskPlan.newBuilder()
                .setNotBeforeMs(ApiRequest.time(body, "notBefore")
                        .map(Instant::toEpochMilli)
                        .orElse(0L))
                .setOnRequirementLost(ApiRequest.text(body, "onRequirementLost", ""))
                .setApproval(ApiRequest.flag(body, "approval"))
                .setParent(ApiRequest.text(body, "parent", ""));
        ApiRequest.member(body, "requires").ifPresent(ids -> requires(ids).forEach(id -> plan.addRequires(text(id))));
        ApiRequest.member(body, "budget").ifPresent(limits -> plan.setBudget(budget(limits)));
        TaskPlan read = plan.build();
        return read.equals(TaskPlan.getDefaultInstance()) ? Optional.empty() : Optional.of(read);
    }

    private static Budget budget(JsonNode limits) {
        if (!(limits instanceof ObjectNode object)) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "budget must be an object");
        }
        object.fieldNames().forEachRemaining(name -> {
            if (!LIMITS.contains(name)) {
                throw new ServiceException(Code.INVALID_ARGUMENT, "budget has no limit '" + name + "'");
            }
        });
        return Budget.newBuilder()
                .setTokens(limit(object, "tokens", Long.MAX_VALUE))
                .setCostMicros(limit(object, "costMicros", Long.MAX_VALUE))
                .setDepth((int) limit(object, "depth", Integer.MAX_VALUE))
                .setWidth((int) limit(object, "width", Integer.MAX_VALUE))
                .build();
    }

    private static long limit(ObjectNode budget, String name, long most) {
        JsonNode value = budget.path(name);
        if (value.isMissingNode()) {
            return 0;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 1 || value.asLong() > most) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "budget." + name + " must be a whole number from 1 on");
        }
        return value.asLong();
    }

    private static ArrayNode requires(JsonNode ids) {
        if (ids instanceof ArrayNode array) {
            return array;
        }
        throw new ServiceException(Code.INVALID_ARGUMENT, "requires must be an array of tasks' ids");
    }

    private static String text(JsonNode id) {
        if (!id.isTextual()) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "requires must be an array of tasks' ids");
        }
        return id.asText();
    }

    static void put(ObjectNode json, TaskView task) {
        ApiJson.putUnlessEmpty(json, "tenant", task.getTenant());
        TaskPlan plan = task.getPlan();
        if (plan.getNotBeforeMs() != 0) {
            json.put("notBefore", ApiJson.time(plan.getNotBeforeMs()));
        }
        if (plan.getRequiresCount() > 0) {
            ArrayNode ids = json.putArray("requires");
            plan.getRequiresList().forEach(ids::add);
            json.put("onRequirementLost", plan.getOnRequirementLost().isEmpty() ? "fail" : plan.getOnRequirementLost());
        }
        if (plan.getApproval()) {
            putApproval(json.put("approval", true), task);
        }
        ApiJson.putUnlessEmpty(json, "parent", plan.getParent());
        ApiJson.putUnlessEmpty(json, "root", plan.getRoot());
        if (plan.hasBudget()) {
            putBudget(json.putObject("budget"), plan.getBudget());
        }
        if (task.hasUsed()) {
            json.putObject("used")
                    .put("tokens", task.getUsed().getTokens())
                    .put("costMicros", task.getUsed().getCostMicros());
        }
        if (task.hasQueuePosition()) {
            ObjectNode queue = json.putObject("queue").put("position", task.getQueuePosition());
            if (task.hasExpectedWaitMs()) {
                queue.put("expectedWaitMs", task.getExpectedWaitMs());
            }
        }
    }

    private static void putBudget(ObjectNode json, Budget budget) {
        putUnlessZero(json, "tokens", budget.getTokens());
        putUnlessZero(json, "costMicros", budget.getCostMicros());
        putUnlessZero(json, "depth", budget.getDepth());
        putUnlessZero(json, "width", budget.getWidth());
    }

    private static void putUnlessZero(ObjectNode json, String name, long value) {
        if (value != 0) {
            json.put(name, value);
        }
    }

    private static void putApproval(ObjectNode json, TaskView task) {
        if (!task.getDecidedBy().isEmpty()) {
            ObjectNode decision = json.putObject("decision")
                    .put("by", task.getDecidedBy())
                    .put("at", ApiJson.time(task.getDecidedAtMs()));
            ApiJson.putUnlessEmpty(decision, "reason", task.getDecisionReason());
        }
    }

    static ObjectNode explanation(TaskExplanation explanation) {
        ObjectNode json = ApiJson.object();
        json.set("task", ApiJson.task(explanation.getTask(), false));
        ArrayNode stages = json.putArray("stages");
        explanation.getStagesList().forEach(stage -> stages.add(stage(stage)));
        ArrayNode decisions = json.putArray("decisions");
        explanation.getDecisionsList().forEach(event -> decisions.add(ApiJson.event(event)));
        return json;
    }

    private static ObjectNode stage(ExplanationStage stage) {
        ObjectNode json = ApiJson.object()
                .put("name", stage.getName())
                .put("passed", stage.getPassed())
                .put("detail", stage.getDetail());
        if (stage.getAgentsLeft() + stage.getAgentsRemoved() > 0) {
            json.put("agentsRemoved", stage.getAgentsRemoved()).put("agentsLeft", stage.getAgentsLeft());
        }
        return json;
    }
}
