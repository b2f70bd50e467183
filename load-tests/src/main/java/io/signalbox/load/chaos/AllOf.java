package io.signalbox.load.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The same with several things at once. */
final class AllOf {
    private AllOf() {}

    interface Work<T> {
        void with(T thing) throws IOException, InterruptedException;
    }

    /** Returns when all are done; throws what one of them threw. */
    static <T> void run(List<T> things, Work<T> work) throws IOException, InterruptedException {
        ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (T thing : things) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    work.with(thing);
                } catch (IOException | InterruptedException | RuntimeException e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new IOException(failures.peek().getMessage(), failures.peek());
        }
    }
}
