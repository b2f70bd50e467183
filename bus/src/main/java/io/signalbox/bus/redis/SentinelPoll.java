package io.signalbox.bus.redis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Decides from what the sentinels say which server is the primary: the one that more than half of them name. As long as
 * there is no such one it stays the one that was, for a sentinel that is cut off from the others names a primary that they
 * replaced. Not thread-safe.
 */
final class SentinelPoll {
    private final List<Optional<ServerAddress>> named;
    private Optional<ServerAddress> primary = Optional.empty();

    SentinelPoll(int sentinels) {
        this.named = new ArrayList<>(Collections.nCopies(sentinels, Optional.empty()));
    }

    /** @return whether the primary is another one than before */
    boolean names(int sentinel, ServerAddress address) {
        Optional<ServerAddress> before = primary;
        named.set(sentinel, Optional.of(address));
        long votes =
                named.stream().filter(each -> each.equals(named.get(sentinel))).count();
        if (before.isEmpty() || votes * 2 > named.size()) {
            primary = named.get(sentinel);
        }
        return before.isPresent() && !before.equals(primary);
    }

    /** Empty: none was named yet. */
    Optional<ServerAddress> primary() {
        return primary;
    }
}
