package io.signalbox.node.embedded;

/** The stores that a node can bring along. */
public enum StoreKind {
    POSTGRES,
    REDIS
}
