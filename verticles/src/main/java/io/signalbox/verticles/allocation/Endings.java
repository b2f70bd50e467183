package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.TaskPlan.OnLoss;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** How assignments and tasks end, and what follows: the part of the {@link TaskBroker} that judges. Not thread-safe. */
final class Endings {
    /** An agent that declined a task is not asked for that task so long. */
    private static final Duration DECLINE_PAUSE = Duration.ofSeconds(5);

    /** The store takes writes, but not this assignment: it is not tried again before. */
    private static final Duration UNSTORED_PAUSE = Duration.ofSeconds(1);

    private static final Set<State> IDLE = EnumSet.of(State.HELD, State.WAITING, State.DELAYED);

    private final BrokerSettings settings;
    private final OpenTasks tasks;
    private final Roster roster;
    private final Dispatch dispatch;
    private final Holding holding;
    private final Budgets budgets;
    private final RandomGenerator random;

    /** Of tasks that others require, until those were told. */
    private final Queue<End> untold = new ArrayDeque<>();

    private record End(UUID task, boolean succeeded, String how) {}

    Endings(
            BrokerSettings settings,
            OpenTasks tasks,
            Roster roster,
            Dispatch dispatch,
            Holding holding,
            Budgets budgets,
            RandomGenerator random) {
        this.settings = settings;
        this.tasks = tasks;
        this.roster = roster;
        this.dispatch = dispatch;
        this.holding = holding;
        this.budgets = budgets;
        this.random = random;
    }

    Verdict complete(String agent, long generation, UUID id, long token) {
        return end(agent, generation, id, token, task -> new Settlement.Succeeded());
    }

    Verdict fail(
            String agent,
            long generation,
            UUID id,
            long token,
            Code code,
            String reason,
            boolean retryable,
            Instant now) {
        return end(agent, generation, id, token, task -> {
            if (!retryable) {
                return new Settlement.Dead(code, reason);
            }
            if (task.wasLastAttempt()) {
                return new Settlement.Dead(Code.ATTEMPTS_EXHAUSTED, task.lastAttempt(reason));
            }
            return new Settlement.Retry(now.plus(settings.backoff(task.attempt, random)), code, reason);
        });
    }

    Verdict decline(String agent, long generation, UUID id, long token, String reason, Instant now) {
        return end(agent, generation, id, token, task -> new Settlement.Returned(now.plus(DECLINE_PAUSE), reason));
    }

    private Verdict end(String agent, long generation, UUID id, long token, Function<OpenTask, Settlement> settlement) {
        Optional<OpenTask> task = tasks.find(id);
        Optional<Verdict.Refused> refused = task.flatMap(open -> open.refuses(agent, generation, token));
        if (task.isEmpty() || refused.isPresent()) {
            return refused.<Verdict>map(refusal -> refusal).orElseGet(Verdict.NotOpen::new);
        }
        Settlement decided = settlement.apply(task.get());
        settling(task.get());
        return new Verdict.Accepted(decided);
    }

    Verdict cancel(UUID id, String by) {
        return tasks.find(id).map(task -> cancel(task, by)).orElseGet(Verdict.NotOpen::new);
    }

    private Verdict cancel(OpenTask task, String by) {
        if (task.state == State.SETTLING) {
            return OpenTask.BEING_STORED;
        }
        if (task.state == State.WAITING) {
            roster.queue(task.spec.demand()).remove(task);
        }
        settling(task);
        return new Verdict.Accepted(new Settlement.Cancelled(by));
    }

    private void settling(OpenTask task) {
        task.before = task.state;
        tasks.move(task, State.SETTLING);
    }

    /** The settlement is stored. */
    List<Effect> settled(UUID id, Settlement settlement, Instant now) {
        OpenTask task = tasks.find(id).orElseThrow();
        List<Effect> effects = new ArrayList<>();
        if (settlement instanceof Settlement.Cancelled && !task.agent.isEmpty()) {
            effects.add(new Effect.Withdraw(
                    id, task.token, task.agent, task.generation, Code.TASK_CANCELLED, "the task was cancelled"));
        }
        String agentId = task.agent;
        RosterAgent agent = dispatch.leave(task);
        switch (settlement) {
            case Settlement.Succeeded ignored -> close(task, true, "succeeded");
            case Settlement.Dead dead -> close(task, false, "is dead: " + dead.reason());
            case Settlement.Cancelled ignored -> close(task, false, "was cancelled");
            case Settlement.Disapproved ignored -> close(task, false, "was not approved of");
            case Settlement.Approved ignored -> {
                task.holds.orElseThrow().approval = false;
                tasks.move(task, State.HELD);
                goOn(task, now, effects);
            }
            case Settlement.Retry retry -> again(task, retry.notBefore(), now, effects);
            case Settlement.Returned returned -> {
                task.attempt--;
                task.declinedBy.put(agentId, returned.declinedUntil());
                again(task, now, now, effects);
            }
        }
        dispatch.fill(agent, now, effects);
        return effects;
    }

    /** The task waits again, from {@code notBefore} on. */
    private void again(OpenTask task, Instant notBefore, Instant now, List<Effect> effects) {
        task.notBefore = notBefore;
        if (task.isOverdue(now)) {
            exceed(task, effects, now);
        } else if (budgets.isExhausted(task.spec)) {
            stop(task, effects);
        } else if (notBefore.isAfter(now)) {
            tasks.move(task, State.DELAYED);
        } else {
            enqueue(task, now, effects);
        }
    }

    /** The settlement could not be stored: all is as before, and what became due meanwhile happens now. */
    List<Effect> settleFailed(UUID id, Instant now) {
        OpenTask task = tasks.find(id).orElseThrow();
        List<Effect> effects = new ArrayList<>();
        if (task.before == State.WAITING || task.before == State.DELAYED) {
            again(task, task.notBefore, now, effects);
            return effects;
        }
        tasks.move(task, task.before);
        if (task.state == State.HELD) {
            goOn(task, now, effects);
        } else if (task.state == State.ASSIGNED
                && roster.find(task.agent, task.generation).isEmpty()) {
            lose(task, Code.AGENT_LOST, "agent " + task.agent + " is gone", now, effects);
        } else {
            effects.addAll(due(task, now));
        }
        return effects;
    }

    /** The assignment could not be stored: it never was. */
    List<Effect> assignFailed(UUID id, long token, Instant now) {
        List<Effect> effects = new ArrayList<>();
        tasks.find(id)
                .filter(task -> task.token == token && (task.state == State.ASSIGNED || task.wasAssigned()))
                .ifPresent(task -> takeBack(task, now, effects));
        return effects;
    }

    private void takeBack(OpenTask task, Instant now, List<Effect> effects) {
        RosterAgent agent = dispatch.leave(task);
        task.attempt--;
        if (task.state == State.SETTLING) {
            task.before = State.WAITING;
        } else if (dispatch.isPaused()) {
            enqueue(task, now, effects);
        } else {
            again(task, now.plus(UNSTORED_PAUSE), now, effects);
        }
        dispatch.fill(agent, now, effects);
    }

    /** The token dies without a word of the agent: another attempt or the end. */
    void lose(OpenTask task, Code code, String reason, Instant now, List<Effect> effects) {
        if (task.state == State.SETTLING) {
            return; // what is being stored decides
        }
        dispatch.leave(task);
        if (task.wasLastAttempt()) {
            close(task, false, "is dead: " + reason);
            effects.add(new Effect.Bury(task.id(), Code.ATTEMPTS_EXHAUSTED, task.lastAttempt(reason)));
            return;
        }
        effects.add(new Effect.Requeue(task.id(), task.attempt, now, code, reason));
        enqueue(task, now, effects);
    }

    /** @param how it ended, after the words "task ID" */
    private void close(OpenTask task, boolean succeeded, String how) {
        if (holding.isRequired(task.id())) {
            untold.add(new End(task.id(), succeeded, how));
        }
        holding.end(task);
        budgets.closed(task.spec);
        tasks.close(task);
        roster.queue(task.spec.demand()).closed();
        roster.dropIfUseless(task.spec.demand());
    }

    /** What follows for the tasks that require those that ended just now, and for those that require them. Call it after everything. */
    List<Effect> conclude(List<Effect> effects, Instant now) {
        while (!untold.isEmpty()) {
            End end = untold.poll();
            holding.ended(end.task(), end.succeeded(), end.how()).forEach(task -> goOn(task, now, effects));
        }
        return effects;
    }

    /** @param succeeded by id of tasks that are not open; what is open tells itself */
    List<Effect> lookedUp(Map<UUID, Boolean> succeeded) {
        succeeded.forEach((id, well) -> {
            if (tasks.find(id).isEmpty()) {
                untold.add(new End(id, well, "did not succeed"));
            }
        });
        return new ArrayList<>();
    }

    /** A held task begins or changes: perhaps it waits for nothing any more, or will never come to its turn. */
    void goOn(OpenTask task, Instant now, List<Effect> effects) {
        if (task.state != State.HELD) {
            return; // what is being stored decides
        }
        Holds holds = task.holds.orElseThrow();
        holds.time &= task.notBefore.isAfter(now);
        if (task.isOverdue(now)) {
            exceed(task, effects, now);
        } else if (budgets.isExhausted(task.spec)) {
            stop(task, effects);
        } else if (holds.loss.isPresent()) {
            forgo(task, holds.loss.get(), effects);
        } else if (holds.areOver()) {
            holding.end(task);
            task.since = now;
            task.rank = settings.rank(now, task.spec.priority());
            effects.add(new Effect.Release(task.id()));
            enqueue(task, now, effects);
        }
    }

    /** The last look at what its tree may use. */
    void enqueue(OpenTask task, Instant now, List<Effect> effects) {
        if (budgets.isExhausted(task.spec)) {
            stop(task, effects);
        } else {
            dispatch.enqueue(task, now, effects);
        }
    }

    /** Its tree may use no more. */
    private void stop(OpenTask task, List<Effect> effects) {
        if (task.state == State.WAITING) {
            roster.queue(task.spec.demand()).remove(task);
        }
        close(task, false, "is dead: the budget is exhausted");
        effects.add(new Effect.Bury(
                task.id(), Code.BUDGET_EXHAUSTED, "the tree of task " + task.spec.root() + " has used its budget"));
    }

    /** An agent reported what it used for the task, whose end is about to follow. */
    List<Effect> used(UUID id, Budget.Spent spent) {
        List<Effect> effects = new ArrayList<>();
        tasks.find(id).ifPresent(task -> {
            budgets.spent(task.spec, spent);
            stopTree(task.spec.root(), effects);
        });
        return effects;
    }

    /** What agents work at goes on, if the budget is exhausted; whatever waits does not. */
    void stopTree(UUID root, List<Effect> effects) {
        budgets.stopped(root).stream()
                .flatMap(id -> tasks.find(id).stream())
                .filter(task -> IDLE.contains(task.state))
                .forEach(task -> stop(task, effects));
    }

    private void forgo(OpenTask task, Holds.Loss loss, List<Effect> effects) {
        // Without the reason: along a chain of tasks it would grow with each.
        close(task, false, "did not run, for it requires one that did not succeed");
        effects.add(
                task.spec.plan().onLoss() == OnLoss.CANCEL
                        ? new Effect.Drop(task.id(), Code.REQUIREMENT_LOST, loss.reason())
                        : new Effect.Bury(task.id(), Code.REQUIREMENT_LOST, loss.reason()));
    }

    Verdict decide(UUID id, boolean approve, String by, String reason) {
        return tasks.find(id).map(task -> decide(task, approve, by, reason)).orElseGet(Verdict.NotOpen::new);
    }

    private Verdict decide(OpenTask task, boolean approve, String by, String reason) {
        if (task.state == State.SETTLING) {
            return OpenTask.BEING_STORED;
        }
        if (task.holds.filter(holds -> holds.approval).isEmpty()) {
            return new Verdict.Refused(Code.CONFLICT, "the task waits for nobody's approval");
        }
        settling(task);
        return new Verdict.Accepted(
                approve ? new Settlement.Approved(by, reason) : new Settlement.Disapproved(by, reason));
    }

    /** What became due by now. Call it several times a second. */
    List<Effect> tick(Instant now) {
        List<Effect> effects = new ArrayList<>();
        for (UUID id : tasks.due(now)) {
            tasks.find(id).ifPresent(task -> effects.addAll(due(task, now)));
            tasks.find(id).ifPresent(tasks::setTimer);
        }
        return effects;
    }

    private List<Effect> due(OpenTask task, Instant now) {
        List<Effect> effects = new ArrayList<>();
        if (task.isOverdue(now) && task.state != State.SETTLING) {
            exceed(task, effects, now);
        } else if (task.state == State.ASSIGNED && !task.leaseUntil.isAfter(now)) {
            expire(task, now, effects);
        } else if (task.state == State.ORPHANED && !task.leaseUntil.isAfter(now)) {
            lose(task, Code.AGENT_LOST, "agent " + task.agent + " did not come back", now, effects);
        } else if (task.state == State.HELD) {
            goOn(task, now, effects);
        } else if (task.state == State.DELAYED && !task.notBefore.isAfter(now)) {
            enqueue(task, now, effects);
        } else if (task.state == State.WAITING && !task.declinedBy.isEmpty()) {
            task.declinedBy.values().removeIf(until -> !until.isAfter(now));
            roster.queue(task.spec.demand()).remove(task);
            enqueue(task, now, effects);
        }
        return effects;
    }

    private void exceed(OpenTask task, List<Effect> effects, Instant now) {
        boolean assigned = !task.agent.isEmpty() && task.state != State.SETTLING;
        String reason = "the deadline " + task.spec.deadline().orElseThrow() + " has passed";
        if (task.state == State.WAITING) {
            roster.queue(task.spec.demand()).remove(task);
        }
        if (assigned) {
            effects.add(new Effect.Withdraw(
                    task.id(), task.token, task.agent, task.generation, Code.DEADLINE_EXCEEDED, reason));
        }
        RosterAgent agent = assigned ? dispatch.leave(task) : Roster.NOBODY;
        close(task, false, "is dead: " + reason);
        effects.add(new Effect.Bury(task.id(), Code.DEADLINE_EXCEEDED, reason));
        dispatch.fill(agent, now, effects);
    }

    private void expire(OpenTask task, Instant now, List<Effect> effects) {
        String reason = "agent " + task.agent + " did not renew its lease";
        RosterAgent agent = roster.find(task.agent, task.generation).orElse(Roster.NOBODY);
        effects.add(
                new Effect.Withdraw(task.id(), task.token, task.agent, task.generation, Code.LEASE_EXPIRED, reason));
        lose(task, Code.LEASE_EXPIRED, reason, now, effects);
        dispatch.fill(agent, now, effects);
    }
}
