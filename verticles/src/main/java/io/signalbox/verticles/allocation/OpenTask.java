package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** A task that has not ended, as the {@link TaskBroker} keeps it. Not thread-safe. */
final class OpenTask {
    enum State {
        /** Waits for a time, for other tasks or an approval, and for no agent. */
        HELD,
        /** In its queue. */
        WAITING,
        /** Not in its queue until a time: backing off. */
        DELAYED,
        /** An agent has it. */
        ASSIGNED,
        /** An agent had it before the node started; it may come back. */
        ORPHANED,
        /** Its end or return is being stored. */
        SETTLING
    }

    static final Verdict.Refused BEING_STORED =
            new Verdict.Refused(Code.UNAVAILABLE, "the task's end is being stored; ask again");

    final TaskSpec spec;
    /** Changed only while it is in no queue, with {@link #since}. */
    long rank;

    /** Since when it waits for an agent, if it does. */
    Instant since;

    /** Of its tenant. */
    final int weight;

    /** Agents that declined it lately, and until when they are not asked again. */
    final Map<String, Instant> declinedBy = new HashMap<>(0);

    /** Changed by {@link OpenTasks} alone, which counts. */
    State state = State.WAITING;

    /** What it was before it was {@code SETTLING}. */
    State before = State.WAITING;

    /** While it is held. */
    Optional<Holds> holds = Optional.empty();

    /** Tasks that are a part of it, ended ones too; known where there is a budget. */
    int children;

    int attempt;
    long token;
    String agent = "";
    long generation;
    Instant leaseUntil = Instant.MAX;
    Instant notBefore = Instant.MIN;

    OpenTask(TaskSpec spec, long rank, int weight) {
        this.spec = spec;
        this.since = spec.submittedAt();
        this.rank = rank;
        this.weight = weight;
    }

    UUID id() {
        return spec.id();
    }

    boolean isHeld(long byToken) {
        return token == byToken && (state == State.ASSIGNED || state == State.ORPHANED || wasAssigned());
    }

    boolean wasAssigned() {
        return state == State.SETTLING && before == State.ASSIGNED;
    }

    /** False: the agent declined it lately. */
    boolean mayAsk(String byAgent, Instant now) {
        Instant until = declinedBy.get(byAgent);
        return until == null || !until.isAfter(now);
    }

    boolean isOverdue(Instant now) {
        return spec.deadline().map(deadline -> !deadline.isAfter(now)).orElse(false);
    }

    /** When something is due as the task stands; empty: nothing ever. */
    Optional<Instant> nextDue() {
        return switch (state) {
            case ASSIGNED, ORPHANED -> earliest(Stream.of(leaseUntil));
            case HELD -> earliest(holds.filter(held -> held.time).map(held -> notBefore).stream());
            case DELAYED -> earliest(Stream.of(notBefore));
            case WAITING -> earliest(declinedBy.values().stream());
            case SETTLING -> Optional.empty(); // what is being stored decides
        };
    }

    private Optional<Instant> earliest(Stream<Instant> own) {
        return Stream.concat(own, spec.deadline().stream()).min(Comparator.naturalOrder());
    }

    boolean wasLastAttempt() {
        return attempt >= spec.maxAttempts();
    }

    String lastAttempt(String reason) {
        return "attempt " + attempt + " of " + attempt + ": " + reason;
    }

    void release() {
        agent = "";
        generation = 0;
        leaseUntil = Instant.MAX;
    }

    /** Why this agent may not end the task with this token; empty when it may. */
    Optional<Verdict.Refused> refuses(String byAgent, long byGeneration, long byToken) {
        if (state == State.SETTLING) {
            return Optional.of(BEING_STORED);
        }
        if (token == byToken && state == State.ORPHANED) {
            return Optional.of(new Verdict.Refused(Code.UNAVAILABLE, "the agent is not attached again yet; ask again"));
        }
        if (token != byToken || state != State.ASSIGNED) {
            return Optional.of(new Verdict.Refused(
                    Code.TOKEN_SUPERSEDED, "this token is dead: the task was taken back after it was assigned"));
        }
        if (agent.equals(byAgent) && byGeneration > generation) {
            return Optional.of(
                    new Verdict.Refused(Code.UNAVAILABLE, "that the agent attached anew is not known yet; ask again"));
        }
        if (!agent.equals(byAgent) || generation != byGeneration) {
            return Optional.of(new Verdict.Refused(
                    Code.STALE_GENERATION, "the assignment belongs to agent " + agent + " as attached now"));
        }
        return Optional.empty();
    }

    static int byRank(OpenTask a, OpenTask b) {
        int order = Long.compare(a.rank, b.rank);
        return order != 0 ? order : a.id().compareTo(b.id());
    }
}
