package io.signalbox.node.embedded;

/** The signals that servers are stopped with, by the names that {@code kill} knows. */
enum Signal {
    INT,
    TERM,
    QUIT,
    KILL
}
