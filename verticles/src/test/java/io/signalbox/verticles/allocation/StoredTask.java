package io.signalbox.verticles.allocation;

import java.time.Instant;

/** A task of the simulation as its store has it. */
final class StoredTask {
    final TaskSpec spec;
    String state;
    int attempt;
    long token;
    String agent = "";
    Instant notBefore = Instant.EPOCH;
    boolean approved;
    int used;
    int ends;

    StoredTask(TaskSpec spec) {
        this.spec = spec;
        this.state = spec.plan().holds() ? "held" : "queued";
    }

    boolean hasEnded() {
        return ends > 0;
    }

    void store(Settlement settlement, Instant now) {
        switch (settlement) {
            case Settlement.Succeeded ignored -> end("succeeded");
            case Settlement.Dead ignored -> end("dead");
            case Settlement.Cancelled ignored -> end("cancelled");
            case Settlement.Disapproved ignored -> end("dead");
            case Settlement.Approved ignored -> approved = true;
            case Settlement.Retry retry -> requeue(attempt, retry.notBefore());
            case Settlement.Returned ignored -> requeue(attempt - 1, now);
        }
    }

    void end(String how) {
        state = how;
        ends++;
    }

    void requeue(int counted, Instant from) {
        state = "queued";
        agent = "";
        attempt = counted;
        notBefore = from;
    }

    void release(Instant now) {
        state = "queued";
        notBefore = now;
    }
}
