package io.signalbox.verticles.registry;

import io.vertx.core.Future;
import java.util.List;

/**
 * Turns sentences into vectors that are near each other when the sentences mean nearly the same. Never works on the caller's
 * event loop. Thread-safe.
 */
public interface SentenceEmbedder {
    /** One vector for each text, of one length. Fails when the model cannot be loaded. */
    Future<List<float[]>> embed(List<String> texts);

    Future<Void> close();
}
