package io.signalbox.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LocalMessageBusTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LocalMessageBus bus = new LocalMessageBus(new Random(1), meters);

    private static EncodedMessage to(String address) {
        return EncodedMessage.of(Message.newBuilder().setAddress(address).build());
    }

    /** What one subscriber got. */
    private final class Inbox implements Subscriber {
        private final List<EncodedMessage> received = new ArrayList<>();
        private OfferResult answer = OfferResult.ACCEPTED;
        private int offered;

        @Override
        public OfferResult offer(EncodedMessage message) {
            offered++;
            if (answer == OfferResult.ACCEPTED) {
                received.add(message);
            }
            return answer;
        }

        Subscription on(String pattern, String group) {
            return bus.subscribe(new AddressPattern(pattern), group, this);
        }
    }

    @Test
    void shouldGiveAMessageToEverySubscriberAndToOneOfEachGroup() {
        List<Inbox> plain = List.of(new Inbox(), new Inbox());
        List<Inbox> group = List.of(new Inbox(), new Inbox(), new Inbox());
        Inbox otherGroup = new Inbox();
        plain.get(0).on("news/+", "");
        plain.get(1).on("news/today", "");
        group.forEach(member -> member.on("news/#", "readers"));
        otherGroup.on("news/today", "archive");
        EncodedMessage message = to("news/today");

        OfferResult result = bus.publish(message);

        assertThat(result).isEqualTo(OfferResult.ACCEPTED);
        assertThat(plain).allSatisfy(inbox -> assertThat(inbox.received).containsExactly(message));
        assertThat(otherGroup.received).containsExactly(message);
        assertThat(group.stream().mapToInt(inbox -> inbox.received.size()).sum())
                .isEqualTo(1);
        assertThat(meters.counter("signalbox.bus.delivered").count()).isEqualTo(4);
    }

    @Test
    void shouldSpreadAGroupsMessagesOverItsMembers() {
        List<Inbox> members = List.of(new Inbox(), new Inbox(), new Inbox());
        members.forEach(member -> member.on("work", "g"));

        for (int i = 0; i < 3_000; i++) {
            bus.publish(to("work"));
        }

        assertThat(members).allSatisfy(member -> assertThat(member.received).hasSizeBetween(800, 1_200));
    }

    @Test
    void shouldTryTheOthersOfAGroupWhenOneHasNoRoom() {
        Inbox full = new Inbox();
        full.answer = OfferResult.BACK_PRESSURED;
        Inbox gone = new Inbox();
        gone.answer = OfferResult.CLOSED;
        Inbox free = new Inbox();
        List.of(full, gone, free).forEach(member -> member.on("work", "g"));

        for (int i = 0; i < 50; i++) {
            assertThat(bus.publish(to("work"))).isEqualTo(OfferResult.ACCEPTED);
        }

        assertThat(free.received).hasSize(50);
    }

    @Test
    void shouldSayWhenNobodyHasRoomAndWhenNobodyIsThere() {
        Inbox full = new Inbox();
        full.answer = OfferResult.BACK_PRESSURED;
        full.on("full", "");

        assertThat(bus.publish(to("full"))).isEqualTo(OfferResult.BACK_PRESSURED);
        assertThat(bus.send(to("full"))).isEqualTo(OfferResult.BACK_PRESSURED);
        assertThat(bus.publish(to("nowhere"))).isEqualTo(OfferResult.NO_ROUTE);
        assertThat(meters.counter("signalbox.bus.unrouted").count()).isEqualTo(1);
        assertThat(meters.counter("signalbox.bus.back.pressured").count()).isEqualTo(2);
    }

    @Test
    void shouldSendToOneSubscriberOfAll() {
        List<Inbox> all = List.of(new Inbox(), new Inbox(), new Inbox());
        all.get(0).on("work", "");
        all.get(1).on("work", "g");
        all.get(2).on("+", "");

        bus.send(to("work"));

        assertThat(all.stream().mapToInt(inbox -> inbox.received.size()).sum()).isEqualTo(1);
    }

    @Test
    void shouldGiveNothingAfterTheSubscriptionIsClosed() {
        Inbox inbox = new Inbox();
        Subscription first = inbox.on("a", "");
        inbox.on("a", "");

        first.close();
        first.close();
        bus.publish(to("a"));

        assertThat(inbox.received).as("the other subscription stays").hasSize(1);
        assertThat(bus.hasNoSubscriptions()).isFalse();
    }

    @Test
    void shouldSendToAllWithTheSameChanceWhateverTheirPatternAndGroup() {
        List<Inbox> all = List.of(new Inbox(), new Inbox(), new Inbox(), new Inbox());
        all.get(0).on("work", "");
        all.get(1).on("work", "g");
        all.get(2).on("work", "g");
        all.get(3).on("+", "");

        for (int i = 0; i < 4_000; i++) {
            bus.send(to("work"));
        }

        assertThat(all).allSatisfy(inbox -> assertThat(inbox.received).hasSizeBetween(850, 1_150));
    }

    @Test
    void shouldCountANodeWithoutReceiversAsNoRouteAlsoWhenAllAreGone() {
        Inbox gone = new Inbox();
        gone.answer = OfferResult.CLOSED;
        gone.on("a", "");

        assertThat(bus.publish(to("a"))).isEqualTo(OfferResult.NO_ROUTE);
        assertThat(bus.send(to("a"))).isEqualTo(OfferResult.NO_ROUTE);
        assertThat(meters.counter("signalbox.bus.unrouted").count()).isEqualTo(2);
    }

    @Test
    void shouldSayWhatASubscriptionIs() {
        Subscription subscription = new Inbox().on("a/+", "g");

        assertThat(subscription.pattern()).isEqualTo(new AddressPattern("a/+"));
        assertThat(subscription.group()).isEqualTo("g");
    }

    @Test
    void shouldKeepNothingOnceAllSubscriptionsAreClosed() {
        List<Subscription> all = List.of(
                new Inbox().on("a", ""), new Inbox().on("a", "g"), new Inbox().on("a/+", ""), new Inbox().on("#", "g"));

        all.forEach(Subscription::close);

        assertThat(bus.hasNoSubscriptions()).isTrue();
    }

    private record Member(Inbox inbox, AddressPattern pattern, String group) {}

    /** What the parts of a message's receivers are: each plain one, and each group of each pattern. */
    private static Collection<List<Inbox>> shares(List<Member> members, String address) {
        Map<Object, List<Inbox>> shares = new HashMap<>();
        members.stream()
                .filter(member -> RandomAddresses.matches(member.pattern(), address))
                .forEach(member -> shares.computeIfAbsent(
                                member.group().isEmpty() ? member : List.of(member.pattern(), member.group()),
                                ignored -> new ArrayList<>())
                        .add(member.inbox()));
        return shares.values();
    }

    private static boolean has(Collection<Inbox> inboxes, OfferResult answer) {
        return inboxes.stream().anyMatch(inbox -> inbox.answer == answer);
    }

    /** One takes it if any does; each is asked at most once, and all are before it is given up. */
    private static void checkShare(List<Inbox> share) {
        long took = share.stream().mapToLong(inbox -> inbox.received.size()).sum();
        assertThat(took).isEqualTo(has(share, OfferResult.ACCEPTED) ? 1 : 0);
        assertThat(share).allSatisfy(inbox -> assertThat(inbox.offered).isBetween(took == 1 ? 0 : 1, 1));
    }

    private static OfferResult expected(Collection<Inbox> receivers) {
        if (has(receivers, OfferResult.ACCEPTED)) {
            return OfferResult.ACCEPTED;
        }
        return has(receivers, OfferResult.BACK_PRESSURED) ? OfferResult.BACK_PRESSURED : OfferResult.NO_ROUTE;
    }

    private Member member(Random random) {
        Inbox inbox = new Inbox();
        // Most refuse, so that it matters who is asked next.
        inbox.answer = List.of(
                        OfferResult.ACCEPTED,
                        OfferResult.BACK_PRESSURED,
                        OfferResult.BACK_PRESSURED,
                        OfferResult.CLOSED,
                        OfferResult.NO_ROUTE)
                .get(random.nextInt(5));
        Member member = new Member(
                inbox,
                new RandomAddresses(random).pattern(),
                List.of("", "g", "g", "h").get(random.nextInt(4)));
        bus.subscribe(member.pattern(), member.group(), inbox);
        return member;
    }

    @Test
    void shouldGiveEveryMessageToWhomItBelongs() {
        Random random = new Random(7);
        List<Member> members =
                IntStream.range(0, 150).mapToObj(i -> member(random)).toList();
        for (int step = 0; step < 2_000; step++) {
            String address = new RandomAddresses(random).address();
            boolean publish = random.nextBoolean();
            members.forEach(member -> {
                member.inbox().received.clear();
                member.inbox().offered = 0;
            });
            Collection<List<Inbox>> shares = shares(members, address);
            List<Inbox> receivers = shares.stream().flatMap(List::stream).toList();

            OfferResult result = publish ? bus.publish(to(address)) : bus.send(to(address));

            assertThat(result).as("step %d: %s", step, address).isEqualTo(expected(receivers));
            if (publish) {
                shares.forEach(LocalMessageBusTest::checkShare);
            } else {
                checkShare(receivers);
            }
            members.stream()
                    .filter(member -> !receivers.contains(member.inbox()))
                    .forEach(member -> assertThat(member.inbox().offered).isZero());
        }
    }

    /** A message carries the round that its publisher knew when it began; the next round begins once close returned. */
    @Test
    void shouldGiveNoMessageThatBeginsAfterTheCloseReturned() throws Exception {
        AtomicInteger known = new AtomicInteger();
        AtomicBoolean running = new AtomicBoolean(true);
        Queue<String> faults = new ConcurrentLinkedQueue<>();
        List<Thread> publishers = IntStream.range(0, 2)
                .mapToObj(i -> Thread.ofPlatform().start(() -> {
                    while (running.get()) {
                        bus.publish(EncodedMessage.of(Message.newBuilder()
                                .setAddress("a/b")
                                .setType(Integer.toString(known.get()))
                                .build()));
                    }
                }))
                .toList();
        for (int round = 0; round < 3_000; round++) {
            int own = round;
            AtomicInteger begun = new AtomicInteger();
            Subscription subscription =
                    bus.subscribe(new AddressPattern(round % 2 == 0 ? "a/b" : "a/+"), "", message -> {
                        begun.incrementAndGet();
                        int knew = Integer.parseInt(message.decode().getType());
                        if (knew > own) {
                            faults.add("a message of " + knew + " came to the subscription of " + own);
                        }
                        return OfferResult.ACCEPTED;
                    });
            bus.publish(EncodedMessage.of(Message.newBuilder()
                    .setAddress("a/b")
                    .setType(Integer.toString(own))
                    .build()));
            assertThat(begun.get()).as("it is there once subscribe returned").isPositive();
            subscription.close();
            known.set(own + 1);
        }
        running.set(false);
        for (Thread publisher : publishers) {
            publisher.join();
        }

        assertThat(faults).isEmpty();
        assertThat(bus.hasNoSubscriptions()).isTrue();
    }
}
