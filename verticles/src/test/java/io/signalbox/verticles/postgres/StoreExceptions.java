package io.signalbox.verticles.postgres;

/** Failures of a store, for tests of what deals with them. */
public enum StoreExceptions {
    UNAVAILABLE,
    OUTCOME_UNKNOWN,
    FAULT,
    FENCED;

    public StoreException make() {
        return new StoreException(
                StoreException.Kind.valueOf(name()), new IllegalStateException("made by a test, to fail with"));
    }
}
