package io.signalbox.sdk;

import io.signalbox.codecs.proto.Delivery;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * An agent's messages on their way to its handler: one after the other, a thread only while there are some. Grants the node
 * credit for as many as there is room for, so that nobody ever waits to put one in. Thread-safe.
 */
final class Inbox {
    private static final Logger log = System.getLogger(Inbox.class.getName());

    static final int MAX_WAITING = 1024;

    /** Durable messages that may be here at once, waiting or being handled. */
    static final int MAX_UNACKNOWLEDGED = 256;

    /** Grants less than that are put off: one grant for many messages. */
    static final int MIN_GRANT = MAX_WAITING / 2;

    /** What becomes of durable messages. Called on the thread that handles them. */
    interface Settler {
        void handled(Delivered delivered);

        void rejected(Delivered delivered, String reason);
    }

    /** A durable message as the node knows it: the agent's handle at that time, and the delivery's number. */
    record Delivered(int handle, long number) {}

    private record Waiting(Message message, Optional<Delivered> delivered) {}

    private final String agent;
    private final Optional<MessageHandler> handler;
    private final Settler settler;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);
    private int waitingDeliveries;
    private Optional<IntConsumer> granter = Optional.empty();
    /** Granted and not come yet. Below zero when more came on this connection than was granted on it so far. */
    private int expected;

    /** By the thread that handles; one after the other. */
    private final HandledIds handled = new HandledIds();

    private boolean handling;
    private boolean overrun;
    private boolean closed;

    Inbox(String agent, Optional<MessageHandler> handler, Settler settler) {
        this.agent = agent;
        this.handler = handler;
        this.settler = settler;
    }

    /**
     * The connection is lost, or another begins: what was granted does not hold any more, and nothing is until {@link #open}.
     * Durable messages that wait are given up: the node hands out again what was not acknowledged.
     */
    void suspend() {
        lock.lock();
        try {
            granter = Optional.empty();
            expected = 0;
            waiting.removeIf(each -> each.delivered().isPresent());
            waitingDeliveries = 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * @param granter grants credit from now on; must return at once
     * @return what the caller is to grant now; empty: nobody handles messages, so they need no credit
     */
    OptionalInt open(IntConsumer granter) {
        if (handler.isEmpty()) {
            return OptionalInt.empty();
        }
        lock.lock();
        try {
            this.granter = Optional.of(granter);
            int first = Math.max(0, room());
            expected += first;
            return OptionalInt.of(first);
        } finally {
            lock.unlock();
        }
    }

    private int room() {
        return MAX_WAITING - waitingMessages() - expected;
    }

    private int waitingMessages() {
        return waiting.size() - waitingDeliveries;
    }

    private void grantMore() {
        if (granter.isPresent() && room() >= MIN_GRANT) {
            int more = room();
            expected += more;
            granter.get().accept(more);
        }
    }

    /** A message came for somebody else who waits for it. */
    void passedBy() {
        lock.lock();
        try {
            expected--;
            grantMore();
        } finally {
            lock.unlock();
        }
    }

    /** Without a handler, when closed, or when {@link #MAX_WAITING} wait already, the message is dropped. */
    void offer(Message message) {
        if (handler.isEmpty()) {
            log.log(Level.DEBUG, "Agent {0} has no message handler, dropped {1}", agent, message);
            return;
        }
        lock.lock();
        try {
            expected--;
            if (closed) {
                return;
            }
            if (waitingMessages() >= MAX_WAITING) {
                overrun();
                return;
            }
            add(new Waiting(message, Optional.empty()));
        } finally {
            lock.unlock();
        }
    }

    /** @param handle of the agent as the delivery came */
    void deliver(int handle, Delivery delivery) {
        offer(new Message(delivery.getMessage(), delivery.getAttempt()), new Delivered(handle, delivery.getNumber()));
    }

    /** A durable message; the node bounds how many there are. One that finds no handler stays in the mailbox. */
    void offer(Message message, Delivered delivered) {
        lock.lock();
        try {
            if (handler.isPresent() && !closed) {
                waitingDeliveries++;
                add(new Waiting(message, Optional.of(delivered)));
            }
        } finally {
            lock.unlock();
        }
    }

    private void add(Waiting next) {
        waiting.add(next);
        if (!handling) {
            handling = true;
            Thread.ofVirtual().name("signalbox-inbox").start(() -> handleAll(handler.orElseThrow()));
        }
    }

    /** To wait for room would make all agents of the connection wait. */
    private void overrun() {
        if (!overrun) {
            overrun = true;
            log.log(
                    Level.WARNING,
                    "The node sends agent {0} more messages than it granted; what comes while {1} wait is dropped",
                    agent,
                    MAX_WAITING);
        }
    }

    private void handleAll(MessageHandler handler) {
        for (Optional<Waiting> next = take(); next.isPresent(); next = take()) {
            handle(handler, next.get());
        }
    }

    private void handle(MessageHandler handler, Waiting next) {
        try {
            if (next.delivered().isEmpty() || !handled.contains(next.message())) {
                handler.handle(next.message());
            }
            next.delivered().ifPresent(delivered -> {
                handled.add(next.message());
                settler.handled(delivered);
            });
        } catch (MessageRejectedException e) {
            log.log(Level.WARNING, "Agent " + agent + " rejects " + next.message(), e);
            next.delivered().ifPresent(delivered -> settler.rejected(delivered, e.getMessage()));
        } catch (Throwable e) { // an Error too: else no further message would ever be handled
            log.log(Level.WARNING, "The message handler of agent " + agent + " failed", e);
        }
    }

    private Optional<Waiting> take() {
        lock.lock();
        try {
            Optional<Waiting> next = Optional.ofNullable(waiting.poll());
            handling = next.isPresent();
            if (next.flatMap(Waiting::delivered).isPresent()) {
                waitingDeliveries--;
            }
            grantMore();
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** Drops what waits. */
    void close() {
        lock.lock();
        try {
            closed = true;
            granter = Optional.empty();
            waiting.clear();
            waitingDeliveries = 0;
        } finally {
            lock.unlock();
        }
    }
}
