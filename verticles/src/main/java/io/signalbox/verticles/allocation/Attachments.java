package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Agents come, are cut off, renew and go: the part of the {@link TaskBroker} that knows who is there. Not thread-safe. */
final class Attachments {
    private final BrokerSettings settings;
    private final OpenTasks tasks;
    private final Roster roster;
    private final Dispatch dispatch;
    private final Endings endings;

    Attachments(BrokerSettings settings, OpenTasks tasks, Roster roster, Dispatch dispatch, Endings endings) {
        this.settings = settings;
        this.tasks = tasks;
        this.roster = roster;
        this.dispatch = dispatch;
        this.endings = endings;
    }

    /**
     * An agent attached, or came back to its session.
     *
     * @param held tokens that it still works on, by task; looked at when the generation is new
     */
    List<Effect> connected(RosterAgent agent, Map<UUID, Long> held, Instant now) {
        return attached(agent, held, true, now);
    }

    /** The agent's connection is lost, maybe before it was heard of; it keeps what it has and gets nothing new. */
    List<Effect> suspended(RosterAgent agent, Map<UUID, Long> held, Instant now) {
        return attached(agent, held, false, now);
    }

    private List<Effect> attached(RosterAgent agent, Map<UUID, Long> held, boolean connected, Instant now) {
        List<Effect> effects = new ArrayList<>();
        Optional<RosterAgent> known = roster.find(agent.id);
        if (known.isPresent() && known.get().generation > agent.generation) {
            return effects;
        }
        if (known.isPresent() && known.get().generation == agent.generation) {
            known.get().connected = connected;
            roster.changed(known.get());
            dispatch.fill(known.get(), now, effects);
            return effects;
        }
        known.ifPresent(roster::remove);
        agent.connected = connected;
        keepHeld(agent, held, now, effects);
        roster.add(agent);
        loseOthers(agent, known, now, effects);
        dispatch.fill(agent, now, effects);
        return effects;
    }

    private void keepHeld(RosterAgent agent, Map<UUID, Long> held, Instant now, List<Effect> effects) {
        held.forEach((id, token) -> {
            Optional<OpenTask> task = tasks.find(id).filter(open -> open.isHeld(token) && open.agent.equals(agent.id));
            if (task.isPresent()) {
                keep(task.get(), agent, now);
            } else {
                effects.add(dead(id, token, agent.id, agent.generation));
            }
        });
    }

    private void keep(OpenTask task, RosterAgent agent, Instant now) {
        task.generation = agent.generation;
        agent.tasks.add(task.id());
        task.leaseUntil = now.plus(settings.lease());
        if (task.state == State.ORPHANED) {
            tasks.move(task, State.ASSIGNED);
        }
    }

    private static Effect dead(UUID task, long token, String agent, long generation) {
        return new Effect.Withdraw(task, token, agent, generation, Code.TOKEN_SUPERSEDED, "the token is dead");
    }

    /**
     * An agent that had attached before this node took over keeps what the store says that it has. It is to be reminded, for
     * whoever assigned it may have died before the agent was told.
     */
    List<Effect> adopt(RosterAgent agent, boolean connected, Instant now) {
        List<Effect> effects = new ArrayList<>();
        if (roster.find(agent.id).isPresent()) {
            return effects; // what happened since it was listed says more
        }
        agent.connected = connected;
        for (UUID id : tasks.orphansOf(agent.id)) {
            OpenTask task = tasks.find(id).orElseThrow();
            keep(task, agent, now);
            effects.add(new Effect.Remind(id, task.token, agent.id, agent.generation, task.attempt, settings.lease()));
        }
        roster.add(agent);
        dispatch.fill(agent, now, effects);
        return effects;
    }

    /** What the agent had before and did not name any more. */
    private void loseOthers(RosterAgent agent, Optional<RosterAgent> known, Instant now, List<Effect> effects) {
        // Orphans also of one that is known: the store may have refused what was to decide about them when it came.
        List<UUID> before = new ArrayList<>(tasks.orphansOf(agent.id));
        known.ifPresent(old -> before.addAll(old.tasks));
        before.stream()
                .filter(id -> !agent.tasks.contains(id))
                .forEach(id -> tasks.find(id)
                        .ifPresent(task -> endings.lose(
                                task, Code.AGENT_LOST, "agent " + agent.id + " came back without it", now, effects)));
    }

    /** The agent will not come back: its tokens die. */
    List<Effect> gone(String id, long generation, Instant now) {
        List<Effect> effects = new ArrayList<>();
        // Of a later registration, which came and went unheard of, this one is gone as well.
        Optional<RosterAgent> agent = roster.find(id).filter(known -> known.generation <= generation);
        agent.ifPresent(roster::remove);
        agent.map(left -> List.copyOf(left.tasks))
                .orElse(List.of())
                .forEach(task -> tasks.find(task)
                        .ifPresent(
                                lost -> endings.lose(lost, Code.AGENT_LOST, "agent " + id + " is gone", now, effects)));
        return effects;
    }

    /** The agent still works on these. */
    List<Effect> renew(String agent, long generation, Map<UUID, Long> held, Instant now) {
        List<Effect> effects = new ArrayList<>();
        held.forEach((id, token) -> {
            Optional<OpenTask> task = tasks.find(id)
                    .filter(open -> open.token == token && open.generation == generation && open.agent.equals(agent));
            if (task.isPresent()) {
                task.get().leaseUntil = now.plus(settings.lease());
            } else if (!isAhead(agent, generation)) {
                effects.add(dead(id, token, agent, generation));
            }
        });
        return effects;
    }

    /** Whether the agent has attached anew, and what it says came before the news of that. */
    private boolean isAhead(String agent, long generation) {
        return roster.find(agent).map(known -> known.generation < generation).orElse(false);
    }
}
