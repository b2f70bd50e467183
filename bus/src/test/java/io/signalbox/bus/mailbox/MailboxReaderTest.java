package io.signalbox.bus.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.mailbox.MailboxReader.Copy;
import io.signalbox.bus.mailbox.MailboxStore.Claimed;
import io.signalbox.bus.mailbox.MailboxStore.Cursor;
import io.signalbox.bus.mailbox.MailboxStore.Position;
import io.signalbox.bus.mailbox.ReaderEffect.Claim;
import io.signalbox.bus.mailbox.ReaderEffect.ClaimAgain;
import io.signalbox.bus.mailbox.ReaderEffect.DeadLetter;
import io.signalbox.bus.mailbox.ReaderEffect.Delete;
import io.signalbox.bus.mailbox.ReaderEffect.Hand;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MailboxReaderTest {
    private static final ReaderSettings SETTINGS =
            new ReaderSettings(Duration.ofSeconds(30), 3, Duration.ofMillis(100), Duration.ofSeconds(5));
    private static final int WINDOW = 8;
    private static final long HISTORY = 77;
    private static final long OTHER = 78;
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Instant SOON = NOW.plusMillis(50);
    private static final Instant LATER = NOW.plusSeconds(30);
    private static final EncodedMessage MESSAGE = EncodedMessage.of(Message.newBuilder()
            .setAddress("agent/a")
            .setTime(EncodedMessage.micros(NOW))
            .build());

    private final MailboxReader reader = new MailboxReader(SETTINGS, new Random(1), WINDOW, Cursor.START);

    private static Position at(long position) {
        return new Position(Lane.NORMAL, position);
    }

    private static Copy copy(Lane lane, long position, int attempt) {
        return new Copy(new Position(lane, position), attempt, MESSAGE);
    }

    private static Copy copy(long position) {
        return copy(Lane.NORMAL, position, 1);
    }

    private static Copy expiring(long position, int attempt) {
        Message message = MESSAGE.decode().toBuilder().setTtlMs(1000).build();
        return new Copy(at(position), attempt, EncodedMessage.of(message));
    }

    private static Hand hand(long number) {
        return new Hand(number, 1, MESSAGE);
    }

    private static Cursor upTo(long position) {
        return new Cursor(HISTORY, position, position, position);
    }

    private List<ReaderEffect> live(long position, long predecessor) {
        return reader.live(copy(position), HISTORY, predecessor, NOW);
    }

    private List<ReaderEffect> ack(long upTo) {
        return reader.acked(upTo, List.of(), NOW);
    }

    private List<ReaderEffect> claimed(long claim, long upTo, Copy... entries) {
        return claimed(claim, HISTORY, upTo, entries);
    }

    private List<ReaderEffect> claimed(long claim, long history, long upTo, Copy... entries) {
        return reader.claimed(claim, new Claimed(List.of(), false, upTo, history), List.of(entries), NOW);
    }

    /** Attached, and nothing waited. */
    private void begin() {
        reader.attached(NOW);
        claimed(1, 10);
    }

    private void fillWindow() {
        begin();
        LongStream.rangeClosed(11, 10 + WINDOW).forEach(position -> live(position, position - 1));
    }

    @Test
    void shouldLookWhatWaitsWhenTheAgentIsAttached() {
        assertThat(reader.attached(NOW)).containsExactly(new Claim(1, Cursor.START, WINDOW));

        List<ReaderEffect> effects =
                claimed(1, 10, copy(Lane.URGENT, 7, 1), copy(Lane.NORMAL, 3, 2), copy(Lane.NORMAL, 5, 1));

        assertThat(effects).containsExactly(hand(1), new Hand(2, 2, MESSAGE), hand(3));
    }

    @Test
    void shouldHandOnALiveCopyWhenNothingIsMissingBeforeIt() {
        begin();

        assertThat(live(11, MailboxStore.BEGINNING)).containsExactly(hand(1));
        assertThat(live(13, 11)).containsExactly(hand(2));
        assertThat(live(15, 12)).as("the one in between was acknowledged").containsExactly(hand(3));
        assertThat(reader.live(copy(Lane.URGENT, 14, 1), HISTORY, 9, NOW)).containsExactly(hand(4));
    }

    @Test
    void shouldAskTheStoreWhenSomethingIsMissingBeforeALiveCopy() {
        begin();
        live(11, 0);

        assertThat(live(13, 12)).as("the other may be on its way").isEmpty();
        assertThat(reader.wakeAt()).isEqualTo(SOON);
        assertThat(reader.tick(SOON)).containsExactly(new Claim(2, new Cursor(HISTORY, 10, 11, 10), WINDOW - 1));
        assertThat(claimed(2, 13, copy(12), copy(Lane.NORMAL, 13, 2)))
                .containsExactly(hand(2), new Hand(3, 2, MESSAGE));
        assertThat(live(14, 13)).containsExactly(hand(4));
    }

    @Test
    void shouldHandOnInTheirOrderWhatCameInAnother() {
        begin();

        assertThat(live(13, 12)).isEmpty();
        assertThat(live(12, 11)).isEmpty();
        assertThat(live(11, 0)).containsExactly(hand(1), hand(2), hand(3));
        assertThat(reader.wakeAt()).as("nothing is missing").isEqualTo(LATER);
    }

    @Test
    void shouldAskTheStoreAtOnceWhenTooManyCameBeforeWhatIsMissing() {
        begin();
        LongStream.range(0, 64).forEach(i -> assertThat(live(100 + i, 99 + i)).isEmpty());

        assertThat(live(164, 163)).containsExactly(new Claim(2, upTo(10), WINDOW));
    }

    /** What has a position up to where a claim was complete was in the claim, or waits no more. */
    @Test
    void shouldIgnoreALiveCopyThatComesLate() {
        begin();
        live(12, 0);

        assertThat(live(12, 0)).isEmpty();
        assertThat(live(11, 0)).isEmpty();
        assertThat(reader.live(copy(Lane.BULK, 10, 1), HISTORY, 0, NOW)).isEmpty();
        assertThat(reader.live(copy(Lane.BULK, 11, 1), HISTORY, 0, NOW)).containsExactly(hand(2));
    }

    @Test
    void shouldHandOnALiveCopyThatCameDuringAClaimWhenItContinuesThat() {
        reader.attached(NOW);
        assertThat(live(11, 0)).isEmpty();
        assertThat(live(9, 0)).isEmpty();

        assertThat(claimed(1, 10, copy(9))).containsExactly(hand(1), hand(2));
        assertThat(reader.wakeAt()).isEqualTo(LATER);
    }

    @Test
    void shouldAskOnceMoreWhenALiveCopyCameDuringAClaimThatDoesNotHaveWhatIsBeforeIt() {
        reader.attached(NOW);
        live(12, 11);

        assertThat(claimed(1, 10)).isEmpty();
        assertThat(reader.tick(SOON)).containsExactly(new Claim(2, upTo(10), WINDOW));
        assertThat(claimed(2, 12)).as("both are gone meanwhile").isEmpty();
        assertThat(reader.wakeAt()).isEqualTo(Instant.MAX);
    }

    @Test
    void shouldNotAskAgainWhenTheClaimHadWhatCameDuringIt() {
        reader.attached(NOW);
        live(9, 0);

        assertThat(claimed(1, 10, copy(9))).containsExactly(hand(1));
    }

    @Test
    void shouldHandOutNoLiveCopyWhileMoreWaits() {
        reader.attached(NOW);
        Copy[] first = IntStream.rangeClosed(1, WINDOW)
                .mapToObj(MailboxReaderTest::copy)
                .toArray(Copy[]::new);
        reader.claimed(1, new Claimed(List.of(), true, 20, HISTORY), List.of(first), NOW);
        reader.acked(0, List.of(1L), NOW);

        assertThat(reader.live(copy(Lane.URGENT, 21, 1), HISTORY, 0, NOW)).isEmpty();
        assertThat(ack(WINDOW)).last().isEqualTo(new Claim(2, new Cursor(HISTORY, 0, WINDOW, 0), WINDOW));
    }

    @Test
    void shouldHandOutNoMoreThanTheWindow() {
        fillWindow();

        assertThat(live(20, 18)).isEmpty();
        assertThat(live(21, 20)).isEmpty();
        assertThat(ack(1)).as("too little for a claim").containsExactly(new Delete(List.of(at(11))));
        assertThat(ack(2))
                .containsExactly(
                        new Delete(List.of(at(12))), new Claim(2, new Cursor(HISTORY, 10, 10 + WINDOW, 10), 2));
    }

    @Test
    void shouldGiveNothingToAnAgentThatTakesNone() {
        MailboxReader none = new MailboxReader(SETTINGS, new Random(1), 0, Cursor.START);

        assertThat(none.attached(NOW)).isEmpty();
        assertThat(none.live(copy(1), HISTORY, 0, NOW)).isEmpty();
        assertThat(none.poked(upTo(1), NOW)).isEmpty();
        assertThat(none.wakeAt()).isEqualTo(Instant.MAX);
    }

    @Test
    void shouldDeleteWhatIsAcknowledgedAndNothingElse() {
        fillWindow();

        assertThat(reader.acked(2, List.of(4L, 4L, 99L, 1L), NOW))
                .containsExactly(new Delete(List.of(at(11), at(12), at(14))));
        assertThat(reader.acked(2, List.of(4L), NOW)).isEmpty();
        assertThat(ack(Long.MAX_VALUE)).hasSize(1);
    }

    @Test
    void shouldGiveWhatIsRejectedToTheDeadLetters() {
        begin();
        live(11, 0);

        assertThat(reader.rejected(1, "no such order", NOW))
                .containsExactly(new DeadLetter(at(11), 1, Code.REJECTED, "no such order", Optional.empty()));
        assertThat(reader.rejected(1, "", NOW)).isEmpty();
        assertThat(ack(1)).isEmpty();
    }

    @Test
    void shouldHandOutAgainWhatIsNotAcknowledgedInTime() {
        begin();
        live(11, 0);
        live(12, 11);
        live(13, 12);
        reader.acked(0, List.of(2L), NOW);
        assertThat(reader.wakeAt()).isEqualTo(LATER);
        assertThat(reader.tick(LATER.minusMillis(1))).isEmpty();

        assertThat(reader.tick(LATER)).containsExactly(new ClaimAgain(2, List.of(at(11), at(13))));
        assertThat(reader.tick(LATER)).as("it is under way").isEmpty();
        List<ReaderEffect> effects =
                reader.claimedAgain(2, List.of(copy(Lane.NORMAL, 11, 2), copy(Lane.NORMAL, 13, 2)), LATER);

        assertThat(effects).containsExactly(new Hand(4, 2, MESSAGE), new Hand(5, 2, MESSAGE));
        assertThat(reader.wakeAt()).isEqualTo(LATER.plusSeconds(30));
        assertThat(reader.acked(0, List.of(4L, 1L), LATER)).containsExactly(new Delete(List.of(at(11))));
    }

    @Test
    void shouldTakeALateAcknowledgementForTheMessage() {
        begin();
        live(11, 0);
        live(12, 11);
        reader.tick(LATER);
        reader.claimedAgain(2, List.of(copy(Lane.NORMAL, 11, 2), copy(Lane.NORMAL, 12, 2)), LATER);

        assertThat(ack(1)).containsExactly(new Delete(List.of(at(11))));
        assertThat(ack(4)).containsExactly(new Delete(List.of(at(12))));
    }

    @Test
    void shouldNotHandOutAgainWhatIsDoneMeanwhile() {
        begin();
        live(11, 0);
        live(12, 11);
        reader.tick(LATER);
        ack(1);

        assertThat(reader.claimedAgain(2, List.of(copy(Lane.NORMAL, 11, 2)), LATER))
                .as("one is acknowledged, the other one gone from the store")
                .isEmpty();
        assertThat(ack(9)).isEmpty();
        assertThat(reader.wakeAt()).isEqualTo(Instant.MAX);
    }

    @Test
    void shouldGiveUpAfterTheLastAttempt() {
        begin();
        reader.live(copy(Lane.NORMAL, 11, 3), HISTORY, 0, NOW);

        assertThat(reader.tick(LATER))
                .containsExactly(new DeadLetter(at(11), 3, Code.ATTEMPTS_EXHAUSTED, "", Optional.empty()));
        assertThat(ack(9)).isEmpty();

        reader.attached(LATER);
        assertThat(claimed(2, 20, copy(Lane.NORMAL, 12, 4), copy(Lane.NORMAL, 13, 3)))
                .containsExactly(
                        new DeadLetter(at(12), 3, Code.ATTEMPTS_EXHAUSTED, "", Optional.of(MESSAGE)),
                        new Hand(2, 3, MESSAGE));
    }

    @Test
    void shouldNotHandOutWhatIsExpired() {
        Instant late = NOW.plusMillis(1001);
        begin();

        assertThat(reader.live(expiring(11, 1), HISTORY, 0, late.minusMillis(1)))
                .hasOnlyElementsOfType(Hand.class);
        Copy live = expiring(12, 1);
        assertThat(reader.live(live, HISTORY, 11, late))
                .containsExactly(new DeadLetter(at(12), 0, Code.EXPIRED, "", Optional.of(live.message())));
        Instant due = reader.wakeAt();
        reader.tick(due);
        Copy again = expiring(11, 2);
        assertThat(reader.claimedAgain(2, List.of(again), due))
                .containsExactly(new DeadLetter(at(11), 1, Code.EXPIRED, "", Optional.of(again.message())));
        assertThat(reader.live(copy(13), HISTORY, 12, due))
                .as("nothing is missing")
                .containsExactly(hand(2));
    }

    @Test
    void shouldPauseLongerAfterEachFailureOfTheStore() {
        List<ReaderEffect> effects = reader.attached(NOW);
        Instant now = NOW;
        for (long longest : List.of(100L, 200L, 400L, 800L, 1600L, 3200L, 5000L, 5000L)) {
            reader.claimFailed(((Claim) effects.getFirst()).claim(), now);
            Instant next = reader.wakeAt();
            assertThat(next).isBetween(now.plusMillis(longest / 2), now.plusMillis(longest));
            assertThat(reader.tick(next.minusNanos(1))).isEmpty();
            now = next;
            effects = reader.tick(now);
            assertThat(effects).hasOnlyElementsOfType(Claim.class);
        }
    }

    @Test
    void shouldNotPauseWhenTheStoreIsKnownToBeBack() {
        begin();
        live(11, 0);
        reader.tick(LATER);
        reader.claimFailed(2, LATER);
        assertThat(reader.tick(LATER)).isEmpty();

        assertThat(reader.poked(upTo(12), LATER))
                .containsExactly(
                        new ClaimAgain(3, List.of(at(11))), new Claim(4, new Cursor(HISTORY, 10, 11, 10), WINDOW - 1));
    }

    @Test
    void shouldAskForWhatNoLiveCopyAnnounced() {
        begin();
        live(11, 0);

        assertThat(reader.poked(new Cursor(HISTORY, 0, 11, 9), NOW))
                .as("it has that")
                .isEmpty();
        assertThat(reader.poked(new Cursor(HISTORY, 0, 12, 9), NOW))
                .containsExactly(new Claim(2, new Cursor(HISTORY, 10, 11, 10), WINDOW - 1));
        assertThat(reader.poked(new Cursor(HISTORY, 0, 12, 9), NOW)).isEmpty();
        assertThat(claimed(2, 12, copy(12))).containsExactly(hand(2));
    }

    @Test
    void shouldBeginAnewWhenTheAgentIsAttachedAgain() {
        begin();
        live(11, 0);
        live(12, 11);
        ack(1);
        live(20, 19);
        reader.tick(SOON);

        assertThat(reader.attached(NOW)).containsExactly(new Claim(3, Cursor.START, WINDOW));
        assertThat(claimed(2, 20, copy(20))).as("the answer to a claim before").isEmpty();
        assertThat(ack(2)).as("numbers of before").isEmpty();
        assertThat(claimed(3, 20, copy(Lane.NORMAL, 12, 2), copy(20)))
                .containsExactly(new Hand(3, 2, MESSAGE), hand(4));
    }

    @Test
    void shouldDoNothingForADetachedAgent() {
        fillWindow();
        live(30, 29);
        reader.detached();

        assertThat(live(31, 0)).isEmpty();
        assertThat(reader.poked(upTo(50), LATER)).isEmpty();
        assertThat(ack(9)).isEmpty();
        assertThat(reader.tick(LATER)).isEmpty();
        assertThat(reader.wakeAt()).isEqualTo(Instant.MAX);
        assertThat(reader.isUnused()).isFalse();
    }

    @Test
    void shouldAskTheStoreForACopyOfAnotherHistory() {
        begin();
        live(11, 0);

        assertThat(reader.live(copy(9), OTHER, 0, NOW))
                .containsExactly(new Claim(2, new Cursor(HISTORY, 10, 11, 10), WINDOW - 1));
        assertThat(reader.live(copy(12), OTHER, 9, NOW)).isEmpty();
        assertThat(claimed(2, 11))
                .as("it came since the claim began")
                .containsExactly(new Claim(3, new Cursor(HISTORY, 11, 11, 11), WINDOW - 1));
        assertThat(claimed(3, 11)).as("the reader's store knows nothing of it").isEmpty();
    }

    @Test
    void shouldReadAllAgainWhenTheStoreGoesByAnotherHistory() {
        begin();
        live(11, 0);
        live(12, 11);
        reader.poked(Cursor.beginningOf(OTHER), NOW);

        assertThat(claimed(2, OTHER, 12, copy(8), copy(12)))
                .as("12 is with the agent, 8 may have been: the count of that may be lost")
                .containsExactly(new Hand(3, 2, MESSAGE));
        assertThat(reader.live(copy(13), OTHER, 12, NOW)).containsExactly(hand(4));
        assertThat(live(14, 13)).as("of the history before").hasOnlyElementsOfType(Claim.class);
        assertThat(ack(2)).contains(new Delete(List.of(at(11), at(12))));
    }

    @Test
    void shouldBeGivenUpOnlyWhileItHasHandedOutNothing() {
        reader.attached(NOW);
        assertThat(reader.isUnused()).isFalse();
        claimed(1, 10);
        assertThat(reader.isUnused()).isTrue();

        MailboxReader next = new MailboxReader(SETTINGS, new Random(1), WINDOW, reader.completeUpTo());

        assertThat(next.live(copy(10), HISTORY, 0, NOW)).isEmpty();
        assertThat(next.live(copy(11), HISTORY, 10, NOW)).containsExactly(hand(1));
        assertThat(next.isUnused()).isFalse();
        next.acked(1, List.of(), NOW);
        assertThat(next.isUnused()).as("its numbers must not begin anew").isFalse();
    }
}
