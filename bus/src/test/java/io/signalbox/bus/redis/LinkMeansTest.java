package io.signalbox.bus.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.config.RedisConfig;
import io.signalbox.config.RedisMode;
import io.signalbox.config.Secret;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LinkMeansTest {
    private final Vertx vertx = Vertx.vertx();
    private final ContextInternal context = (ContextInternal) vertx.getOrCreateContext();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    /** How it ended, and whether that was on the event loop. */
    private record End(Object value, Throwable cause, boolean here) {}

    private End limited(Duration timeout, Future<String> work) throws Exception {
        CompletableFuture<End> end = new CompletableFuture<>();
        context.runOnContext(ignored -> means(timeout)
                .limited(work)
                .onComplete((value, cause) -> end.complete(new End(value, cause, context.inThread()))));
        return end.get(20, TimeUnit.SECONDS);
    }

    private LinkMeans means(Duration timeout) {
        RedisConfig config = new RedisConfig(
                List.of("redis://127.0.0.1:1"), RedisMode.STANDALONE, "", new Secret(""), new Secret(""), 1, timeout);
        return LinkMeans.of(context, config, List.of(), new Random(1));
    }

    @Test
    void shouldGiveUpOnTheEventLoopWhatNobodyAnswers() throws Exception {
        Future<String> never = Promise.<String>promise().future();

        End end = limited(Duration.ofMillis(20), never);

        assertThat(end.cause()).isInstanceOf(TimeoutException.class);
        assertThat(end.here()).isTrue();
    }

    @Test
    void shouldPassOnWhatComesInTime() throws Exception {
        Throwable refusal = new IllegalStateException();

        assertThat(limited(Duration.ofMinutes(1), Future.succeededFuture("x"))).isEqualTo(new End("x", null, true));
        assertThat(limited(Duration.ofMinutes(1), Future.failedFuture(refusal)))
                .isEqualTo(new End(null, refusal, true));
    }
}
