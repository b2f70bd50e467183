package io.signalbox.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

        @Override
        public OfferResult offer(EncodedMessage message) {
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
}
