package io.signalbox.verticles.allocation;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Checks what a submitted task asks for besides an agent, and says where in its tree it is. Confined to the broker's event loop. */
final class Plans {
    private static final int MAX_REQUIRES = 1000;
    private static final Set<String> ON_LOSS = Set.of("", "fail", "cancel", "run");

    private final TaskStore store;
    private final TaskBroker broker;

    Plans(TaskStore store, TaskBroker broker) {
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
        requireBudget(plan);
        SubmitTask placed = request.toBuilder().setPlan(placed(plan)).build();
        List<UUID> ended =
                required.stream().filter(id -> broker.view().spec(id).isEmpty()).toList();
        return (ended.isEmpty() ? Future.<Void>succeededFuture() : exist(ended)).map(there -> {
            parent(placed).ifPresent(this::reserve);
            return placed;
        });
    }

    private static Optional<UUID> parent(SubmitTask request) {
        return TaskPlan.of(request.getPlan()).parent();
    }

    private void reserve(UUID parent) {
        broker.view().refusesChild(parent).ifPresent(why -> {
            throw new ServiceException(Code.BUDGET_EXHAUSTED, "task " + parent + " may have no further part: " + why);
        });
        broker.childReserved(parent);
    }

    /** What was {@link #checked} was not stored, or was there before. */
    void forgo(SubmitTask request) {
        if (request.hasPlan()) {
            parent(request).ifPresent(broker::childForgone);
        }
    }

    private static void requireBudget(io.signalbox.codecs.internal.TaskPlan plan) {
        require(
                !plan.hasBudget() || plan.getParent().isEmpty(),
                "budget: only a task without a parent has one, for its whole tree");
        require(
                plan.getBudget().getTokens() >= 0 && plan.getBudget().getCostMicros() >= 0,
                "budget: tokens and costMicros must be below 2^63");
        require(
                plan.getBudget().getDepth() >= 0 && plan.getBudget().getWidth() >= 0,
                "budget: depth and width must be below 2^31");
    }

    private io.signalbox.codecs.internal.TaskPlan placed(io.signalbox.codecs.internal.TaskPlan plan) {
        if (plan.getParent().isEmpty()) {
            return plan.toBuilder().clearRoot().clearDepth().build();
        }
        TaskSpec parent = broker.view()
                .spec(id(plan.getParent()))
                .orElseThrow(() -> new ServiceException(
                        Code.INVALID_ARGUMENT, "parent: task " + plan.getParent() + " is not open"));
        return plan.toBuilder()
                .setRoot(parent.root().toString())
                .setDepth(parent.plan().depth() + 1)
                .mergeFrom(budget(parent.plan()))
                .build();
    }

    /** Each task knows its tree's, for the root may have ended when another node takes over. */
    private static io.signalbox.codecs.internal.TaskPlan budget(TaskPlan plan) {
        Budget budget = plan.budget();
        io.signalbox.codecs.internal.TaskPlan.Builder same = io.signalbox.codecs.internal.TaskPlan.newBuilder();
        return plan.hasBudget()
                ? same.setBudget(io.signalbox.codecs.internal.Budget.newBuilder()
                                .setTokens(budget.tokens())
                                .setCostMicros(budget.costMicros())
                                .setDepth(budget.depth())
                                .setWidth(budget.width()))
                        .build()
                : same.build();
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
