package io.signalbox.config;

/** A text that is never printed. */
public record Secret(String reveal) {
    @Override
    public String toString() {
        return reveal.isEmpty() ? "" : "******";
    }
}
