package io.signalbox.verticles.registry;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Directives to the fleet. Each that is issued or revoked makes the fleet's next revision, in the order in which they were
 * committed. Thread-safe. A failed future carries a {@code StoreException}.
 */
public interface DirectiveStore {
    /** @param directives that stand at the fleet's revision, in the order of their own */
    record Standing(long revision, List<Directive> directives) {}

    /** @return with its revision */
    Future<Directive> issue(Directive directive);

    /**
     * Revoking once more changes nothing.
     *
     * @return the directive as it is now; empty: there is none of this id
     */
    Future<Optional<Directive>> revoke(UUID id, String by, Instant at);

    Future<Optional<Directive>> find(UUID id);

    /**
     * Newest first.
     *
     * @param below those with a smaller revision
     */
    Future<List<Directive>> list(boolean revokedToo, long below, int limit);

    Future<Standing> load();
}
