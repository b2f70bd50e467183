package io.signalbox.bus.cluster;

import java.util.Optional;

/** What a frame between nodes is. The numbers go over the wire: never reuse, never renumber. */
enum FrameKind {
    GREETING(1),
    MESSAGES(2),
    STATUS(3),
    INTEREST_DELTA(4),
    INTEREST_ASK(5),
    INTEREST_SNAPSHOT(6),
    INTEREST_PROBE(7);

    private static final FrameKind[] ALL = values();

    private final int number;

    FrameKind(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** Empty: of a later version; to be skipped. */
    static Optional<FrameKind> of(int number) {
        return number >= 1 && number <= ALL.length ? Optional.of(ALL[number - 1]) : Optional.empty();
    }
}
