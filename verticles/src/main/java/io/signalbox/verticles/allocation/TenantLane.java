package io.signalbox.verticles.allocation;

import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;

/** What one tenant has waiting in one {@link SkillQueue}, in order of rank, and its place among the tenants. Not thread-safe. */
final class TenantLane {
    final String tenant;
    final int weight;
    final TreeSet<OpenTask> waiting = new TreeSet<>(OpenTask::byRank);

    /** The lane with the smallest goes first. Changed only while the lane is in no order. */
    private long turn;

    private int taken;

    TenantLane(String tenant, int weight, long turn) {
        this.tenant = tenant;
        this.weight = weight;
        this.turn = turn;
    }

    /** The first task that this agent may have. */
    Optional<OpenTask> firstFor(RosterAgent agent, Instant now) {
        OpenTask first = waiting.first();
        return first.mayAsk(agent.id, now)
                ? Optional.of(first)
                : waiting.stream().filter(task -> task.mayAsk(agent.id, now)).findFirst();
    }

    /** Whether the turn is over with the task that was taken. */
    boolean take() {
        taken++;
        return taken >= weight;
    }

    void toTheEnd(long last) {
        turn = last;
        taken = 0;
    }

    static int byTurn(TenantLane a, TenantLane b) {
        return Long.compare(a.turn, b.turn);
    }
}
