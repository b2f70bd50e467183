package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** What can be read of a {@link TaskBroker}, and why a task is where it is. Not thread-safe: the broker's thread only. */
final class BrokerView {
    /** How the task stands, for people. */
    record Standing(String agent, Code code, String reason) {}

    private static final int MAX_NAMED = 3;

    /** Longer than that nobody should wait before asking again, however long the queue is. */
    private static final Duration MAX_RETRY = Duration.ofSeconds(30);

    private final OpenTasks tasks;
    private final Roster roster;
    private final Holding holding;
    private final Budgets budgets;
    private final BooleanSupplier paused;
    private final int maxOpenTasks;

    /** @param paused whether nothing is assigned at all */
    BrokerView(
            OpenTasks tasks,
            Roster roster,
            Holding holding,
            Budgets budgets,
            BooleanSupplier paused,
            int maxOpenTasks) {
        this.tasks = tasks;
        this.roster = roster;
        this.holding = holding;
        this.budgets = budgets;
        this.paused = paused;
        this.maxOpenTasks = maxOpenTasks;
    }

    /** Whether another task may be submitted; else why not, and when it may be asked again. */
    Optional<Verdict.Refused> refuses(Demand demand, boolean failFast, Instant now) {
        if (tasks.size() >= maxOpenTasks) {
            return Optional.of(full(demand, now));
        }
        if (failFast && !roster.anyAgentFor(demand)) {
            return Optional.of(new Verdict.Refused(Code.NO_SUCH_SKILL, noAgent(demand)));
        }
        return Optional.empty();
    }

    private Verdict.Refused full(Demand demand, Instant now) {
        Optional<SkillQueue> queue = Optional.ofNullable(roster.queues().get(demand));
        int place = queue.map(of -> of.waiting().all()).orElse(0);
        Optional<Duration> wait = queue.flatMap(of -> of.timeFor(place + 1, now));
        String words = maxOpenTasks + " tasks are open, no more are taken; " + place + " of them wait for skill "
                + demand.skill()
                + wait.map(time -> ", which takes about " + time.toSeconds() + " s at the pace of late")
                        .orElse("");
        return new Verdict.Refused(
                Code.OVERLOADED,
                words,
                wait.filter(time -> time.compareTo(MAX_RETRY) < 0)
                        .orElse(wait.isPresent() ? MAX_RETRY : Duration.ZERO));
    }

    /** Why the open task may have no further part; empty: it may. */
    Optional<String> refusesChild(UUID parent) {
        return tasks.find(parent).flatMap(task -> {
            Budget budget = task.spec.plan().budget();
            if (budget.depth() > 0 && task.spec.plan().depth() >= budget.depth()) {
                return Optional.of("its tree may have " + budget.depth() + " generations");
            }
            if (budget.width() > 0 && task.children >= budget.width()) {
                return Optional.of("it may have " + budget.width() + " children");
            }
            return budgets.isExhausted(task.spec) ? Optional.of("its tree has used its budget") : Optional.empty();
        });
    }

    /** Trees with a budget. */
    Set<UUID> budgetRoots() {
        return Set.copyOf(budgets.roots());
    }

    /** Where a task is in its queue. */
    record Place(int before, Optional<Duration> expected) {}

    /** @param limit of tasks that are looked at; empty: it waits for no agent, or its place is too far from both ends */
    Optional<Place> place(UUID id, int limit, Instant now) {
        return tasks.find(id).filter(task -> task.state == State.WAITING).flatMap(task -> {
            SkillQueue queue = roster.queue(task.spec.demand());
            OptionalInt before = queue.placeOf(task, limit);
            return before.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Place(before.getAsInt(), queue.timeFor(before.getAsInt() + 1, now)));
        });
    }

    Explanations explanations() {
        return new Explanations(tasks, roster, paused);
    }

    /** Queues by what they are for; not to be changed. */
    Map<Demand, SkillQueue> queues() {
        return roster.queues();
    }

    /** Whether the token is live and the agent's. */
    boolean holds(String agent, long generation, UUID id, long token) {
        return tasks.find(id)
                .filter(task -> task.refuses(agent, generation, token).isEmpty())
                .isPresent();
    }

    /** Why the task is where it is; empty when it is not open. */
    Optional<Standing> standing(UUID id, Instant now) {
        return tasks.find(id).map(task -> switch (task.state) {
            case ASSIGNED, ORPHANED, SETTLING -> new Standing(task.agent, Code.UNAVAILABLE, "");
            case HELD -> held(task);
            case DELAYED ->
                new Standing("", Code.BACKING_OFF, "attempt " + (task.attempt + 1) + " follows at " + task.notBefore);
            case WAITING -> waiting(task, now);
        });
    }

    private static Standing held(OpenTask task) {
        Holds holds = task.holds.orElseThrow();
        List<String> reasons = new ArrayList<>();
        if (holds.time) {
            reasons.add("not before " + task.notBefore);
        }
        if (!holds.requires.isEmpty()) {
            String first =
                    holds.requires.stream().limit(MAX_NAMED).map(UUID::toString).collect(Collectors.joining(", "));
            reasons.add("waits for " + holds.requires.size() + " of the tasks that it requires: " + first);
        }
        if (holds.approval) {
            reasons.add("waits for somebody's approval");
        }
        return new Standing("", holds.code(), String.join("; ", reasons));
    }

    private Standing waiting(OpenTask task, Instant now) {
        SkillQueue queue = roster.queue(task.spec.demand());
        int able = queue.ableAgents();
        if (able == 0) {
            return new Standing("", Code.NO_SUCH_SKILL, noAgent(task.spec.demand()));
        }
        if (paused.getAsBoolean()) {
            return new Standing("", Code.UNAVAILABLE, "the store is away or the node stops: nothing is assigned");
        }
        long declined = task.declinedBy.values().stream()
                .filter(until -> until.isAfter(now))
                .count();
        String besides = declined == 0 ? "" : "; " + declined + " declined it lately";
        String others = queue.freeAgents() == 0 ? "none of them has room" : "none of the others has room";
        return new Standing(
                "", Code.ALL_BUSY, "agents with skill " + task.spec.skill() + ": " + able + ", " + others + besides);
    }

    /** What the task asks for; empty when it is not open. */
    Optional<Demand> demandOf(UUID id) {
        return tasks.find(id).map(task -> task.spec.demand());
    }

    /** Empty when it is not open. */
    Optional<TaskSpec> spec(UUID id) {
        return tasks.find(id).map(task -> task.spec);
    }

    /** Attempts so far; 0 when the task is not open. */
    int attemptOf(UUID id) {
        return tasks.find(id).map(task -> task.attempt).orElse(0);
    }

    int open() {
        return tasks.size();
    }

    /** Tasks that others wait for. */
    int required() {
        return holding.required();
    }

    int count(State state) {
        return tasks.count(state);
    }

    /** Times at which something will be looked at: at most one for each open task. */
    int timers() {
        return tasks.timers();
    }

    /** Different demands that the open tasks have. */
    int demands() {
        return roster.queues().size();
    }

    /** As this registration, connected or suspended. */
    boolean isAttached(String agent, long generation) {
        return roster.find(agent, generation).isPresent();
    }

    /** None of an agent that is gone. */
    AgentDefinition definitionOf(String agent) {
        return roster.find(agent).map(known -> known.definition).orElse(AgentDefinition.NONE);
    }

    int agents() {
        return roster.size();
    }

    int freeSlots() {
        return roster.freeSlots();
    }

    static String noAgent(Demand demand) {
        String range = demand.versionRange().isEmpty() ? "" : " in " + demand.versionRange();
        return "no connected agent has skill " + demand.skill() + range;
    }
}
