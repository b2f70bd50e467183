package io.signalbox.bus.cluster;

import java.util.List;

/** What nodes tell each other about their interest. */
sealed interface InterestFrame {

    /** @param now all that there is under the pattern; empty: nothing any more */
    record Change(String pattern, PatternInterest now) {
        /** About the bytes that it takes. */
        int size() {
            int size = pattern.length() + 8;
            for (PatternInterest.Group group : now.groups()) {
                size += group.name().length() + 8;
            }
            return size;
        }
    }

    /** The step to state {@code sequence} from the one before it. */
    record Delta(long sequence, List<Change> changes) implements InterestFrame {}

    /**
     * Wants a part of a snapshot.
     *
     * @param request the asking node's number for the whole snapshot; it is taken when part 0 is asked for
     */
    record Ask(long request, int part) implements InterestFrame {}

    /**
     * A part of a snapshot.
     *
     * @param sequence the state that all parts belong to
     */
    record Snapshot(long request, long sequence, int part, boolean last, List<Change> changes)
            implements InterestFrame {}

    /**
     * What the sender is at, to find out what was lost and nobody noticed.
     *
     * @param hash of all its interest
     */
    record Probe(long sequence, long hash, int patterns) implements InterestFrame {}
}
