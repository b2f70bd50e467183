package io.signalbox.verticles.allocation;

import java.time.Instant;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalInt;
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

    /** How many are before it, counted from the nearer end; empty when that is further than the limit. */
    OptionalInt placeOf(OpenTask task, int limit) {
        Iterator<OpenTask> before = waiting.headSet(task, false).descendingIterator();
        Iterator<OpenTask> behind = waiting.tailSet(task, false).iterator();
        for (int i = 0; i <= limit; i++) {
            if (!before.hasNext()) {
                return OptionalInt.of(i);
            }
            if (!behind.hasNext()) {
                return OptionalInt.of(waiting.size() - 1 - i);
            }
            before.next();
            behind.next();
        }
        return OptionalInt.empty();
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
