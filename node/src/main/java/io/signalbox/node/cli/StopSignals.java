package io.signalbox.node.cli;

import java.util.List;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** The signals that ask the process to end. Shutdown hooks would not do: they learn of the first one only. */
final class StopSignals {
    static final List<String> ALL = List.of("INT", "TERM", "HUP");

    private StopSignals() {}

    /** @param handler called for each signal, on a thread of its own */
    static void handle(List<String> names, Runnable handler) {
        for (String name : names) {
            Signal signal = new Signal(name);
            SignalHandler before = Signal.handle(signal, ignored -> handler.run());
            // Ignored by who started us, nohup for example: so it stays.
            if (before.equals(SignalHandler.SIG_IGN)) {
                Signal.handle(signal, before);
            }
        }
    }
}
