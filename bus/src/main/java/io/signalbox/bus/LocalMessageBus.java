package io.signalbox.bus;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.codecs.EncodedMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;

/** The bus within one node. Messages are handed over, not copied. Thread-safe. */
public final class LocalMessageBus implements MessageBus {
    private static final GroupFilter ALL_GROUPS = (pattern, group) -> true;

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
        return count(deliver(message, ALL_GROUPS));
    }

    @Override
    public OfferResult send(EncodedMessage message) {
        return count(deliverToOne(message));
    }

    /** Which groups get a message that is published. */
    @FunctionalInterface
    public interface GroupFilter {
        /** @param pattern that the group is subscribed with */
        boolean takes(String pattern, String group);
    }

    /**
     * As {@link #publish}, for a bus over several nodes: what it gives is a part of a message's receivers, and is not
     * counted as published.
     */
    public OfferResult deliver(EncodedMessage message, GroupFilter groups) {
        Delivery delivery = new Delivery(message);
        subscriptions.match(message.address(), interest -> {
            delivery.offerToAll(interest.plain());
            for (Interest.Group group : interest.groups()) {
                if (groups.takes(group.pattern(), group.name())) {
                    delivery.offerToOne(List.of(group.members()));
                }
            }
        });
        return delivery.result();
    }

    /** As {@link #deliver}, to one member of one group. */
    public OfferResult deliverToGroup(EncodedMessage message, AddressPattern pattern, String group) {
        Delivery delivery = new Delivery(message);
        delivery.offerToOne(List.of(subscriptions.get(pattern).members(group)));
        return delivery.result();
    }

    /** As {@link #send}, not counted. */
    public OfferResult deliverToOne(EncodedMessage message) {
        Delivery delivery = new Delivery(message);
        delivery.offerToOne(candidates(message.address()));
        return delivery.result();
    }

    private List<Subscribers> candidates(String address) {
        List<Subscribers> candidates = new ArrayList<>(1);
        subscriptions.match(address, interest -> {
            candidates.add(interest.plain());
            interest.groups().forEach(group -> candidates.add(group.members()));
        });
        return candidates;
    }

    /** How many could take a message to the address that is sent to one. */
    public int subscribers(String address) {
        int count = 0;
        for (Subscribers each : candidates(address)) {
            count += each.size();
        }
        return count;
    }

    /**
     * How many are subscribed with one pattern.
     *
     * @param groups members by name
     */
    public record SubscriberCounts(int plain, Map<String, Integer> groups) {}

    public SubscriberCounts subscribers(AddressPattern pattern) {
        Interest interest = subscriptions.get(pattern);
        if (interest.groups().isEmpty()) {
            return new SubscriberCounts(interest.plain().size(), Map.of());
        }
        Map<String, Integer> groups = new HashMap<>();
        interest.groups()
                .forEach(group -> groups.put(group.name(), group.members().size()));
        return new SubscriberCounts(interest.plain().size(), groups);
    }

    public int members(AddressPattern pattern, String group) {
        return subscriptions.get(pattern).members(group).size();
    }

    /** Counts a message that was published or sent by the parts of {@link #deliver}. */
    public OfferResult count(OfferResult result) {
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
