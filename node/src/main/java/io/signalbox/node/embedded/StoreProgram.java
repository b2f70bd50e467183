package io.signalbox.node.embedded;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one kind of server needs to be run. Its methods block and are called by one thread. */
interface StoreProgram {
    /** For messages. */
    String name();

    /** Unpacks the program, creates the store when there is none, refuses one that does not fit. */
    void prepare(StoreSettings settings) throws IOException;

    /** The command line; one of its arguments holds the marker. */
    List<String> command(StoreSettings settings) throws IOException;

    /**
     * Asks the server what its durable settings are.
     *
     * @return empty: it does not take connections yet
     */
    Optional<Map<String, String>> facts(StoreSettings settings) throws IOException, SQLException;

    /** What {@link #facts} must contain, or acknowledged data may be lost. */
    Map<String, String> demanded();

    /** From the gentlest to the last resort. */
    List<StopStep> stopSteps();

    StoreAddress address(StoreSettings settings);
}
