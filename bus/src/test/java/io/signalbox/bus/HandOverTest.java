package io.signalbox.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HandOverTest {
    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private static EncodedMessage message(int publisher, int number) {
        return EncodedMessage.of(Message.newBuilder()
                .setAddress("p/" + publisher)
                .setType(Integer.toString(number))
                .build());
    }

    /** Holds the event loop until the latch is open. */
    private void hold(CountDownLatch latch) {
        context.runOnContext(ignored -> {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    void shouldKeepTheOrderOfEachPublisher() throws InterruptedException {
        int publishers = 3;
        int each = 5_000;
        HandOver handOver = new HandOver(context, publishers * each);
        List<EncodedMessage> received = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch all = new CountDownLatch(publishers * each);
        Subscriber subscriber = handOver.to(message -> {
            assertThat(Vertx.currentContext()).isSameAs(context);
            received.add(message);
            all.countDown();
        });

        List<Thread> threads = IntStream.range(0, publishers)
                .mapToObj(publisher -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < each; i++) {
                        assertThat(subscriber.offer(message(publisher, i))).isEqualTo(OfferResult.ACCEPTED);
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
        for (int publisher = 0; publisher < publishers; publisher++) {
            String address = "p/" + publisher;
            assertThat(received.stream()
                            .filter(message -> message.address().equals(address))
                            .map(message -> Integer.parseInt(message.decode().getType()))
                            .toList())
                    .isEqualTo(IntStream.range(0, each).boxed().toList());
        }
    }

    @Test
    void shouldTakeNoMoreThanItsBound() throws InterruptedException {
        HandOver handOver = new HandOver(context, 3);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch delivered = new CountDownLatch(3);
        Subscriber subscriber = handOver.to(message -> delivered.countDown());
        hold(goOn);

        List<OfferResult> results = IntStream.range(0, 5)
                .mapToObj(i -> subscriber.offer(message(0, i)))
                .toList();
        goOn.countDown();

        assertThat(results)
                .containsExactly(
                        OfferResult.ACCEPTED,
                        OfferResult.ACCEPTED,
                        OfferResult.ACCEPTED,
                        OfferResult.BACK_PRESSURED,
                        OfferResult.BACK_PRESSURED);
        assertThat(delivered.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldGoOnWhenASubscriberFails() throws InterruptedException {
        HandOver handOver = new HandOver(context, 10);
        CountDownLatch second = new CountDownLatch(1);
        Subscriber failing = handOver.to(message -> {
            throw new IllegalStateException("a fault of a test's subscriber");
        });
        Subscriber good = handOver.to(message -> second.countDown());

        failing.offer(message(0, 1));
        good.offer(message(0, 2));

        assertThat(second.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldDeliverNothingOnceItIsClosed() throws InterruptedException {
        HandOver handOver = new HandOver(context, 10);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch after = new CountDownLatch(1);
        List<EncodedMessage> received = new ArrayList<>();
        Subscriber subscriber = handOver.to(received::add);
        hold(goOn);
        subscriber.offer(message(0, 1));

        handOver.close();
        assertThat(subscriber.offer(message(0, 2))).isEqualTo(OfferResult.CLOSED);
        goOn.countDown();
        context.runOnContext(ignored -> after.countDown());

        assertThat(after.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(received).isEmpty();
    }
}
