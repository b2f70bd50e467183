package io.signalbox.node.embedded;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for a condition, with a deadline. */
public final class Eventually {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Eventually() {}

    public static void isTrue(String what, BooleanSupplier condition) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        Deadline deadline = Deadline.in(PATIENCE);
        while (!condition.getAsBoolean()) {
            if (deadline.isOver() || never.await(10, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("not within " + PATIENCE + ": " + what);
            }
        }
    }
}
