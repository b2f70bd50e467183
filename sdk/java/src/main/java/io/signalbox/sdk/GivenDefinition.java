package io.signalbox.sdk;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** The version of its definition that an agent has, and who wants to know. Thread-safe. */
final class GivenDefinition {
    /** The type of the messages that tell it, and who sends them. */
    private static final String TYPE = "signalbox.definition";

    private static final String SOURCE = "$sys/allocation";

    private final Optional<Consumer<String>> listener;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile String current = "";
    private String told = "";

    GivenDefinition(Optional<Consumer<String>> listener) {
        this.listener = listener;
    }

    /** {@code name@version}; empty: none. */
    String current() {
        return current;
    }

    /** Whether the message was about this alone. */
    boolean take(Message message) {
        boolean mine = message.type().equals(TYPE) && message.source().equals(SOURCE);
        if (mine) {
            given(message.payload().text());
        }
        return mine;
    }

    /** Returns at once. */
    void given(String definition) {
        if (definition.isEmpty() || definition.equals(current)) {
            return;
        }
        current = definition;
        listener.ifPresent(
                each -> Thread.ofVirtual().name("signalbox-definition").start(() -> tell(each)));
    }

    private void tell(Consumer<String> each) {
        turn.lock();
        try {
            if (!told.equals(current)) {
                told = current;
                each.accept(told);
            }
        } finally {
            turn.unlock();
        }
    }
}
