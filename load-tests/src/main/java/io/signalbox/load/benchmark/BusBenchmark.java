package io.signalbox.load.benchmark;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.Subscriber;
import io.signalbox.codecs.EncodedMessage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Finding the receivers and offering the message to them, with subscribers that only count. The messages are made before, and
 * so the hashes of their addresses are known; {@link MessagePathBenchmark} has fresh ones.
 */
public class BusBenchmark {
    private static final int AGENTS = 30_000;
    private static final int WILDCARDS = 1_000;
    private static final int GROUP = 8;

    /** A power of two; enough that they are not all in the fastest cache. */
    private static final int MESSAGES = 4096;

    /** A bus as a node has it. */
    static LocalMessageBus bus() {
        return new LocalMessageBus(
                () -> ThreadLocalRandom.current().nextLong(), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    }

    static void subscribeInboxes(LocalMessageBus bus, IntFunction<Subscriber> subscriber) {
        for (int agent = 0; agent < AGENTS; agent++) {
            bus.subscribe(new AddressPattern(inbox(agent)), "", subscriber.apply(agent));
        }
    }

    private static void subscribeWildcards(LocalMessageBus bus) {
        for (int i = 0; i < WILDCARDS; i++) {
            bus.subscribe(new AddressPattern("fleet/region-" + i + "/+/status"), "", new Count());
        }
    }

    static String inbox(int agent) {
        return "agent/research-%05d".formatted(agent);
    }

    /** Spread over all agents. */
    static int receiver(int message) {
        return (int) (message * 7919L % AGENTS);
    }

    private static final class Count implements Subscriber {
        private long messages;

        @Override
        public OfferResult offer(EncodedMessage message) {
            messages++;
            return OfferResult.ACCEPTED;
        }
    }

    /** Messages again and again, one after the other. */
    private static final class Messages {
        private final EncodedMessage[] all;
        private int next;

        Messages(IntFunction<String> address) {
            all = IntStream.range(0, MESSAGES)
                    .mapToObj(i -> Sample.message(address.apply(i)))
                    .toArray(EncodedMessage[]::new);
        }

        EncodedMessage next() {
            return all[next++ & MESSAGES - 1];
        }
    }

    /** Every agent has its inbox and nothing else. */
    @State(Scope.Thread)
    public static class Inboxes {
        private final LocalMessageBus bus = bus();
        private final Messages messages = new Messages(i -> inbox(receiver(i)));

        public Inboxes() {
            subscribeInboxes(bus, agent -> new Count());
        }
    }

    /** Beside the inboxes, some watch parts of the fleet. */
    @State(Scope.Thread)
    public static class InboxesAndWildcards {
        private final LocalMessageBus bus = bus();
        private final Messages toInboxes = new Messages(i -> inbox(receiver(i)));
        private final Messages toWatchers = new Messages(i -> "fleet/region-" + i % WILDCARDS + "/unit-3/status");

        public InboxesAndWildcards() {
            subscribeInboxes(bus, agent -> new Count());
            subscribeWildcards(bus);
        }
    }

    /** All agents listen to one address. */
    @State(Scope.Thread)
    public static class Audience {
        private final LocalMessageBus bus = bus();
        private final EncodedMessage message = Sample.message("fleet/all");

        public Audience() {
            for (int agent = 0; agent < AGENTS; agent++) {
                bus.subscribe(new AddressPattern("fleet/all"), "", new Count());
            }
        }
    }

    /** A few share the messages to one address. */
    @State(Scope.Thread)
    public static class QueueGroup {
        private final LocalMessageBus bus = bus();
        private final EncodedMessage message = Sample.message("skill/text.review");

        public QueueGroup() {
            for (int member = 0; member < GROUP; member++) {
                bus.subscribe(new AddressPattern("skill/text.review"), "skill", new Count());
            }
        }
    }

    @Benchmark
    public OfferResult publishToInbox(Inboxes state) {
        return state.bus.publish(state.messages.next());
    }

    @Benchmark
    public OfferResult publishToInboxBesideWildcards(InboxesAndWildcards state) {
        return state.bus.publish(state.toInboxes.next());
    }

    @Benchmark
    public OfferResult publishToWildcard(InboxesAndWildcards state) {
        return state.bus.publish(state.toWatchers.next());
    }

    /** For each receiver. */
    @Benchmark
    @OperationsPerInvocation(AGENTS)
    public OfferResult publishToAll(Audience state) {
        return state.bus.publish(state.message);
    }

    @Benchmark
    public OfferResult publishToGroup(QueueGroup state) {
        return state.bus.publish(state.message);
    }

    @Benchmark
    public OfferResult send(QueueGroup state) {
        return state.bus.send(state.message);
    }
}
