package io.signalbox.sdk;

import io.signalbox.codecs.proto.Assign;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A task given to an agent, as its {@link TaskHandler} sees it. The lease is renewed by itself. Thread-safe. */
public final class Assignment {
    private final Assign assign;
    private final AssignmentRun run;

    Assignment(Assign assign, AssignmentRun run) {
        this.assign = assign;
        this.run = run;
    }

    /** Id of the task. */
    public String task() {
        return assign.getTask();
    }

    /**
     * The same for all attempts of the task. Give it to whatever the handler does outside, so that a second attempt does
     * not do it twice.
     */
    public String idempotencyKey() {
        return assign.getIdempotencyKey().isEmpty() ? assign.getTask() : assign.getIdempotencyKey();
    }

    /** Grows with every assignment of the task: a resource that remembers the highest it saw can refuse a late writer. */
    public long fencingToken() {
        return assign.getToken();
    }

    public String skill() {
        return assign.getSkill();
    }

    public String skillVersion() {
        return assign.getSkillVersion();
    }

    /** {@code name@version} of its definition that the agent is to work by; empty: it has none. */
    public String definition() {
        return assign.getDefinition();
    }

    /** The version alone; empty: the agent has no definition. */
    public String definitionVersion() {
        return definition().substring(definition().indexOf('@') + 1);
    }

    /** 1 for the first. */
    public int attempt() {
        return assign.getAttempt();
    }

    /** 0 to 9, 9 the most urgent. */
    public int priority() {
        return assign.getPriority();
    }

    /** After it the result is of no use; the node cancels the assignment then. */
    public Optional<Instant> deadline() {
        return assign.getDeadline() == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(assign.getDeadline()));
    }

    /** W3C trace context; empty: none. */
    public String traceparent() {
        return assign.getTraceparent();
    }

    public Map<String, String> labels() {
        return assign.getLabelsMap();
    }

    public Payload input() {
        return Payload.of(assign.getContentType(), assign.getInput());
    }

    /** What became of the tasks that this one required, in the order in which it named them. */
    public List<RequirementResult> requirements() {
        return assign.getRequirementsList().stream().map(RequirementResult::of).toList();
    }

    /**
     * Tells how far it is; may be called often, the node keeps the latest. Lost without harm while there is no connection.
     *
     * @param percent 0 to 100
     */
    public void progress(double percent, String message) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException("percent " + percent + ", must be 0 to 100");
        }
        run.progress(percent, message);
    }

    /**
     * Passes a piece of the output, or an early state of it, on to whoever follows the task just now. It is kept nowhere, so that the
     * output which the handler returns has to be whole.
     *
     * @param piece up to 64 KiB
     */
    public void partial(Payload piece) {
        run.partial(piece);
    }

    /**
     * Counts what this attempt used so far; told with its end, and counted against the budget of the task's tree. A task that is given
     * back counts nothing.
     *
     * @param tokens more of them, from 0 on
     * @param costMicros more millionths of whatever currency the budget is in, from 0 on
     */
    public void used(long tokens, long costMicros) {
        if (tokens < 0 || costMicros < 0) {
            throw new IllegalArgumentException("used " + tokens + " tokens and " + costMicros + ", must be 0 or more");
        }
        run.used(tokens, costMicros);
    }

    /** True: stop, the result will not be taken. The handler's thread was interrupted too. */
    public boolean isCancelled() {
        return run.isCancelled();
    }

    @Override
    public String toString() {
        return "task " + task() + ", attempt " + attempt();
    }
}
