package io.signalbox.gateway.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where an agent may answer to although its token names no such address: the reply addresses of messages it was given.
 * The newest are kept, for a time. Not thread-safe.
 */
final class ReplyPermissions {
    private static final Duration VALIDITY = Duration.ofMinutes(10);
    private static final int MAX = 1000;

    private final Map<String, Instant> granted = new LinkedHashMap<>(0);

    void grant(String address, Instant now) {
        granted.remove(address);
        if (granted.size() >= MAX) {
            granted.remove(granted.keySet().iterator().next());
        }
        granted.put(address, now.plus(VALIDITY));
    }

    boolean mayReply(String address, Instant now) {
        Instant until = granted.get(address);
        return until != null && until.isAfter(now);
    }
}
