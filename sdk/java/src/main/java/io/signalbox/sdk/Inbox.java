package io.signalbox.sdk;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** An agent's messages on their way to its handler: one after the other, a thread only while there are some. Thread-safe. */
final class Inbox {
    private static final Logger log = System.getLogger(Inbox.class.getName());

    static final int MAX_WAITING = 1024;

    private final String agent;
    private final Optional<MessageHandler> handler;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<Message> waiting = new ArrayDeque<>(0);
    private boolean handling;
    private boolean closed;

    Inbox(String agent, Optional<MessageHandler> handler) {
        this.agent = agent;
        this.handler = handler;
    }

    /** Waits while {@link #MAX_WAITING} messages wait. Without a handler, or when closed, the message is dropped. */
    void offer(Message message) {
        if (handler.isEmpty()) {
            log.log(Level.DEBUG, "Agent {0} has no message handler, dropped {1}", agent, message);
            return;
        }
        lock.lock();
        try {
            while (!closed && waiting.size() >= MAX_WAITING) {
                room.awaitUninterruptibly();
            }
            if (closed) {
                return;
            }
            waiting.add(message);
            if (!handling) {
                handling = true;
                Thread.ofVirtual().name("signalbox-inbox").start(() -> handleAll(handler.get()));
            }
        } finally {
            lock.unlock();
        }
    }

    private void handleAll(MessageHandler handler) {
        for (Optional<Message> next = take(); next.isPresent(); next = take()) {
            try {
                handler.handle(next.get());
            } catch (Throwable e) { // an Error too: else no further message would ever be handled
                log.log(Level.WARNING, "The message handler of agent " + agent + " failed", e);
            }
        }
    }

    private Optional<Message> take() {
        lock.lock();
        try {
            Optional<Message> next = Optional.ofNullable(waiting.poll());
            handling = next.isPresent();
            room.signal();
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** Drops what waits and lets go whoever waits for room. */
    void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
