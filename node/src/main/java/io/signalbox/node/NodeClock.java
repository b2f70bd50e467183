package io.signalbox.node;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's wall clock. Tests of nodes whose clocks differ set it off with the system property
 * {@code signalbox.clock-offset}: a duration such as {@code PT1H} or {@code -PT5M}. It is for nothing else.
 */
final class NodeClock {
    static final String OFFSET = "signalbox.clock-offset";

    private static final Logger log = LoggerFactory.getLogger(NodeClock.class);

    private NodeClock() {}

    static InstantSource ofThisProcess() {
        return off(System.getProperty(OFFSET, ""));
    }

    /** @param offset empty: none */
    static InstantSource off(String offset) {
        if (offset.isEmpty()) {
            return InstantSource.system();
        }
        try {
            Duration by = Duration.parse(offset);
            log.warn("The node's clock is set off by {} ({}), which is for tests alone", by, OFFSET);
            return InstantSource.offset(InstantSource.system(), by);
        } catch (DateTimeException e) {
            throw new NodeException(OFFSET + ": '" + offset + "' is no duration such as PT1H or -PT5M", e);
        }
    }
}
