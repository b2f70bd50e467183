package io.signalbox.bus.outbound;

import java.time.Duration;

/**
 * @param maxBytes what may wait for one connection
 * @param slowTimeout how long a connection may stay at that limit before it counts as too slow
 */
public record OutboundLimits(long maxBytes, Duration slowTimeout) {
    public OutboundLimits {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes " + maxBytes);
        }
        if (slowTimeout.isNegative()) {
            throw new IllegalArgumentException("slowTimeout " + slowTimeout);
        }
    }
}
