package io.signalbox.verticles.registry;

import io.vertx.core.Vertx;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;

/** The imitation, which the other tests trust. */
class InMemoryPresenceStoreTest extends PresenceStoreContractTest {
    private static final Vertx VERTX = Vertx.vertx();

    @AfterAll
    static void stop() {
        VERTX.close().await();
    }

    @Override
    PresenceStore store(Duration timeToLive) {
        return new InMemoryPresenceStore(timeToLive);
    }

    @Override
    PresenceStore away() {
        PresenceStore away = new InMemoryPresenceStore(Duration.ofMinutes(1));
        away.close();
        return away;
    }

    @Override
    Vertx vertx() {
        return VERTX;
    }
}
