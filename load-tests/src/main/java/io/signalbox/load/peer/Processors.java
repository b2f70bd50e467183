package io.signalbox.load.peer;

import java.util.ArrayList;
import java.util.List;

/** Which processors a child process may use. */
public final class Processors {
    private Processors() {}

    /** @param processors as {@code taskset} takes them; empty: all */
    public static List<String> pinned(List<String> command, String processors) {
        if (processors.isEmpty()) {
            return command;
        }
        List<String> whole = new ArrayList<>(List.of("taskset", "-c", processors));
        whole.addAll(command);
        return whole;
    }
}
