package io.signalbox.verticles.locking;

/**
 * Who holds or waits: has one claim of a lock. Immutable.
 *
 * @param agent an id without blanks and slashes
 * @param holder who within the agent; may be empty
 */
public record Owner(String agent, String holder) {
    /** As it stands in the store. */
    String text() {
        return agent + "/" + holder;
    }

    static Owner parse(String text) {
        int slash = text.indexOf('/');
        return new Owner(text.substring(0, slash), text.substring(slash + 1));
    }
}
