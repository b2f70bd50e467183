package io.signalbox.bus.retained;

import io.signalbox.bus.AddressPattern;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * Retained messages of the whole cluster: the last one of each address. Thread-safe. A failed future carries a {@code
 * RedisFailure}, or a {@link RetainedFullException}.
 */
public interface RetainedStore {

    /**
     * Takes the place of the one before at its address, once it is as safe as asked for. Changes at one address are done in
     * the order in which they were asked for. Refused when there is no room by what is known here of what others did, which
     * {@link #purge} learns.
     *
     * @return its revision
     */
    Future<Long> put(Put put);

    /**
     * Removes the one of the address, if there is one.
     *
     * @param replicas how many besides the primary must know
     * @return the revision of the removal
     */
    Future<Long> remove(String address, int replicas);

    /** What was put there last. Whoever hands it out looks at its time-to-live: for a while it may still be here. */
    Future<Optional<Entry>> get(String address);

    /**
     * The next ones that the pattern matches. A change meanwhile may be in or not; what is there all the time is in once.
     *
     * @param after {@link Position#START}, or where a page ended, or the position of an entry of it
     * @param maxBytes of all messages together; one is given however large it is
     */
    Future<Page> page(AddressPattern pattern, Position after, long maxBytes);

    /** Looks how many there are, and forgets those whose time-to-live is over, as many as one call may take. */
    Future<Size> purge();

    /**
     * @param message as encoded
     * @param timeToLive in milliseconds from now on; 0: for ever
     * @param replicas how many besides the primary must have it
     */
    record Put(String address, byte[] message, long timeToLive, int replicas) {}

    /** @param revision grows with every change at an address, not by one; never goes back */
    record Entry(Position position, long revision, byte[] message) {
        public String address() {
            return position.address();
        }
    }

    /** A place in an order of the store's own. Made by the store, but for the start. */
    record Position(int bucket, String address) {
        public static final Position START = new Position(0, "");
    }

    /**
     * @param entries may be none, though more follow
     * @param next where to go on; empty: that was all
     */
    record Page(List<Entry> entries, Optional<Position> next) {}

    /** @param bytes of the messages and their addresses */
    record Size(long messages, long bytes) {}
}
