package io.signalbox.bus.redis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Decides from what the sentinels say which server is the primary: the one with the highest epoch of configuration, as they do
 * among themselves. An epoch grows with each takeover, which more than half of them agree to, so a sentinel that is cut off
 * from the others names a primary with a lower one; and the first that knows of a takeover is believed before the others have
 * heard of it. When all name the same it is that one, for somebody may have told them anew. Not thread-safe.
 */
final class SentinelPoll {
    private record Named(ServerAddress address, long epoch) {}

    private final List<Optional<Named>> named;
    private Optional<Named> primary = Optional.empty();

    SentinelPoll(int sentinels) {
        this.named = new ArrayList<>(Collections.nCopies(sentinels, Optional.empty()));
    }

    /** @return whether the primary is another one than before */
    boolean names(int sentinel, ServerAddress address, long epoch) {
        Named answer = new Named(address, epoch);
        named.set(sentinel, Optional.of(answer));
        Optional<ServerAddress> before = primary();
        if (primary.isEmpty() || epoch > primary.get().epoch() || allName(address)) {
            primary = Optional.of(answer);
        }
        return before.isPresent() && !before.equals(primary());
    }

    private boolean allName(ServerAddress address) {
        return named.stream()
                .allMatch(
                        each -> each.map(Named::address).filter(address::equals).isPresent());
    }

    /** Empty: none was named yet. */
    Optional<ServerAddress> primary() {
        return primary.map(Named::address);
    }
}
