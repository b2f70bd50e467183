package io.signalbox.verticles.allocation;

import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterAll;

/** The imitation, which the other tests trust. */
class InMemoryTaskStoreTest extends TaskStoreContractTest {
    private static final Vertx VERTX = Vertx.vertx();
    private final InMemoryTaskStore store = new InMemoryTaskStore();

    @AfterAll
    static void stop() {
        VERTX.close().await();
    }

    @Override
    TaskStore store() {
        return store;
    }

    @Override
    Vertx vertx() {
        return VERTX;
    }
}
