package io.signalbox.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
            assertThat(numbersOf(received, publisher))
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

    @Test
    void shouldGoOnAfterAnErrorToo() throws InterruptedException {
        HandOver handOver = new HandOver(context, 10);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch after = new CountDownLatch(2);
        Subscriber failing = handOver.to(message -> {
            throw new StackOverflowError("of a test's subscriber");
        });
        Subscriber good = handOver.to(message -> after.countDown());
        hold(goOn);
        failing.offer(message(0, 1));
        good.offer(message(0, 2));
        goOn.countDown();

        good.offer(message(0, 3));

        assertThat(after.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "255, 255", "256, 256", "257, 256", "600, 256"})
    void shouldTakeManyOverWithOneWakeUpAndThenGiveWay(int count, int atOnce) throws Exception {
        HandOver handOver = new HandOver(context, count);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch all = new CountDownLatch(count);
        CompletableFuture<Long> deliveredBefore = new CompletableFuture<>();
        Subscriber subscriber = handOver.to(message -> all.countDown());
        hold(goOn);
        subscriber.offer(message(0, 0));
        context.runOnContext(ignored -> deliveredBefore.complete(count - all.getCount()));
        IntStream.range(1, count).forEach(i -> subscriber.offer(message(0, i)));

        goOn.countDown();

        assertThat(deliveredBefore.get(20, TimeUnit.SECONDS)).isEqualTo(atOnce);
        assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldTakeExactlyItsBoundFromManyThreadsAndAsManyAgainOnceTheyAreDelivered() throws Exception {
        int bound = 100;
        HandOver handOver = new HandOver(context, bound);
        AtomicInteger delivered = new AtomicInteger();
        Subscriber subscriber = handOver.to(message -> delivered.incrementAndGet());
        for (int round = 1; round <= 20; round++) {
            CountDownLatch goOn = new CountDownLatch(1);
            CountDownLatch drained = new CountDownLatch(1);
            hold(goOn);

            assertThat(offerFromManyThreads(subscriber, 4, 50)).isEqualTo(bound);
            context.runOnContext(ignored -> drained.countDown());
            goOn.countDown();

            assertThat(drained.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(delivered).hasValue(round * bound);
        }
    }

    private static int offerFromManyThreads(Subscriber subscriber, int threads, int each) throws Exception {
        CyclicBarrier together = new CyclicBarrier(threads);
        AtomicInteger accepted = new AtomicInteger();
        List<Thread> running = IntStream.range(0, threads)
                .mapToObj(thread -> Thread.ofPlatform().start(() -> {
                    awaitAll(together);
                    for (int i = 0; i < each; i++) {
                        accepted.addAndGet(subscriber.offer(message(thread, i)) == OfferResult.ACCEPTED ? 1 : 0);
                    }
                }))
                .toList();
        for (Thread thread : running) {
            thread.join();
        }
        return accepted.get();
    }

    private static void awaitAll(CyclicBarrier together) {
        try {
            together.await(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldLoseNothingWhenPublishersTryAgainAtASmallBound() throws Exception {
        int publishers = 3;
        int each = 2_000;
        HandOver handOver = new HandOver(context, 2);
        List<EncodedMessage> received = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch all = new CountDownLatch(publishers * each);
        Subscriber subscriber = handOver.to(message -> {
            received.add(message);
            all.countDown();
        });

        IntStream.range(0, publishers)
                .forEach(publisher -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < each; i++) {
                        EncodedMessage message = message(publisher, i);
                        while (subscriber.offer(message) == OfferResult.BACK_PRESSURED) {
                            Thread.onSpinWait();
                        }
                    }
                }));

        assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
        for (int publisher = 0; publisher < publishers; publisher++) {
            assertThat(numbersOf(received, publisher))
                    .isEqualTo(IntStream.range(0, each).boxed().toList());
        }
    }

    private static List<Integer> numbersOf(List<EncodedMessage> received, int publisher) {
        return received.stream()
                .filter(message -> message.address().equals("p/" + publisher))
                .map(message -> Integer.parseInt(message.decode().getType()))
                .toList();
    }

    @Test
    void shouldDeliverNothingAfterATargetClosesIt() throws InterruptedException {
        HandOver handOver = new HandOver(context, 10);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch after = new CountDownLatch(1);
        List<EncodedMessage> received = new ArrayList<>();
        Subscriber subscriber = handOver.to(message -> {
            received.add(message);
            handOver.close();
        });
        hold(goOn);
        subscriber.offer(message(0, 1));
        subscriber.offer(message(0, 2));
        context.runOnContext(ignored -> after.countDown());
        goOn.countDown();

        assertThat(after.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(received).hasSize(1);
    }
}
