package io.signalbox.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LifecycleTest {
    private final StartedParts parts = new StartedParts();
    private final Lifecycle lifecycle = new Lifecycle("It", parts);
    private final Promise<Void> assembled = Promise.promise();
    private final List<String> events = new ArrayList<>();

    private Future<Void> assemble() {
        events.add("assemble");
        parts.add("part", Duration.ofSeconds(30), () -> {
            events.add("stop part");
            return Future.succeededFuture();
        });
        return assembled.future();
    }

    private void giveUp() {
        events.add("give up");
        assembled.tryFail(new IllegalStateException("given up"));
    }

    @Test
    void shouldStopPartsInTheirOrderAloneWhenEverythingRuns() {
        lifecycle.start(this::assemble);
        assembled.complete();

        lifecycle.stop(this::giveUp).await();

        assertThat(events).containsExactly("assemble", "stop part");
    }

    @Test
    void shouldGiveUpTheStartWhenStoppedMeanwhile() {
        Future<Void> start = lifecycle.start(this::assemble);

        lifecycle.stop(this::giveUp).await();

        assertThat(events).containsExactly("assemble", "give up", "stop part");
        assertThat(lifecycle.isStopRequested()).isTrue();
        assertThat(start.cause()).isInstanceOf(NodeException.class).hasMessage("given up");
    }

    @Test
    void shouldStopWhatWasStartedWhenTheRestFails() {
        Future<Void> start = lifecycle.start(() -> {
            assemble();
            throw new IllegalStateException();
        });

        assertThat(start.cause()).isInstanceOf(NodeException.class).hasMessageContaining("IllegalStateException");
        assertThat(events).containsExactly("assemble", "stop part");
    }

    @Test
    void shouldStartAndStopOnceWhenAskedTwice() {
        assembled.complete();

        assertThat(lifecycle.start(this::assemble)).isSameAs(lifecycle.start(this::assemble));
        assertThat(lifecycle.stop(this::giveUp)).isSameAs(lifecycle.stop(this::giveUp));
        assertThat(events).containsExactly("assemble", "stop part");
    }

    @Test
    void shouldNotStartWhenItWasStoppedBefore() {
        lifecycle.stop(this::giveUp).await();

        assertThat(lifecycle.start(this::assemble).cause()).hasMessage("It was stopped before it was started");
        assertThat(events).isEmpty();
    }
}
