package io.signalbox.load.generator;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.load.dialect.Stamp;
import org.junit.jupiter.api.Test;

class DurableLedgerTest {
    private final DurableLedger ledger = new DurableLedger(true);

    private void send(int count) {
        for (int number = 1; number <= count; number++) {
            ledger.sent(number, 100L + number);
        }
    }

    private boolean deliver(int from, int number, int attempt) {
        return ledger.delivered(new Stamp(0, 0, 0, Stamp.Kind.DURABLE, from, 2, number), 2, attempt);
    }

    @Test
    void shouldBeSettledOnceAllIsAcknowledgedAndDeliveredInAnyOrder() {
        send(2);

        assertThat(deliver(1, 1, 1)).isTrue();
        assertThat(ledger.isOver(1)).as("delivered alone").isFalse();
        assertThat(ledger.acknowledged(1)).isTrue();
        assertThat(ledger.isOver(1)).isTrue();
        assertThat(ledger.acknowledged(2)).isTrue();
        assertThat(ledger.isOver(2)).as("acknowledged alone").isFalse();
        assertThat(ledger.isSettled()).isFalse();
        deliver(1, 2, 1);

        assertThat(ledger.isOver(2)).isTrue();
        assertThat(ledger.isSettled()).isTrue();
        assertThat(ledger.acknowledged()).isEqualTo(2);
    }

    @Test
    void shouldMissAnAcknowledgedMessageThatIsNotDelivered() {
        send(3);
        ledger.acknowledged(1);
        ledger.acknowledged(2);
        ledger.refused(3);
        deliver(1, 2, 1);

        assertThat(ledger.undelivered()).isOne();
        assertThat(ledger.isSettled()).isFalse();
    }

    @Test
    void shouldNotMissWhatWasRefusedOrNotAnswered() {
        send(3);
        ledger.refused(1);
        deliver(1, 2, 1);
        ledger.refused(3);
        deliver(1, 3, 1);

        assertThat(ledger.undelivered()).isZero();
        assertThat(ledger.unanswered()).isOne();
        assertThat(ledger.isOver(1)).isTrue();
        assertThat(ledger.isSettled()).as("one has no answer").isFalse();
        assertThat(ledger.stray()).isZero();
    }

    @Test
    void shouldTellRepeatedDeliveriesThatSaySoFromThoseThatDoNot() {
        send(2);
        deliver(1, 1, 1);
        assertThat(deliver(1, 1, 2)).isFalse();
        deliver(1, 1, 3);
        deliver(1, 1, 1);
        deliver(1, 2, 2);

        assertThat(ledger.repeated()).isEqualTo(2);
        assertThat(ledger.unflagged()).isOne();
    }

    @Test
    void shouldHoldOnlyFirstDeliveriesOfOneSenderToTheirOrder() {
        send(6);
        deliver(1, 2, 1);
        deliver(3, 1, 1);
        deliver(1, 4, 1);
        deliver(1, 2, 2);
        assertThat(ledger.reordered()).as("another sender, a repetition").isZero();

        deliver(1, 3, 1);

        assertThat(ledger.reordered()).isOne();
    }

    @Test
    void shouldCountWhatBelongsToNothingThatWasSent() {
        send(1);
        ledger.acknowledged(1);

        assertThat(ledger.acknowledged(1)).as("a second answer").isFalse();
        assertThat(ledger.refused(1)).as("another answer").isFalse();
        assertThat(ledger.acknowledged(0)).isFalse();
        assertThat(ledger.refused(2)).isFalse();
        assertThat(deliver(1, 2, 1)).isFalse();

        assertThat(ledger.stray()).isEqualTo(5);
        assertThat(ledger.acknowledged()).isOne();
    }

    @Test
    void shouldBeContentWithAcknowledgementsWhereNothingIsDelivered() {
        DurableLedger store = new DurableLedger(false);
        store.sent(1, 5);
        store.acknowledged(1);

        assertThat(store.isOver(1)).isTrue();
        assertThat(store.isSettled()).isTrue();
        assertThat(store.undelivered()).isZero();
    }

    @Test
    void shouldRememberAllWhileItGrows() {
        int count = 200_000;
        send(count);
        for (int number = 1; number <= count; number++) {
            ledger.acknowledged(number);
            deliver(1, number, 1);
        }

        assertThat(ledger.isSettled()).isTrue();
        assertThat(ledger.acknowledged()).isEqualTo(count);
        assertThat(ledger.due(1)).isEqualTo(101);
        assertThat(ledger.due(65_536)).isEqualTo(65_636);
        assertThat(ledger.due(count)).isEqualTo(count + 100);
    }
}
