package io.signalbox.verticles.allocation;

/** Numbers the turns of tenants, over all queues, so that those of one agent can be compared. Not thread-safe. */
final class Turns {
    private long last;

    /** After all that were given before. */
    long next() {
        return ++last;
    }
}
