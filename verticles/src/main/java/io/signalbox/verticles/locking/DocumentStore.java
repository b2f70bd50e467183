package io.signalbox.verticles.locking;

import io.signalbox.codecs.proto.Document;
import io.vertx.core.Future;
import java.util.Optional;

/** Documents that are changed by compare and set. A failed future carries a {@code StoreException}. Thread-safe. */
public interface DocumentStore {
    enum Outcome {
        PUT,
        /** It is in another revision. */
        CONFLICT,
        /** It was written under a greater token. */
        STALE,
        /** There are as many as may be. */
        FULL
    }

    /** @param revision and token that there are now */
    record Result(Outcome outcome, long revision, long token) {}

    Future<Optional<Document>> get(String name);

    /** @param document its revision is the one that it replaces; 0: there is none */
    Future<Result> put(Document document);
}
