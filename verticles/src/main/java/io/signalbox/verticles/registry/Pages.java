package io.signalbox.verticles.registry;

/** How much of a list is answered at once. */
final class Pages {
    private static final int MAX = 1000;
    private static final int DEFAULT = 100;

    private Pages() {}

    /** @param wanted 0: not said */
    static int limit(int wanted) {
        return wanted <= 0 ? DEFAULT : Math.min(wanted, MAX);
    }
}
