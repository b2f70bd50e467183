package io.signalbox.load.chaos;

import io.signalbox.config.Secret;
import io.signalbox.load.LoadException;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import io.signalbox.node.embedded.StoreAddress;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.Coordination;
import io.signalbox.sdk.HeldLock;
import io.signalbox.sdk.SignalboxClient;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** How fast locks are taken and given back, beside the plain way with the same Redis. Not thread-safe. */
final class LockRates {
    private static final Duration RUN = Duration.ofSeconds(5);
    private static final long LEASE_MILLIS = 10_000;
    private static final long POLL_MILLIS = 1;
    private static final Duration WAITING_PATIENCE = Duration.ofSeconds(60);
    private static final long WAITING_POLL_MILLIS = 20;

    private final String url;
    private final StoreAddress redis;

    LockRates(String url, StoreAddress redis) {
        this.url = url;
        this.redis = redis;
    }

    /** @param micros of each: from wanting it to having it */
    record Rate(String what, long count, double perSecond, long p50Micros, long p99Micros) {
        static Rate of(String what, List<Long> nanos, Duration time) {
            List<Long> sorted = nanos.stream().sorted().toList();
            return new Rate(
                    what, sorted.size(), sorted.size() / (time.toNanos() / 1e9), at(sorted, 0.50), at(sorted, 0.99));
        }

        private static long at(List<Long> sorted, double share) {
            return sorted.isEmpty()
                    ? 0
                    : TimeUnit.NANOSECONDS.toMicros(sorted.get((int) (share * (sorted.size() - 1))));
        }

        @Override
        public String toString() {
            return "%-52s %,9d  %,9.0f/s  p50 %,8d us  p99 %,8d us"
                    .formatted(what, count, perSecond, p50Micros, p99Micros);
        }
    }

    /** Takes and gives back once; gives the nanoseconds until it had it. */
    private interface Turn {
        long take() throws Exception;
    }

    private interface Turns {
        Turn of(int thread) throws Exception;
    }

    List<Rate> measure() throws InterruptedException {
        List<Rate> rates = new ArrayList<>();
        try (SignalboxClient client = SignalboxClient.connect(url)) {
            Coordination locks = client.agent("rates").attach().coordination();
            for (int threads : List.of(1, 16)) {
                rates.add(run("free lock, %d threads".formatted(threads), threads, ours(locks, true)));
                rates.add(run("free lock, %d threads, plain SET NX".formatted(threads), threads, plain(true)));
            }
            rates.add(run("one lock for 8 threads", 8, ours(locks, false)));
            rates.add(run("one lock for 8 threads, plain SET NX each ms", 8, plain(false)));
        }
        return rates;
    }

    private Turns ours(Coordination locks, boolean free) {
        return thread -> () -> {
            long begin = System.nanoTime();
            try (HeldLock held = locks.lock(free ? "free-" + thread : "one")) {
                return System.nanoTime() - begin;
            }
        };
    }

    private Turns plain(boolean free) {
        return thread -> {
            PlainRedisLock lock = new PlainRedisLock(redis);
            String name = free ? "free-" + thread : "one";
            String owner = "thread" + thread;
            return () -> {
                long begin = System.nanoTime();
                while (!lock.tryLock(name, owner, LEASE_MILLIS)) {
                    Thread.sleep(POLL_MILLIS);
                }
                long nanos = System.nanoTime() - begin;
                lock.unlock(name, owner);
                return nanos;
            };
        };
    }

    private static Rate run(String what, int threads, Turns turns) throws InterruptedException {
        repeat(threads, turns, RUN); // so that both are warm
        return Rate.of(what, repeat(threads, turns, RUN), RUN);
    }

    private static List<Long> repeat(int threads, Turns turns, Duration time) throws InterruptedException {
        ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
        List<Thread> running = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        for (int i = 0; i < threads; i++) {
            int thread = i;
            running.add(Thread.ofPlatform().start(() -> {
                try {
                    Turn turn = turns.of(thread);
                    while (System.nanoTime() < end) {
                        nanos.add(turn.take());
                    }
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        for (Thread each : running) {
            each.join();
        }
        return List.copyOf(nanos);
    }

    private void awaitWaiting(String lock, int waiters) throws InterruptedException, ApiException, LoadException {
        long end = System.nanoTime() + WAITING_PATIENCE.toNanos();
        try (ApiClient node = new ApiClient(URI.create(url), new Secret(""))) {
            while (node.get("/v1/locks/" + lock).path("waiting").asInt() < waiters) {
                if (System.nanoTime() > end) {
                    throw new LoadException("not all of " + waiters + " wait for the lock after " + WAITING_PATIENCE);
                }
                Thread.sleep(WAITING_POLL_MILLIS);
            }
        }
    }

    /** So many wait for one lock; each gives it on at once. The time of each grant, from one token to the next. */
    Rate queue(int waiters) throws InterruptedException, ApiException, LoadException {
        ConcurrentLinkedQueue<Long> moments = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        long begin;
        try (SignalboxClient client = SignalboxClient.connect(url)) {
            Agent agent = client.agent("queue").attach();
            HeldLock first = agent.coordination().lock("queue");
            for (int i = 0; i < waiters; i++) {
                threads.add(Thread.ofVirtual().start(() -> {
                    try (HeldLock held = agent.coordination().lock("queue")) {
                        moments.add(System.nanoTime());
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }));
            }
            awaitWaiting("queue", waiters);
            begin = System.nanoTime();
            first.close();
            for (Thread thread : threads) {
                thread.join();
            }
        }
        List<Long> sorted = moments.stream().sorted().toList();
        List<Long> gaps = new ArrayList<>();
        long before = begin;
        for (long moment : sorted) {
            gaps.add(moment - before);
            before = moment;
        }
        return Rate.of(waiters + " wait for one lock: from grant to grant", gaps, Duration.ofNanos(before - begin));
    }
}
