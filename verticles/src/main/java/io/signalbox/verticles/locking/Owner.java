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

    /** One claim may be told from the others of the same thread of work by what follows a {@code #}. */
    Owner thread() {
        int mark = holder.indexOf('#');
        return mark < 0 ? this : new Owner(agent, holder.substring(0, mark));
    }

    static Owner parse(String text) {
        int slash = text.indexOf('/');
        return new Owner(text.substring(0, slash), text.substring(slash + 1));
    }
}
