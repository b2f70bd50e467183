package io.signalbox.config;

/** What part a node plays in its cluster. Immutable, thread-safe. */
public enum NodeKind {
    PRIMARY,
    SECONDARY,
    EDGE
}
