package io.signalbox.sdk;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Assign;
import io.signalbox.codecs.proto.Complete;
import io.signalbox.codecs.proto.Decline;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Fail;
import io.signalbox.codecs.proto.HeldAssignment;
import io.signalbox.codecs.proto.Progress;
import io.signalbox.codecs.proto.Renew;
import io.signalbox.codecs.proto.Settled;
import io.signalbox.codecs.proto.Usage;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * An assignment under way: runs the handler, renews the lease, and tells the outcome until the node has settled it, over
 * lost connections too. Telling it twice is harmless, the token sees to that. Thread-safe.
 */
final class AssignmentRun {
    private static final Logger log = System.getLogger(AssignmentRun.class.getName());
    private static final int RENEWALS_PER_LEASE = 3;
    private static final int MAX_REASON = 1000;

    private enum Cause {
        NONE,
        CANCELLED,
        GIVEN_BACK
    }

    private final Agent agent;
    private final Assign assign;
    private final TaskHandler handler;
    private final Thread worker;
    private final Thread renewer;
    private final CountDownLatch done = new CountDownLatch(1);
    private final LongAdder tokens = new LongAdder();
    private final LongAdder costMicros = new LongAdder();
    private volatile Cause stopped = Cause.NONE;

    AssignmentRun(Agent agent, Assign assign, TaskHandler handler) {
        this.agent = agent;
        this.assign = assign;
        this.handler = handler;
        this.worker =
                Thread.ofVirtual().name("signalbox-task-" + assign.getTask()).unstarted(this::run);
        this.renewer = Thread.ofVirtual().name("signalbox-lease").unstarted(this::renew);
    }

    void start() {
        worker.start();
        renewer.start();
    }

    String task() {
        return assign.getTask();
    }

    long token() {
        return assign.getToken();
    }

    HeldAssignment held() {
        return HeldAssignment.newBuilder()
                .setTask(assign.getTask())
                .setToken(assign.getToken())
                .build();
    }

    boolean isCancelled() {
        return stopped != Cause.NONE;
    }

    /** The node took the task back. */
    void cancel(String reason) {
        stop(Cause.CANCELLED);
        log.log(Level.DEBUG, "Task {0} cancelled: {1}", task(), reason);
    }

    /** This agent gives the task back. */
    void giveBack() {
        stop(Cause.GIVEN_BACK);
    }

    private void stop(Cause cause) {
        if (stopped != Cause.CANCELLED) {
            stopped = cause;
        }
        worker.interrupt();
    }

    boolean awaitDone(Duration patience) throws InterruptedException {
        return done.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    void progress(double percent, String message) {
        if (!isCancelled()) {
            agent.tell(Entry.newBuilder()
                    .setProgress(Progress.newBuilder()
                            .setTask(task())
                            .setToken(token())
                            .setPercent(percent)
                            .setMessage(message)));
        }
    }

    void partial(Payload piece) {
        if (!isCancelled()) {
            agent.tell(Entry.newBuilder()
                    .setProgress(Progress.newBuilder()
                            .setTask(task())
                            .setToken(token())
                            .setContentType(piece.contentType())
                            .setPartial(piece.content())));
        }
    }

    void used(long moreTokens, long moreCostMicros) {
        tokens.add(moreTokens);
        costMicros.add(moreCostMicros);
    }

    private Optional<Usage> usage() {
        Usage used = Usage.newBuilder()
                .setTokens(tokens.sum())
                .setCostMicros(costMicros.sum())
                .build();
        return used.equals(Usage.getDefaultInstance()) ? Optional.empty() : Optional.of(used);
    }

    private void renew() {
        Duration interval = Duration.ofMillis(Math.max(1, assign.getLeaseMs() / RENEWALS_PER_LEASE));
        try {
            while (!done.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                agent.tell(Entry.newBuilder().setRenew(Renew.newBuilder().addAssignments(held())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            settle(outcome());
        } finally {
            agent.finished(this);
            done.countDown();
        }
    }

    private Entry.Builder outcome() {
        try {
            return complete(
                    Objects.requireNonNull(handler.handle(new Assignment(assign, this)), "the handler returned null"));
        } catch (TaskFailedException e) {
            return fail(String.valueOf(e.getMessage()), e.retryable());
        } catch (TaskDeclinedException e) {
            return decline(String.valueOf(e.getMessage()));
        } catch (Throwable e) { // an Error too: untold, the task would wait for its lease to end
            if (stopped == Cause.GIVEN_BACK) {
                return decline("the agent is shutting down");
            }
            if (stopped == Cause.NONE) {
                log.log(Level.WARNING, "The handler of " + assign.getSkill() + " failed on task " + task(), e);
            }
            return fail(e.toString(), true);
        }
    }

    private Entry.Builder complete(Payload output) {
        Complete.Builder complete = Complete.newBuilder()
                .setTask(task())
                .setToken(token())
                .setContentType(output.contentType())
                .setOutput(output.content());
        usage().ifPresent(complete::setUsage);
        return Entry.newBuilder().setComplete(complete);
    }

    private Entry.Builder fail(String reason, boolean retryable) {
        Fail.Builder fail = Fail.newBuilder()
                .setTask(task())
                .setToken(token())
                .setReason(shortened(reason))
                .setRetryable(retryable);
        usage().ifPresent(fail::setUsage);
        return Entry.newBuilder().setFail(fail);
    }

    private Entry.Builder decline(String reason) {
        return Entry.newBuilder()
                .setDecline(
                        Decline.newBuilder().setTask(task()).setToken(token()).setReason(shortened(reason)));
    }

    /** So that it fits into a frame whatever an exception says. */
    private static String shortened(String reason) {
        return reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON);
    }

    private void settle(Entry.Builder outcome) {
        ClientOptions options = agent.options();
        Backoff backoff = new Backoff(options.reconnectInitial(), options.reconnectMax(), options.random());
        Thread.interrupted(); // by a cancellation that came as the handler returned: the loop below looks at its cause
        while (stopped != Cause.CANCELLED) {
            try {
                judge(agent.call(outcome).getSettled());
                return;
            } catch (SignalboxException e) {
                if (!e.code().retry()) {
                    refused(outcome, e);
                    return;
                }
                log.log(Level.DEBUG, "The outcome of task {0} is said again: {1}", task(), e.getMessage());
                if (!pause(backoff.next(e.retryAfter()))) {
                    return;
                }
            } catch (InterruptedException e) {
                log.log(Level.DEBUG, "Task {0} interrupted while its outcome was told", task());
            }
        }
    }

    /** An output that is too large fails the attempt; the same output would be refused again. */
    private void refused(Entry.Builder outcome, SignalboxException cause) {
        log.log(Level.WARNING, "The outcome of task {0} was refused: {1}", task(), cause.getMessage());
        if (outcome.hasComplete() && cause.code() == Code.TOO_LARGE) {
            settle(fail(cause.getMessage(), false));
        }
    }

    private boolean pause(Duration wait) {
        try {
            Thread.sleep(wait);
            return true;
        } catch (InterruptedException e) {
            return stopped != Cause.CANCELLED;
        }
    }

    private void judge(Settled settled) {
        if (settled.getCode() != 0) {
            log.log(
                    Level.INFO,
                    "The node did not take the outcome of task {0}: {1} {2}",
                    task(),
                    Integer.toString(settled.getCode()), // a number would get separators of thousands
                    settled.getMessage());
        }
    }
}
