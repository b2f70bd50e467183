package io.signalbox.node.cli;

import io.signalbox.node.cli.OutputOptions.Form;
import java.io.Console;
import java.util.Optional;

/** Who reads what we print: a person or a program. */
final class Terminal {
    /** Set by the launcher, which can ask about standard output alone; a console needs standard input as well. */
    private static final String PROPERTY = "signalbox.terminal";

    private Terminal() {}

    static Form preferredForm() {
        return isThere() ? Form.TABLE : Form.JSON;
    }

    private static boolean isThere() {
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .map(Boolean::valueOf)
                .orElseGet(() -> Optional.ofNullable(System.console())
                        .map(Console::isTerminal)
                        .orElse(false));
    }
}
