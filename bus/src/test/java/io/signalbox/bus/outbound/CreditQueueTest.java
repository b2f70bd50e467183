package io.signalbox.bus.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.OfferResult;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CreditQueueTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final long MAX_BYTES = 1_000;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<String> passed = new ArrayList<>();
    private final CreditQueue queue = new CreditQueue(1, MAX_BYTES, new OutboundMetrics(meters), this::next);
    private OfferResult answer = OfferResult.ACCEPTED;

    private OfferResult next(EncodedMessage message) {
        passed.add(message.decode().getType());
        return answer;
    }

    private void message(int priority, String type) {
        queue.message(EncodedMessage.of(
                Message.newBuilder().setPriority(priority).setType(type).build()));
    }

    private void messages(String... types) {
        for (String type : types) {
            message(5, type);
        }
    }

    private void expiring(String type, int ttlMs) {
        queue.message(EncodedMessage.of(Message.newBuilder()
                .setType(type)
                .setTime(NOW.toEpochMilli() * 1_000)
                .setTtlMs(ttlMs)
                .build()));
    }

    private double dropped(String lane) {
        return meters.counter("signalbox.bus.outbound.dropped", "lane", lane).count();
    }

    @Test
    void shouldSayHowManyWouldBePassedOn() {
        queue.grant(2, NOW);
        assertThat(queue.available()).isEqualTo(2);
        messages("a", "b", "waits");
        assertThat(queue.available()).isZero();
        queue.revoke();
        queue.owe();

        assertThat(queue.available()).isZero();
    }

    @Test
    void shouldCountWhatStillWaitedWhenTheAgentIsGone() {
        queue.grant(1, NOW);
        messages("passed on", "a", "b");

        queue.close();
        queue.close();

        assertThat(dropped("normal")).isEqualTo(2);
        queue.release(NOW);
        assertThat(passed).containsExactly("passed on");
    }

    @Test
    void shouldPassOnWhatWasGrantedAndThenWhatWaitedInItsOrder() {
        queue.grant(2, NOW);
        messages("a", "b", "c", "d", "e");
        assertThat(passed).containsExactly("a", "b");

        queue.grant(1, NOW);
        assertThat(passed).containsExactly("a", "b", "c");

        queue.grant(3, NOW);
        messages("f", "g");
        assertThat(passed).containsExactly("a", "b", "c", "d", "e", "f");
    }

    @Test
    void shouldPassOnTheUrgentFirst() {
        message(1, "bulk");
        message(5, "normal");
        message(9, "urgent");

        queue.grant(2, NOW);

        assertThat(passed).containsExactly("urgent", "normal");
    }

    @Test
    void shouldDropTheOldestOfTheLowestLaneAtItsBoundAndCountIt() {
        message(1, "bulk");
        for (int i = 0; i < 20; i++) {
            message(5, Integer.toString(i));
        }

        queue.grant(100, NOW);

        assertThat(dropped("bulk")).isEqualTo(1);
        assertThat(dropped("normal")).isPositive();
        assertThat(passed).hasSize(20 - (int) dropped("normal")).endsWith("18", "19");
    }

    @Test
    void shouldCountWhatFindsNoRoomAmongTheMoreUrgent() {
        message(9, "x".repeat((int) MAX_BYTES));

        message(1, "bulk");
        queue.grant(2, NOW);

        assertThat(dropped("bulk")).isEqualTo(1);
        assertThat(passed).hasSize(1);
    }

    @Test
    void shouldUseNoCreditForWhatExpiredWhileItWaited() {
        expiring("late", 5);
        expiring("good", 6);

        queue.grant(1, NOW.plusMillis(6));

        assertThat(passed).containsExactly("good");
    }

    @ParameterizedTest
    @EnumSource(names = "ACCEPTED", mode = EnumSource.Mode.EXCLUDE)
    void shouldUseNoCreditForWhatIsNotAccepted(OfferResult refusal) {
        queue.grant(1, NOW);
        answer = refusal;
        messages("lost");
        answer = OfferResult.ACCEPTED;

        messages("a", "b");

        assertThat(passed).containsExactly("lost", "a");
    }

    @Test
    void shouldPassOnAnotherForOneThatDoesNotGoOut() {
        queue.grant(1, NOW);
        messages("a");
        assertThat(queue.giveBack()).as("nothing waits").isFalse();
        messages("b", "c");
        assertThat(passed).containsExactly("a", "b");

        assertThat(queue.giveBack()).isTrue();
        messages("d");
        assertThat(passed).as("not past what waits").containsExactly("a", "b");
        queue.release(NOW);

        assertThat(passed).containsExactly("a", "b", "c");
    }

    @Test
    void shouldNotPassOnMoreThanThereIsCreditForWhenEachPushesOutAnother() {
        List<EncodedMessage> out = new ArrayList<>();
        CreditQueue[] full = new CreditQueue[1];
        full[0] = new CreditQueue(1, MAX_BYTES, new OutboundMetrics(meters), message -> {
            out.add(message);
            full[0].giveBack();
            return OfferResult.ACCEPTED;
        });
        for (int i = 0; i < 5; i++) {
            full[0].message(EncodedMessage.of(Message.newBuilder().setType("m").build()));
        }

        full[0].grant(2, NOW);

        assertThat(out).hasSize(2);
    }

    @Test
    void shouldHoldEverythingBackOnceItIsRevoked() {
        queue.grant(5, NOW);
        queue.revoke();
        messages("a", "b");
        assertThat(passed).isEmpty();

        queue.grant(1, NOW);

        assertThat(passed).containsExactly("a");
    }

    @Test
    void shouldPayWhatItOwesBeforeItPassesOnMore() {
        queue.owe();
        queue.owe();
        messages("a");
        assertThat(queue.giveBack()).as("there is still debt").isFalse();

        queue.grant(1, NOW);
        assertThat(passed).isEmpty();

        queue.grant(1, NOW);
        assertThat(passed).containsExactly("a");
    }

    @Test
    void shouldTakeAnyAmountOfCredit() {
        queue.grant(Long.MAX_VALUE, NOW);
        queue.grant(Long.MAX_VALUE, NOW);

        messages("a");

        assertThat(passed).containsExactly("a");
    }

    @Test
    void shouldAccountForEveryMessageAndNeverPassOnMoreThanWasGranted() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            passed.clear();
            double droppedBefore = dropped("normal");
            CreditQueue simulated = new CreditQueue(1, MAX_BYTES, new OutboundMetrics(meters), this::next);
            long granted = 0;
            int offered = 0;
            for (int step = 0; step < 300; step++) {
                if (random.nextInt(4) == 0) {
                    int more = random.nextInt(6);
                    granted += more;
                    simulated.grant(more, NOW);
                } else {
                    simulated.message(EncodedMessage.of(Message.newBuilder()
                            .setType(Integer.toString(offered++))
                            .build()));
                }
                assertThat(passed.size()).as("seed %d", seed).isLessThanOrEqualTo((int) granted);
            }
            simulated.grant(1_000, NOW);

            assertThat(passed.size() + dropped("normal") - droppedBefore)
                    .as("seed %d", seed)
                    .isEqualTo(offered);
            assertThat(passed.stream().map(Integer::parseInt))
                    .as("seed %d", seed)
                    .isSorted();
        }
    }
}
