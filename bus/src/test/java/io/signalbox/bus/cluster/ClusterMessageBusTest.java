package io.signalbox.bus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.Subscriber;
import io.signalbox.bus.cluster.tcp.TcpTransport;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Message;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes with a Vert.x each, over real sockets. */
class ClusterMessageBusTest {
    private static final LinkLimits LIMITS = new LinkLimits(16_000_000, 256_000, 16_000);

    private static final class Node {
        final String name;
        final Vertx vertx = Vertx.vertx();
        final SimpleMeterRegistry meters = new SimpleMeterRegistry();
        final TcpTransport transport;
        final ClusterMessageBus bus;
        final Queue<PeerEvent> events = new ConcurrentLinkedQueue<>();

        Node(String name, long incarnation) throws Exception {
            this.name = name;
            this.transport = new TcpTransport(
                    vertx, new TcpTransport.Options("test", name, "127.0.0.1", 0, Optional.empty()), new Random(1));
            this.bus = new ClusterMessageBus(
                    new LocalMessageBus(new Random(1), meters),
                    vertx,
                    transport,
                    new ClusterOptions(incarnation, LIMITS, address -> !address.startsWith("$own/")),
                    new Random(1),
                    InstantSource.system(),
                    meters);
            bus.start().await(20, TimeUnit.SECONDS);
            bus.watch(events::add);
        }

        Inbox inbox(String pattern, String group) {
            Inbox inbox = new Inbox();
            inbox.subscription = bus.subscribe(new AddressPattern(pattern), group, inbox);
            return inbox;
        }

        double count(String meter) {
            return meters.get(meter).counters().stream()
                    .mapToDouble(counter -> counter.count())
                    .sum();
        }

        /** As when the process dies: all its sockets close. */
        void die() throws Exception {
            vertx.close().await(20, TimeUnit.SECONDS);
        }
    }

    private static final class Inbox implements Subscriber {
        final Queue<EncodedMessage> received = new ConcurrentLinkedQueue<>();
        volatile OfferResult answer = OfferResult.ACCEPTED;
        Subscription subscription;

        @Override
        public OfferResult offer(EncodedMessage message) {
            if (answer == OfferResult.ACCEPTED) {
                received.add(message);
            }
            return answer;
        }
    }

    private final List<Node> nodes = new ArrayList<>();

    private Node node(String name, long incarnation) throws Exception {
        Node node = new Node(name, incarnation);
        nodes.removeIf(other -> other.name.equals(name));
        nodes.add(node);
        return node;
    }

    private List<Node> cluster(String... names) throws Exception {
        for (String name : names) {
            node(name, 1);
        }
        link();
        return nodes;
    }

    private void link() {
        List<PeerAddress> addresses = nodes.stream()
                .map(node -> new PeerAddress(node.name, "127.0.0.1", node.transport.port()))
                .toList();
        nodes.forEach(node -> node.bus.peers(addresses));
        Await.until(
                "all are up",
                () -> nodes.stream().allMatch(node -> node.bus.peersUp().size() == nodes.size() - 1));
    }

    @AfterEach
    void stop() throws Exception {
        for (Node node : nodes) {
            node.bus.stop().await(20, TimeUnit.SECONDS);
            node.die();
        }
    }

    private static EncodedMessage to(String address) {
        return EncodedMessage.of(Message.newBuilder().setAddress(address).build());
    }

    /** Interest needs a moment to get around: until then the answer is no. */
    private static void awaitRoute(Node from, String address) {
        Await.until("a route to " + address, () -> from.bus.publish(to(address)) == OfferResult.ACCEPTED);
    }

    /** All that a has sent is where it was to go. */
    private void awaitQuiet(Node a) {
        Await.until("all came", () -> {
            double received = nodes.stream()
                    .mapToDouble(node -> node.count("signalbox.bus.peer.received"))
                    .sum();
            return a.meters.get("signalbox.bus.peer.waiting").gauge().value() == 0
                    && a.count("signalbox.bus.peer.sent") == received;
        });
    }

    private static int sum(Inbox... inboxes) {
        return Arrays.stream(inboxes).mapToInt(inbox -> inbox.received.size()).sum();
    }

    @Test
    void shouldGiveAMessageOnceToEachSubscriberOfAllNodes() throws Exception {
        List<Node> all = cluster("a", "b", "c");
        Inbox here = all.get(0).inbox("news/today", "");
        Inbox onB = all.get(1).inbox("news/+", "");
        Inbox alsoOnB = all.get(1).inbox("news/today", "");
        Inbox onC = all.get(2).inbox("news/#", "");
        for (Inbox each : List.of(onB, alsoOnB, onC)) {
            Await.until(
                    "a first one",
                    () -> all.get(0).bus.publish(to("news/today")) == OfferResult.ACCEPTED && !each.received.isEmpty());
        }
        Message last = Message.newBuilder()
                .setAddress("news/today")
                .setType("last")
                .setPriority(0)
                .build();
        awaitQuiet(all.get(0));
        double before = all.get(1).count("signalbox.bus.peer.received");

        assertThat(all.get(0).bus.publish(EncodedMessage.of(last))).isEqualTo(OfferResult.ACCEPTED);

        for (Inbox each : List.of(here, onB, alsoOnB, onC)) {
            Await.until(
                    "the last",
                    () -> each.received.stream().anyMatch(m -> m.decode().equals(last)));
            assertThat(each.received).filteredOn(m -> m.decode().equals(last)).hasSize(1);
        }
        assertThat(all.get(1).count("signalbox.bus.peer.received"))
                .as("one copy for two subscribers")
                .isEqualTo(before + 1);
    }

    @Test
    void shouldBeOneQueueGroupOverAllNodesWithTheSameChanceForEachMember() throws Exception {
        List<Node> all = cluster("a", "b");
        Inbox here = all.get(0).inbox("work", "g");
        Inbox one = all.get(1).inbox("work", "g");
        Inbox two = all.get(1).inbox("work", "g");
        Inbox three = all.get(1).inbox("work", "g");
        Inbox plain = all.get(1).inbox("work", "");
        Await.until("b is known", () -> all.get(0).bus.publish(to("work")) == OfferResult.ACCEPTED && sum(three) > 0);
        awaitQuiet(all.get(0));
        List.of(here, one, two, three, plain).forEach(inbox -> inbox.received.clear());

        for (int i = 0; i < 2_000; i++) {
            assertThat(all.get(0).bus.publish(to("work"))).isEqualTo(OfferResult.ACCEPTED);
        }

        Await.until("all came", () -> plain.received.size() == 2_000 && sum(here, one, two, three) == 2_000);
        assertThat(List.of(here, one, two, three))
                .allSatisfy(inbox -> assertThat(inbox.received.size()).isBetween(380, 620));
    }

    @Test
    void shouldSendToOneOfAllNodes() throws Exception {
        List<Node> all = cluster("a", "b");
        Inbox here = all.get(0).inbox("work", "");
        Inbox there = all.get(1).inbox("work", "g");
        Await.until("b is known", () -> all.get(0).bus.send(to("work")) == OfferResult.ACCEPTED && sum(there) > 0);
        int before = sum(here, there);

        for (int i = 0; i < 1_000; i++) {
            all.get(0).bus.send(to("work"));
        }

        Await.until("all came", () -> sum(here, there) >= before + 1_000);
        assertThat(List.of(here, there))
                .allSatisfy(inbox -> assertThat(inbox.received.size()).isGreaterThan(400));
    }

    @Test
    void shouldTryTheOtherNodesWhenTheMembersHereHaveNoRoom() throws Exception {
        List<Node> all = cluster("a", "b");
        Inbox full = all.get(0).inbox("work", "g");
        full.answer = OfferResult.BACK_PRESSURED;
        Inbox free = all.get(1).inbox("work", "g");
        awaitRoute(all.get(0), "work");
        Await.until("the first", () -> sum(free) > 0);
        int before = sum(free);

        for (int i = 0; i < 50; i++) {
            assertThat(all.get(0).bus.publish(to("work"))).isEqualTo(OfferResult.ACCEPTED);
            assertThat(all.get(0).bus.send(to("work"))).isEqualTo(OfferResult.ACCEPTED);
        }

        Await.until("all came", () -> sum(free) >= before + 100);
    }

    @Test
    void shouldKeepTheOrderOfAPublisher() throws Exception {
        List<Node> all = cluster("a", "b");
        Inbox inbox = all.get(1).inbox("numbers/+", "");
        awaitRoute(all.get(0), "numbers/x");

        List<String> sent =
                IntStream.range(0, 2_000).mapToObj(Integer::toString).toList();
        sent.forEach(number -> Await.until(
                "room",
                () -> all.get(0)
                                .bus
                                .publish(EncodedMessage.of(Message.newBuilder()
                                        .setAddress("numbers/y")
                                        .setType(number)
                                        .build()))
                        == OfferResult.ACCEPTED));

        Await.until(
                "all came",
                () -> inbox.received.stream()
                                .filter(m -> m.address().equals("numbers/y"))
                                .count()
                        == 2_000);
        assertThat(inbox.received)
                .filteredOn(message -> message.address().equals("numbers/y"))
                .extracting(message -> message.decode().getType())
                .isEqualTo(sent);
    }

    @Test
    void shouldRouteNothingAnyMoreWhenASubscriptionIsClosedOrIsOfItsNodeAlone() throws Exception {
        List<Node> all = cluster("a", "b");
        Inbox inbox = all.get(1).inbox("x", "");
        Inbox own = all.get(1).inbox("$own/x", "");
        awaitRoute(all.get(0), "x");

        inbox.subscription.close();
        Await.until("no route", () -> all.get(0).bus.publish(to("x")) == OfferResult.NO_ROUTE);

        assertThat(all.get(0).bus.publish(to("$own/x"))).isEqualTo(OfferResult.NO_ROUTE);
        assertThat(all.get(0).bus.send(to("$own/x"))).isEqualTo(OfferResult.NO_ROUTE);
        assertThat(all.get(1).bus.publish(to("$own/x"))).isEqualTo(OfferResult.ACCEPTED);
        assertThat(own.received).hasSize(1);
    }

    @Test
    void shouldRouteNothingToADeadNodeAndFindItsNextIncarnation() throws Exception {
        List<Node> all = cluster("a", "b");
        all.get(1).inbox("x", "");
        awaitRoute(all.get(0), "x");
        Node a = all.get(0);

        all.get(1).die();
        Await.until("b is seen to be down", () -> a.bus.peersUp().isEmpty());
        assertThat(a.bus.publish(to("x"))).isEqualTo(OfferResult.NO_ROUTE);
        Node again = node("b", 2);
        Inbox inbox = again.inbox("x", "");
        link();
        awaitRoute(a, "x");

        Await.until("it comes", () -> sum(inbox) > 0);
        assertThat(a.events)
                .containsExactly(new PeerEvent.Up("b", 1), new PeerEvent.Down("b"), new PeerEvent.Up("b", 2));
    }

    @Test
    void shouldGoOnAsANewIncarnationWithTheSubscriptionsItHas() throws Exception {
        List<Node> all = cluster("a", "b");
        Inbox onA = all.get(0).inbox("x", "");
        Inbox onB = all.get(1).inbox("y", "");
        awaitRoute(all.get(1), "x");

        all.get(0).bus.rejoin(7).await(20, TimeUnit.SECONDS);
        Await.until("b knows", () -> all.get(1).events.contains(new PeerEvent.Up("a", 7)));
        onA.received.clear();
        awaitRoute(all.get(1), "x");
        awaitRoute(all.get(0), "y");

        Await.until("both ways", () -> sum(onA) > 0 && sum(onB) > 0);
        assertThat(all.get(0).bus.peersUp()).isEqualTo(Set.of("b"));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static EncodedMessage large(Durability durability) {
        return EncodedMessage.of(Message.newBuilder()
                .setAddress("bulk")
                .setPriority(0)
                .setDurability(durability)
                .setPayload(ByteString.copyFrom(new byte[100_000]))
                .build());
    }

    @Test
    void shouldKeepNoMoreThanItsBoundForAPeerThatStandsStillAndAccountForTheRest() throws Exception {
        List<Node> both = cluster("a", "b");
        Node a = both.get(0);
        CountDownLatch standsStill = new CountDownLatch(1);
        AtomicInteger arrived = new AtomicInteger();
        both.get(1).bus.subscribe(new AddressPattern("bulk"), "", message -> {
            awaitQuietly(standsStill);
            arrived.incrementAndGet();
            return OfferResult.ACCEPTED;
        });
        both.get(1).inbox("bulk", "g");
        awaitRoute(a, "bulk");
        // The first is what stands still at the other end.
        int accepted = 1;
        double mostWaiting = 0;

        for (int i = 0; i < 1_000; i++) {
            Await.until("taken", () -> a.bus.publish(large(Durability.DURABILITY_MEMORY)) == OfferResult.ACCEPTED);
            accepted++;
            mostWaiting = Math.max(
                    mostWaiting,
                    a.meters.get("signalbox.bus.peer.waiting").gauge().value());
        }
        AtomicInteger durable = new AtomicInteger();
        Await.until("durable ones are refused in the end", () -> {
            OfferResult result = a.bus.publish(large(Durability.DURABILITY_LOCAL));
            durable.addAndGet(result == OfferResult.ACCEPTED ? 1 : 0);
            return result == OfferResult.BACK_PRESSURED && durable.get() > 100;
        });
        Inbox here = a.inbox("bulk", "g");
        for (int i = 0; i < 20; i++) {
            assertThat(a.bus.publish(large(Durability.DURABILITY_LOCAL)))
                    .as("the group's member here takes what does not go to the other")
                    .isEqualTo(OfferResult.ACCEPTED);
        }
        assertThat(here.received).hasSize(20);
        standsStill.countDown();

        int all = accepted + durable.get();
        Await.until("each came or was counted", () -> arrived.get() + a.count("signalbox.bus.peer.dropped") == all);
        assertThat(mostWaiting).isBetween(LIMITS.maxWaiting() * 0.7, 1.0 * LIMITS.maxWaiting());
    }
}
