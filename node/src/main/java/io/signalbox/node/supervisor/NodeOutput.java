package io.signalbox.node.supervisor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** What a node writes, line by line: on its way to the supervisor's own log. Not thread-safe. */
final class NodeOutput {
    private static final int KEPT_LINES = 20;

    private final String prefix;
    private final Consumer<String> log;
    private final Deque<String> last = new ArrayDeque<>(KEPT_LINES);

    /** @param prefix goes before each line */
    NodeOutput(String prefix, Consumer<String> log) {
        this.prefix = prefix;
        this.log = log;
    }

    /** Returns whether the line is the node's word to its supervisor that it is ready; that one is not logged. */
    boolean take(String line) {
        if (line.equals(Supervisor.READY_LINE)) {
            return true;
        }
        if (last.size() == KEPT_LINES) {
            last.removeFirst();
        }
        last.addLast(line);
        log.accept(prefix + line);
        return false;
    }

    /** The last lines. */
    String ending() {
        return String.join("\n", last);
    }
}
