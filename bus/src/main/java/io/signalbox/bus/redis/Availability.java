package io.signalbox.bus.redis;

/** Decides from what happens to the connections of a server whether it was lost and is there again. Not thread-safe. */
final class Availability {
    private final int connections;
    private int open;
    private boolean lost;

    /** @param connections that there are when all is well */
    Availability(int connections) {
        this.connections = connections;
    }

    /** @return whether this makes the server whole again after it was lost */
    boolean opened() {
        open++;
        boolean recovered = lost && isUp();
        lost &= !recovered;
        return recovered;
    }

    void lost() {
        open--;
        lost = true;
    }

    /** An unopened one could not be opened: what comes then is a recovery, too. */
    void failed() {
        lost = true;
    }

    boolean isUp() {
        return open == connections;
    }
}
