package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
final class InboxTest {
    private static Message numbered(int n) {
        return Message.to("agent/a", Payload.text(Integer.toString(n)));
    }

    /** What became of durable messages, as {@code +number} or {@code -number reason}. */
    private static final class Settled extends LinkedBlockingQueue<String> implements Inbox.Settler {
        @Override
        public void handled(Inbox.Delivered delivered) {
            add("+" + delivered.number());
        }

        @Override
        public void rejected(Inbox.Delivered delivered, String reason) {
            add("-" + delivered.number() + " " + reason);
        }
    }

    private static Inbox inbox(MessageHandler handler) {
        return new Inbox("a", Optional.of(handler), new Settled());
    }

    private static Inbox.Delivered delivery(long number) {
        return new Inbox.Delivered(7, number);
    }

    @Test
    void shouldAcknowledgeADurableMessageThatWasHandledAndNoOther() throws Exception {
        Settled settled = new Settled();
        Inbox inbox = new Inbox(
                "a",
                Optional.of(message -> {
                    switch (message.payload().text()) {
                        case "2" -> throw new IllegalStateException("on purpose");
                        case "3" -> throw new MessageRejectedException("no good");
                        default -> {}
                    }
                }),
                settled);

        for (int i = 1; i <= 4; i++) {
            inbox.offer(numbered(i), delivery(i));
        }
        inbox.offer(numbered(5));
        inbox.offer(numbered(6), delivery(6));

        assertThat(settled.poll(10, TimeUnit.SECONDS)).isEqualTo("+1");
        assertThat(settled.poll(10, TimeUnit.SECONDS)).isEqualTo("-3 no good");
        assertThat(settled.poll(10, TimeUnit.SECONDS)).isEqualTo("+4");
        assertThat(settled.poll(10, TimeUnit.SECONDS)).isEqualTo("+6");
    }

    @Test
    void shouldHandleAMessageOnceAlthoughItComesAgainUnlessItFailed() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Settled settled = new Settled();
        Inbox inbox = new Inbox(
                "a",
                Optional.of(message -> {
                    if (calls.incrementAndGet() == 1) {
                        throw new IllegalStateException("on purpose");
                    }
                }),
                settled);
        Message message = numbered(1).withId(new UUID(1, 1));

        for (int attempt = 1; attempt <= 3; attempt++) {
            inbox.offer(new Message(message.encoded(), attempt), delivery(attempt));
        }
        inbox.offer(message, delivery(4));

        assertThat(settled.poll(10, TimeUnit.SECONDS)).isEqualTo("+2");
        assertThat(settled.poll(10, TimeUnit.SECONDS)).isEqualTo("+3");
        assertThat(settled.poll(10, TimeUnit.SECONDS)).isEqualTo("+4");
        assertThat(calls).as("a first attempt is another message").hasValue(3);
    }

    @Test
    void shouldForgetTheOldestThatWereHandled() {
        HandledIds handled = new HandledIds();
        for (int i = 0; i <= HandledIds.MOST; i++) {
            handled.add(numbered(i).withId(new UUID(0, i)));
        }

        assertThat(IntStream.of(0, 1, HandledIds.MOST)
                        .mapToObj(i -> numbered(i).withId(new UUID(0, i)).encoded())
                        .map(encoded -> handled.contains(new Message(encoded, 2))))
                .containsExactly(false, true, true);
    }

    @Test
    void shouldGiveUpDurableMessagesThatWaitWhenTheConnectionIsLost() throws Exception {
        Blocked blocked = new Blocked();
        blocked.inbox.offer(numbered(1), delivery(1));
        blocked.inbox.offer(numbered(2));

        blocked.inbox.suspend();
        blocked.gate.countDown();

        blocked.awaitHandled(2);
        assertThat(blocked.handled).containsExactly(0, 2);
    }

    @Test
    void shouldHaveRoomForDurableMessagesBesidesThoseItGrantedCreditFor() throws Exception {
        Blocked blocked = new Blocked();
        for (int i = 0; i < Inbox.MAX_UNACKNOWLEDGED; i++) {
            blocked.inbox.offer(numbered(-1), delivery(i));
        }

        blocked.offer(1, Inbox.MAX_WAITING);
        blocked.gate.countDown();

        blocked.awaitHandled(Inbox.MAX_WAITING + Inbox.MAX_UNACKNOWLEDGED);
    }

    @Test
    void shouldHandleOneAfterTheOtherInTheOrderOfArrival() throws Exception {
        int count = 10_000;
        List<Integer> handled = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger atOnce = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(count);
        Inbox inbox = inbox(message -> {
            assertThat(atOnce.incrementAndGet()).isEqualTo(1);
            handled.add(Integer.parseInt(message.payload().text()));
            atOnce.decrementAndGet();
            all.countDown();
        });

        Semaphore credit = new Semaphore(0);
        credit.release(inbox.open(credit::release).orElseThrow());
        for (int i = 0; i < count; i++) {
            credit.acquire();
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
        Inbox inbox = inbox(message -> {
            if (message.payload().text().equals("1")) {
                InboxTest.<RuntimeException>sneak(failure);
            }
            second.countDown();
        });

        inbox.offer(numbered(1));
        inbox.offer(numbered(2));

        assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** An inbox whose handler has its first message and waits, and what it granted. */
    private static final class Blocked {
        private final CountDownLatch gate = new CountDownLatch(1);
        private final CountDownLatch begun = new CountDownLatch(1);
        private final LinkedBlockingQueue<Integer> handled = new LinkedBlockingQueue<>();
        private final LinkedBlockingQueue<Integer> granted = new LinkedBlockingQueue<>();
        private final Inbox inbox = inbox(message -> {
            begun.countDown();
            gate.await();
            handled.add(Integer.parseInt(message.payload().text()));
        });

        private Blocked() throws InterruptedException {
            assertThat(inbox.open(granted::add)).hasValue(Inbox.MAX_WAITING);
            inbox.offer(numbered(0));
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        }

        private void offer(int from, int to) {
            for (int i = from; i < to; i++) {
                inbox.offer(numbered(i));
            }
        }

        private void awaitHandled(int count) {
            Eventually.eventually("so many are handled", () -> handled.size() >= count);
        }
    }

    @Test
    void shouldDropWhatANodeSendsBeyondAllCreditAndNeverMakeTheReaderWait() throws Exception {
        Blocked blocked = new Blocked();

        blocked.offer(1, Inbox.MAX_WAITING + 3);
        blocked.gate.countDown();

        blocked.awaitHandled(Inbox.MAX_WAITING + 1);
        assertThat(blocked.handled)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(0, Inbox.MAX_WAITING).boxed().toList());
    }

    @Test
    void shouldGrantMoreOnceHalfOfItWasTaken() throws Exception {
        Blocked blocked = new Blocked();
        blocked.offer(1, Inbox.MIN_GRANT + 1);
        assertThat(blocked.granted).as("what waits has no room yet").isEmpty();

        blocked.gate.countDown();

        blocked.awaitHandled(Inbox.MIN_GRANT + 1);
        assertThat(blocked.granted).containsExactly(Inbox.MIN_GRANT);
    }

    @Test
    void shouldGrantNothingMoreWhileLessThanHalfWasTaken() throws Exception {
        Blocked blocked = new Blocked();
        blocked.offer(1, Inbox.MIN_GRANT - 1);

        blocked.gate.countDown();

        blocked.awaitHandled(Inbox.MIN_GRANT - 1);
        assertThat(blocked.granted).isEmpty();
    }

    @Test
    void shouldCountRepliesThatOthersWaitFor() throws Exception {
        Blocked blocked = new Blocked();

        for (int i = 1; i < Inbox.MIN_GRANT; i++) {
            blocked.inbox.passedBy();
        }

        assertThat(blocked.granted).containsExactly(Inbox.MIN_GRANT);
    }

    @Test
    void shouldGrantOnANewConnectionWhatThereIsRoomFor() throws Exception {
        Blocked blocked = new Blocked();
        blocked.offer(1, 101);

        blocked.inbox.suspend();
        blocked.offer(101, 111); // comes after the Welcome and before the grant, and counts against it

        assertThat(blocked.inbox.open(blocked.granted::add)).hasValue(Inbox.MAX_WAITING - 100);
    }

    @Test
    void shouldGrantNothingWhileThereIsNoConnection() throws Exception {
        Blocked blocked = new Blocked();
        blocked.offer(1, Inbox.MAX_WAITING + 1);
        blocked.inbox.suspend();

        blocked.gate.countDown();
        blocked.awaitHandled(Inbox.MAX_WAITING + 1);

        assertThat(blocked.granted).isEmpty();
        assertThat(blocked.inbox.open(blocked.granted::add)).hasValue(Inbox.MAX_WAITING);
    }

    @Test
    void shouldGrantNothingOnANewConnectionWhileItIsFull() throws Exception {
        Blocked blocked = new Blocked();
        blocked.offer(1, Inbox.MAX_WAITING + 1);

        blocked.inbox.suspend();

        assertThat(blocked.inbox.open(blocked.granted::add)).hasValue(0);
    }

    @Test
    void shouldNeedNoCreditWithoutAHandler() {
        assertThat(new Inbox("a", Optional.empty(), new Settled()).open(more -> {}))
                .isEmpty();
    }

    @Test
    void shouldDropWhatNobodyHandles() {
        Inbox inbox = new Inbox("a", Optional.empty(), new Settled());

        for (int i = 0; i < 2 * Inbox.MAX_WAITING; i++) {
            inbox.offer(numbered(i));
        }
    }

    @Test
    void shouldDropWhatWaitsAndGrantNothingMoreWhenItIsClosed() throws Exception {
        Blocked blocked = new Blocked();
        blocked.offer(1, Inbox.MAX_WAITING);

        blocked.inbox.close();

        blocked.offer(Inbox.MAX_WAITING, Inbox.MAX_WAITING + 2);
        blocked.gate.countDown();
        blocked.awaitHandled(1);
        assertThat(blocked.handled).containsExactly(0);
        assertThat(blocked.granted).isEmpty();
    }

    @Test
    void shouldUseAThreadOnlyWhileThereIsSomethingToHandle() throws Exception {
        LinkedBlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        Inbox inbox = inbox(message -> threads.add(Thread.currentThread()));

        for (int i = 0; i < 3; i++) {
            inbox.offer(numbered(i));
            Thread handler = threads.poll(10, TimeUnit.SECONDS);
            handler.join();
            assertThat(handler.isVirtual()).isTrue();
        }
    }
}
