package io.signalbox.load.chaos;

import java.time.Duration;

/** What a link between two processes does with what goes through it. */
sealed interface LinkState {
    /** The two directions of a link, seen from whoever connects. */
    enum Way {
        TO_TARGET,
        FROM_TARGET;

        Way opposite() {
            return this == TO_TARGET ? FROM_TARGET : TO_TARGET;
        }
    }

    /** As if it were not there. */
    record Pass() implements LinkState {}

    /** Connections are reset, new ones as soon as they are made. */
    record Refuse() implements LinkState {}

    /** Nothing arrives and nobody is told, until it goes on where it stopped: a cable that is pulled and put back. */
    record Blackhole() implements LinkState {}

    /** A blackhole in one direction. */
    record OneWay(Way held) implements LinkState {}

    /** Each piece comes later, by a random time between the two; order is kept. */
    record Delay(Duration least, Duration most) implements LinkState {}

    /** @param bytesPerSecond of each connection in each direction */
    record Throttle(long bytesPerSecond) implements LinkState {}

    /** Refuses and passes by turns, refusing first. */
    record Flapping(Duration down, Duration up) implements LinkState {}

    default boolean holds(Way way) {
        return switch (this) {
            case Blackhole ignored -> true;
            case OneWay(Way held) -> held == way;
            case Pass ignored -> false;
            case Refuse ignored -> false;
            case Delay ignored -> false;
            case Throttle ignored -> false;
            case Flapping ignored -> false;
        };
    }
}
