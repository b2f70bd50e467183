package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
final class InboxTest {
    private static Message numbered(int n) {
        return Message.to("agent/a", Payload.text(Integer.toString(n)));
    }

    @Test
    void shouldHandleOneAfterTheOtherInTheOrderOfArrival() throws Exception {
        int count = 10_000;
        List<Integer> handled = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger atOnce = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(count);
        Inbox inbox = new Inbox("a", Optional.of(message -> {
            assertThat(atOnce.incrementAndGet()).isEqualTo(1);
            handled.add(Integer.parseInt(message.payload().text()));
            atOnce.decrementAndGet();
            all.countDown();
        }));

        for (int i = 0; i < count; i++) {
            inbox.offer(numbered(i));
        }

        assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(handled).isSorted().hasSize(count);
    }

    /** Throws it although the compiler would not allow that. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable throwable) throws T {
        throw (T) throwable;
    }

    static List<Throwable> failures() {
        return List.of(
                new IllegalStateException("on purpose"), new Exception("checked"), new AssertionError("an error"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldGoOnAfterAHandlerFailed(Throwable failure) throws Exception {
        CountDownLatch second = new CountDownLatch(1);
        Inbox inbox = new Inbox("a", Optional.of(message -> {
            if (message.payload().text().equals("1")) {
                InboxTest.<RuntimeException>sneak(failure);
            }
            second.countDown();
        }));

        inbox.offer(numbered(1));
        inbox.offer(numbered(2));

        assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldMakeTheReaderWaitWhenTheHandlerDoesNotKeepUp() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch handled = new CountDownLatch(Inbox.MAX_WAITING + 2);
        CountDownLatch first = new CountDownLatch(1);
        Inbox inbox = new Inbox("a", Optional.of(message -> {
            first.countDown();
            gate.await();
            handled.countDown();
        }));
        inbox.offer(numbered(0));
        assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < Inbox.MAX_WAITING; i++) {
            inbox.offer(numbered(i));
        }

        Thread reader = Thread.ofVirtual().start(() -> inbox.offer(numbered(-1)));
        Eventually.waiting(reader);
        gate.countDown();

        reader.join();
        assertThat(handled.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldDropWhatNobodyHandles() {
        Inbox inbox = new Inbox("a", Optional.empty());

        for (int i = 0; i < 2 * Inbox.MAX_WAITING; i++) {
            inbox.offer(numbered(i));
        }
    }

    @Test
    void shouldLetTheReaderGoAndDropWhatWaitsWhenItIsClosed() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch first = new CountDownLatch(1);
        AtomicInteger handled = new AtomicInteger();
        Inbox inbox = new Inbox("a", Optional.of(message -> {
            first.countDown();
            gate.await();
            handled.incrementAndGet();
        }));
        inbox.offer(numbered(0));
        assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < Inbox.MAX_WAITING; i++) {
            inbox.offer(numbered(i));
        }
        Thread reader = Thread.ofVirtual().start(() -> inbox.offer(numbered(-1)));
        Eventually.waiting(reader);

        inbox.close();

        reader.join();
        inbox.offer(numbered(-2));
        gate.countDown();
        Eventually.eventually("the one under way is handled", () -> handled.get() > 0);
        assertThat(handled).hasValue(1);
    }

    @Test
    void shouldUseAThreadOnlyWhileThereIsSomethingToHandle() throws Exception {
        LinkedBlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        Inbox inbox = new Inbox("a", Optional.of(message -> threads.add(Thread.currentThread())));

        for (int i = 0; i < 3; i++) {
            inbox.offer(numbered(i));
            Thread handler = threads.poll(10, TimeUnit.SECONDS);
            handler.join();
            assertThat(handler.isVirtual()).isTrue();
        }
    }
}
