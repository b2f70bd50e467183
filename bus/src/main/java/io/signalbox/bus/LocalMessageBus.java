package io.signalbox.bus;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.codecs.EncodedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;

/** The bus within one node. Messages are handed over, not copied. Thread-safe. */
public final class LocalMessageBus implements MessageBus {
    private final SubscriptionTree subscriptions = new SubscriptionTree();
    private final RandomGenerator random;
    private final Counter published;
    private final Counter delivered;
    private final Counter refused;
    private final Counter unrouted;

    /** @param random thread-safe; spreads the messages of a queue group */
    public LocalMessageBus(RandomGenerator random, MeterRegistry meters) {
        this.random = random;
        this.published = Counter.builder("signalbox.bus.published")
                .description("Messages given to the bus")
                .register(meters);
        this.delivered = Counter.builder("signalbox.bus.delivered")
                .description("Messages taken by a subscriber, one each")
                .register(meters);
        this.refused = Counter.builder("signalbox.bus.back.pressured")
                .description("Deliveries that a subscriber had no room for")
                .register(meters);
        this.unrouted = Counter.builder("signalbox.bus.unrouted")
                .description("Messages that nobody was subscribed to")
                .register(meters);
    }

    @Override
    public OfferResult publish(EncodedMessage message) {
        Delivery delivery = new Delivery(message);
        subscriptions.match(message.address(), interest -> {
            delivery.offerToAll(interest.plain());
            for (Interest.Group group : interest.groups()) {
                delivery.offerToOne(List.of(group.members()));
            }
        });
        return count(delivery.result());
    }

    @Override
    public OfferResult send(EncodedMessage message) {
        List<Subscribers> candidates = new ArrayList<>(1);
        subscriptions.match(message.address(), interest -> {
            candidates.add(interest.plain());
            interest.groups().forEach(group -> candidates.add(group.members()));
        });
        Delivery delivery = new Delivery(message);
        delivery.offerToOne(candidates);
        return count(delivery.result());
    }

    private OfferResult count(OfferResult result) {
        published.increment();
        if (result == OfferResult.NO_ROUTE) {
            unrouted.increment();
        }
        return result;
    }

    @Override
    public boolean hasSubscribers(String address) {
        return subscriptions.hasExactly(address);
    }

    @Override
    public Subscription subscribe(AddressPattern pattern, String group, Subscriber subscriber) {
        subscriptions.add(pattern, group, subscriber);
        return new TreeSubscription(pattern, group, subscriber);
    }

    boolean hasNoSubscriptions() {
        return subscriptions.isEmpty();
    }

    /** One message on its way to its subscribers. */
    private final class Delivery {
        private final EncodedMessage message;
        private boolean accepted;
        private boolean backPressured;

        Delivery(EncodedMessage message) {
            this.message = message;
        }

        boolean offer(Subscriber subscriber) {
            return switch (subscriber.offer(message)) {
                case ACCEPTED -> {
                    accepted = true;
                    delivered.increment();
                    yield true;
                }
                case BACK_PRESSURED -> {
                    backPressured = true;
                    refused.increment();
                    yield false;
                }
                case NO_ROUTE, CLOSED -> false;
            };
        }

        void offerToAll(Subscribers subscribers) {
            for (int i = 0; i < subscribers.size(); i++) {
                offer(subscribers.get(i));
            }
        }

        /** Starts anywhere, each with the same chance, and goes round until one takes it. */
        void offerToOne(List<Subscribers> candidates) {
            int count = 0;
            for (Subscribers each : candidates) {
                count += each.size();
            }
            int start = count > 1 ? random.nextInt(count) : 0;
            for (int i = 0; i < count; i++) {
                if (offer(pick(candidates, (start + i) % count))) {
                    return;
                }
            }
        }

        private static Subscriber pick(List<Subscribers> candidates, int index) {
            int left = index;
            for (Subscribers each : candidates) {
                if (left < each.size()) {
                    return each.get(left);
                }
                left -= each.size();
            }
            throw new IndexOutOfBoundsException(index);
        }

        OfferResult result() {
            if (accepted) {
                return OfferResult.ACCEPTED;
            }
            return backPressured ? OfferResult.BACK_PRESSURED : OfferResult.NO_ROUTE;
        }
    }

    private final class TreeSubscription implements Subscription {
        private final AddressPattern pattern;
        private final String group;
        private final Subscriber subscriber;
        private final AtomicBoolean closed = new AtomicBoolean();

        TreeSubscription(AddressPattern pattern, String group, Subscriber subscriber) {
            this.pattern = pattern;
            this.group = group;
            this.subscriber = subscriber;
        }

        @Override
        public AddressPattern pattern() {
            return pattern;
        }

        @Override
        public String group() {
            return group;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                subscriptions.remove(pattern, group, subscriber);
            }
        }
    }
}
