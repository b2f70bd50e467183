package io.signalbox.node.cli;

import picocli.CommandLine.Option;

/** How much of a list is shown. */
final class LimitOption {
    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "At most so many; else ${DEFAULT-VALUE}.")
    private int limit;

    int limit() {
        if (limit < 1) {
            throw new UsageException("--limit " + limit + ": expected a number from 1 on");
        }
        return limit;
    }
}
