package io.signalbox.config;

public enum NodeKind {
    PRIMARY,
    SECONDARY,
    EDGE
}
