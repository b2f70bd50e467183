package io.signalbox.node.cli;

import picocli.CommandLine.Option;

/** How much of a list is shown. */
final class LimitOption {
    private static final Range ANY = new Range(1, Integer.MAX_VALUE);

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "At most so many; else ${DEFAULT-VALUE}.")
    private int limit;

    int limit() {
        return ANY.check("--limit", limit);
    }
}
