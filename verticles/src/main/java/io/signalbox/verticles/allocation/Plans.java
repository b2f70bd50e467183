package io.signalbox.verticles.allocation;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Checks what a submitted task asks for besides an agent, and says where in its tree it is. Confined to the broker's event loop. */
final class Plans {
    private static final int MAX_REQUIRES = 1000;
    private static final Set<String> ON_LOSS = Set.of("", "fail", "cancel", "run");

    private final TaskStore store;
    private final BrokerView broker;

    Plans(TaskStore store, BrokerView broker) {
        this.store = store;
        this.broker = broker;
    }

    /** The request with all that allocation has to add. Fails with {@code INVALID_ARGUMENT}, naming the field. */
    Future<SubmitTask> checked(SubmitTask request) {
        if (!request.hasPlan()) {
            return Future.succeededFuture(request);
        }
        io.signalbox.codecs.internal.TaskPlan plan = request.getPlan();
        require(plan.getNotBeforeMs() >= 0, "notBefore must be from 1970 on");
        require(ON_LOSS.contains(plan.getOnRequirementLost()), "onRequirementLost must be fail, cancel or run");
        List<UUID> required = plan.getRequiresList().stream().map(Plans::id).toList();
        require(required.size() <= MAX_REQUIRES, "requires: more than " + MAX_REQUIRES);
        require(new HashSet<>(required).size() == required.size(), "requires names a task twice");
        SubmitTask placed = request.toBuilder().setPlan(placed(plan)).build();
        List<UUID> ended =
                required.stream().filter(id -> broker.spec(id).isEmpty()).toList();
        return ended.isEmpty() ? Future.succeededFuture(placed) : exist(ended).map(placed);
    }

    private io.signalbox.codecs.internal.TaskPlan placed(io.signalbox.codecs.internal.TaskPlan plan) {
        if (plan.getParent().isEmpty()) {
            return plan.toBuilder().clearRoot().clearDepth().build();
        }
        TaskSpec parent = broker.spec(id(plan.getParent()))
                .orElseThrow(() -> new ServiceException(
                        Code.INVALID_ARGUMENT, "parent: task " + plan.getParent() + " is not open"));
        return plan.toBuilder()
                .setRoot(parent.plan().root().orElse(parent.id()).toString())
                .setDepth(parent.plan().depth() + 1)
                .build();
    }

    private Future<Void> exist(List<UUID> ended) {
        return store.states(ended).recover(AssignmentEnds::refused).map(states -> {
            ended.forEach(id -> require(states.containsKey(id), "requires: there is no task " + id));
            return null;
        });
    }

    private static UUID id(String text) {
        return AssignmentEnds.parse(text)
                .orElseThrow(() -> new ServiceException(Code.INVALID_ARGUMENT, "'" + text + "' is no task's id"));
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new ServiceException(Code.INVALID_ARGUMENT, message);
        }
    }
}
