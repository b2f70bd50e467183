package io.signalbox.verticles.allocation;

import io.signalbox.codecs.internal.ExplanationStage;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Says stage by stage how a task that is open comes to an agent, and where it stands. Not thread-safe: the broker's thread only. */
final class Explanations {
    private final OpenTasks tasks;
    private final Roster roster;
    private final BooleanSupplier paused;

    Explanations(OpenTasks tasks, Roster roster, BooleanSupplier paused) {
        this.tasks = tasks;
        this.roster = roster;
        this.paused = paused;
    }

    /** In order; none of a task that is not open. It looks at every agent. */
    List<ExplanationStage> of(UUID id, Instant now) {
        return tasks.find(id).map(task -> stages(task, now)).orElse(List.of());
    }

    private List<ExplanationStage> stages(OpenTask task, Instant now) {
        List<ExplanationStage> stages = new ArrayList<>();
        holds(task, stages);
        filters(task, now, stages);
        if (task.state == State.WAITING) {
            queue(task, stages);
        }
        return stages;
    }

    private static void holds(OpenTask task, List<ExplanationStage> stages) {
        TaskPlan plan = task.spec.plan();
        boolean time = task.holds.filter(holds -> holds.time).isPresent();
        boolean approval = task.holds.filter(holds -> holds.approval).isPresent();
        int required = task.holds.map(holds -> holds.requires.size()).orElse(0);
        if (plan.notBefore().isAfter(Instant.MIN)) {
            stages.add(stage("time", !time, "not before " + plan.notBefore()));
        }
        if (!plan.requires().isEmpty()) {
            int ended = plan.requires().size() - required;
            stages.add(stage(
                    "requirements",
                    required == 0,
                    ended + " of " + plan.requires().size() + " required tasks have ended"));
        }
        if (plan.approval()) {
            stages.add(stage("approval", !approval, approval ? "nobody has approved of it yet" : "approved of"));
        }
        if (task.state == State.DELAYED) {
            stages.add(stage("backoff", false, "attempt " + (task.attempt + 1) + " not before " + task.notBefore));
        }
    }

    private void filters(OpenTask task, Instant now, List<ExplanationStage> stages) {
        Demand demand = task.spec.demand();
        SkillQueue queue = roster.queue(demand);
        String range = demand.versionRange().isEmpty() ? "any" : demand.versionRange();
        List<RosterAgent> left = List.copyOf(roster.agents());
        stages.add(ExplanationStage.newBuilder()
                .setName("agents")
                .setPassed(!left.isEmpty())
                .setDetail("attached to the cluster")
                .setAgentsLeft(left.size())
                .build());
        left = filter(left, "skill", "have " + demand.skill(), agent -> agent.hasSkill(demand.skill()), stages);
        left = filter(left, "version", "have it in " + range, queue::isFor, stages);
        left = filter(left, "connection", "are connected", agent -> agent.connected, stages);
        left = filter(left, "room", "have a free slot", RosterAgent::isFree, stages);
        filter(left, "declined", "have not declined the task lately", agent -> task.mayAsk(agent.id, now), stages);
    }

    private static List<RosterAgent> filter(
            List<RosterAgent> agents,
            String name,
            String detail,
            Predicate<RosterAgent> passes,
            List<ExplanationStage> stages) {
        List<RosterAgent> left = agents.stream().filter(passes).toList();
        stages.add(ExplanationStage.newBuilder()
                .setName(name)
                .setPassed(!left.isEmpty())
                .setDetail(detail)
                .setAgentsRemoved(agents.size() - left.size())
                .setAgentsLeft(left.size())
                .build());
        return left;
    }

    private void queue(OpenTask task, List<ExplanationStage> stages) {
        SkillQueue queue = roster.queue(task.spec.demand());
        String stopped = paused.getAsBoolean() ? "; nothing is assigned now" : "";
        stages.add(stage(
                "queue",
                false,
                "of tenant '" + task.spec.tenant() + "', weight " + task.weight + ", one of " + queue.tenants()
                        + " tenants with " + queue.waiting().all() + " tasks that wait; it waits since " + task.since
                        + stopped));
    }

    private static ExplanationStage stage(String name, boolean passed, String detail) {
        return ExplanationStage.newBuilder()
                .setName(name)
                .setPassed(passed)
                .setDetail(detail)
                .build();
    }
}
