package io.signalbox.verticles.registry;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has definitions read by the model, where there is one, and compares them with what is asked. Confined to its event loop. */
final class MeaningReader {
    private static final Logger log = LoggerFactory.getLogger(MeaningReader.class);
    private static final int BATCH = 16;
    private static final int MAX_QUESTION = 500;

    private final Optional<SentenceEmbedder> embedder;
    private final MeaningIndex index = new MeaningIndex();
    private boolean reading;

    MeaningReader(Optional<SentenceEmbedder> embedder) {
        this.embedder = embedder;
    }

    void published(Definition definition) {
        embedder.ifPresent(model -> {
            index.add(definition);
            readNext(model);
        });
    }

    private void readNext(SentenceEmbedder model) {
        List<String> texts = index.unread(BATCH);
        if (reading || texts.isEmpty()) {
            return;
        }
        reading = true;
        model.embed(texts)
                .onComplete(done -> reading = false)
                .onSuccess(vectors -> {
                    index.read(texts, vectors);
                    readNext(model);
                })
                .onFailure(cause -> log.error("Definitions cannot be read for their meaning", cause));
    }

    /** How near each definition is, by {@code name@version}; see {@link MeaningIndex#scores}. */
    Future<Map<String, Integer>> scores(String question) {
        if (embedder.isEmpty()) {
            throw new ServiceException(
                    Code.UNSUPPORTED, "this node does not search by meaning; see registry.search-by-meaning");
        }
        if (question.length() > MAX_QUESTION) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "meaning has up to " + MAX_QUESTION + " characters");
        }
        return embedder.get().embed(List.of(question)).map(vectors -> index.scores(vectors.getFirst()));
    }
}
