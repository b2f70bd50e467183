package io.signalbox.verticles;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** How the contracts call a port: with a deadline, and from event loops. */
public final class PortCalls {
    private static final int SECONDS = 30;

    private PortCalls() {}

    public static <T> T get(Future<T> future) {
        try {
            return future.await(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }

    /** What the future fails with; it must fail. */
    public static Throwable failure(Future<?> future) {
        CompletableFuture<Throwable> cause = new CompletableFuture<>();
        future.onSuccess(value -> cause.completeExceptionally(new AssertionError("succeeded with " + value)))
                .onFailure(cause::complete);
        return within(cause);
    }

    /** Until it is so. */
    public static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("time left, at most").isNegative();
            Thread.onSpinWait();
        }
    }

    /** Calls from two event loops, one after the other and both at once. */
    public static void assertAnswersOnTheCallersContext(Vertx vertx, Supplier<Future<?>> call) {
        Context one = eventLoop(vertx);
        Context other = eventLoop(vertx);
        assertThat(within(answeredOn(one, call))).isSameAs(one);
        assertThat(within(answeredOn(other, call))).isSameAs(other);

        CompletableFuture<Context> first = answeredOn(one, call);
        CompletableFuture<Context> second = answeredOn(other, call);
        assertThat(within(first)).isSameAs(one);
        assertThat(within(second)).isSameAs(other);
    }

    private static Context eventLoop(Vertx vertx) {
        CompletableFuture<Context> own = new CompletableFuture<>();
        get(vertx.deployVerticle(context -> {
            own.complete(context);
            return Future.succeededFuture();
        }));
        return within(own);
    }

    private static CompletableFuture<Context> answeredOn(Context caller, Supplier<Future<?>> call) {
        CompletableFuture<Context> answeredOn = new CompletableFuture<>();
        caller.runOnContext(ignored -> call.get().onComplete(result -> answeredOn.complete(Vertx.currentContext())));
        return answeredOn;
    }

    private static <T> T within(CompletableFuture<T> future) {
        try {
            return future.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }
}
