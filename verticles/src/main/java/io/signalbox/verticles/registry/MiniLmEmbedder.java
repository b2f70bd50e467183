package io.signalbox.verticles.registry;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.List;

/** The model all-MiniLM-L6-v2, quantized, within this process; loaded when it is first needed. Thread-safe. */
public final class MiniLmEmbedder implements SentenceEmbedder {
    private final WorkerExecutor worker;

    /** Touched by the one thread of the worker alone. */
    private EmbeddingModel model;

    public MiniLmEmbedder(Vertx vertx) {
        this.worker = vertx.createSharedWorkerExecutor("signalbox-sentence-embedder", 1);
    }

    @Override
    public Future<List<float[]>> embed(List<String> texts) {
        return worker.executeBlocking(
                () -> loaded().embedAll(texts.stream().map(TextSegment::from).toList()).content().stream()
                        .map(Embedding::vector)
                        .toList());
    }

    private EmbeddingModel loaded() {
        if (model == null) {
            model = new AllMiniLmL6V2QuantizedEmbeddingModel(Runnable::run);
        }
        return model;
    }

    @Override
    public Future<Void> close() {
        return worker.close();
    }
}
