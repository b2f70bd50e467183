package io.signalbox.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StartedPartsTest {
    private final StartedParts parts = new StartedParts();
    private final List<String> stopped = new CopyOnWriteArrayList<>();

    @Test
    void shouldStopTheLastFirstWhenAllAreWell() throws Exception {
        parts.add("a", Duration.ofSeconds(30), stopping("a", Future.succeededFuture()));
        parts.add("b", Duration.ofSeconds(30), stopping("b", Future.succeededFuture()));
        parts.add("c", Duration.ofSeconds(30), stopping("c", Future.succeededFuture()));

        parts.stopAll().await(30, TimeUnit.SECONDS);

        assertThat(stopped).containsExactly("c", "b", "a");
    }

    @Test
    void shouldWaitForAPartWhenTheNextIsStopped() throws Exception {
        Promise<Void> slow = Promise.promise();
        parts.add("a", Duration.ofSeconds(30), stopping("a", Future.succeededFuture()));
        parts.add("b", Duration.ofSeconds(30), stopping("b", slow.future()));

        Future<Void> all = parts.stopAll();

        assertThat(stopped).containsExactly("b");
        slow.complete();
        all.await(30, TimeUnit.SECONDS);
        assertThat(stopped).containsExactly("b", "a");
    }

    @Test
    void shouldGoOnWhenAPartFailsThrowsOrDoesNotEnd() throws Exception {
        parts.add("a", Duration.ofSeconds(30), stopping("a", Future.succeededFuture()));
        parts.add("b", Duration.ofSeconds(30), stopping("b", Future.failedFuture("on purpose")));
        parts.add(
                "c", Duration.ofMillis(1), stopping("c", Promise.<Void>promise().future()));
        parts.add("d", Duration.ofSeconds(30), () -> {
            throw new IllegalStateException("on purpose");
        });

        parts.stopAll().await(30, TimeUnit.SECONDS);

        assertThat(stopped).containsExactly("c", "b", "a");
    }

    @Test
    void shouldStopEachOnceWhenAskedTwice() throws Exception {
        parts.add("a", Duration.ofSeconds(30), stopping("a", Future.succeededFuture()));

        parts.stopAll().await(30, TimeUnit.SECONDS);
        parts.stopAll().await(30, TimeUnit.SECONDS);

        assertThat(stopped).containsExactly("a");
    }

    @Test
    void shouldNotWaitLongWhenHurried() throws Exception {
        parts.add("a", Duration.ofHours(1), stopping("a", Future.succeededFuture()));
        parts.add(
                "b", Duration.ofHours(1), stopping("b", Promise.<Void>promise().future()));

        Future<Void> all = parts.stopAll();
        parts.hurry();
        parts.hurry();

        all.await(30, TimeUnit.SECONDS);
        assertThat(stopped).containsExactly("b", "a");
    }

    @Test
    void shouldStillWaitForTheQuickOnesWhenHurriedBefore() throws Exception {
        Promise<Void> quick = Promise.promise();
        parts.add("a", Duration.ofHours(1), stopping("a", Future.succeededFuture()));
        parts.add("b", Duration.ofHours(1), stopping("b", quick.future()));
        parts.hurry();

        Future<Void> all = parts.stopAll();
        assertThat(stopped).containsExactly("b");
        quick.complete();

        all.await(30, TimeUnit.SECONDS);
        assertThat(stopped).containsExactly("b", "a");
    }

    private Supplier<Future<Void>> stopping(String name, Future<Void> end) {
        return () -> {
            stopped.add(name);
            return end;
        };
    }
}
