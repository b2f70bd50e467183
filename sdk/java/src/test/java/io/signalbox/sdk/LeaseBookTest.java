package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.proto.LockAnswer;
import io.signalbox.codecs.proto.LockState;
import io.signalbox.sdk.LeaseBook.Effect;
import io.signalbox.sdk.LeaseBook.Key;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@link LeaseSimulationTest} does not see: what is asked when, and what becomes of what nobody wants. */
class LeaseBookTest {
    private static final long MILLI = 1_000_000;
    private static final long LEASE = 1000 * MILLI;
    private static final Key KEY = new Key("a", "x");

    private final LeaseBook book = new LeaseBook();

    private static LockAnswer answer(LockState state, long token) {
        return answer(KEY, state, token);
    }

    private static LockAnswer answer(Key key, LockState state, long token) {
        return LockAnswer.newBuilder()
                .setName(key.name())
                .setHolder(key.holder())
                .setState(state)
                .setToken(token)
                .setLeaseMs(1000)
                .build();
    }

    private void hold(long token) {
        book.ask(KEY, LEASE);
        assertThat(book.asked(KEY, answer(LockState.LOCK_STATE_HELD, token), 0, 0))
                .containsExactly(new Effect.Held(KEY, token));
    }

    private void await() {
        book.ask(KEY, LEASE);
        assertThat(book.asked(KEY, answer(LockState.LOCK_STATE_WAITING, 0), 0, 0))
                .isEmpty();
    }

    private boolean renewsAt(long now) {
        return book.tick(now).stream().anyMatch(Effect.Renew.class::isInstance);
    }

    @Test
    void shouldRenewAThirdIntoTheLeaseAndNotAgainBeforeTheAnswer() {
        hold(7);

        assertThat(renewsAt(LEASE / 3 - 1)).isFalse();
        assertThat(renewsAt(LEASE / 3)).isTrue();
        assertThat(renewsAt(LEASE / 2)).isFalse();
    }

    @Test
    void shouldTryAgainSoonWhenARenewalFails() {
        hold(7);
        Effect.Renew renew = (Effect.Renew) book.tick(LEASE / 3).getFirst();

        book.failed(renew.claims(), LEASE / 2);

        assertThat(renewsAt(LEASE / 2 + LEASE / 10)).isTrue();
    }

    @Test
    void shouldKeepWhatTheStoreCannotBeAskedAboutAndAskAgain() {
        hold(7);
        book.tick(LEASE / 3);

        assertThat(book.renewed(List.of(answer(LockState.LOCK_STATE_UNKNOWN, 0)), LEASE / 3, LEASE / 2))
                .isEmpty();

        assertThat(renewsAt(LEASE / 2 + LEASE / 10)).isTrue();
    }

    @Test
    void shouldHoldWhatIsGrantedNoLongerThanSinceItWasToldToWait() {
        await();

        assertThat(book.noticed("LockGranted", answer(LockState.LOCK_STATE_HELD, 7), LEASE / 2))
                .containsExactly(new Effect.Held(KEY, 7));
        assertThat(book.tick(LEASE)).contains(new Effect.Lost(KEY, 7, "it could not be renewed within its lease"));
    }

    @Test
    void shouldHoldAtOnceWhatWasGrantedBeforeTheAnswerCame() {
        book.ask(KEY, LEASE);
        book.noticed("LockGranted", answer(LockState.LOCK_STATE_HELD, 7), 5);

        assertThat(book.asked(KEY, answer(LockState.LOCK_STATE_WAITING, 0), 0, 10))
                .containsExactly(new Effect.Held(KEY, 7));
    }

    @Test
    void shouldNotLoseItByAnAnswerThatItsGrantHasOvertaken() {
        await();
        book.tick(LEASE / 3);
        book.noticed("LockGranted", answer(LockState.LOCK_STATE_HELD, 7), LEASE / 2);

        assertThat(book.renewed(List.of(answer(LockState.LOCK_STATE_WAITING, 0)), LEASE / 3, LEASE / 2))
                .isEmpty();

        assertThat(renewsAt(LEASE / 2)).isTrue();
    }

    @Test
    void shouldConfirmAGrantThatWasUnderWayForLongBeforeItIsBelieved() {
        await();
        long late = LEASE * 9 / 10;
        book.tick(late);

        assertThat(book.noticed("LockGranted", answer(LockState.LOCK_STATE_HELD, 7), late))
                .isEmpty();

        assertThat(renewsAt(late)).isTrue();
        assertThat(book.renewed(List.of(answer(LockState.LOCK_STATE_HELD, 7)), late, late + 1))
                .containsExactly(new Effect.Held(KEY, 7));
    }

    @Test
    void shouldGiveBackWhatNobodyWants() {
        assertThat(book.noticed("LockGranted", answer(LockState.LOCK_STATE_HELD, 7), 0))
                .containsExactly(new Effect.GiveBack(KEY, 7));
        assertThat(book.asked(KEY, answer(LockState.LOCK_STATE_HELD, 8), 0, 0))
                .containsExactly(new Effect.GiveBack(KEY, 8));
    }

    @Test
    void shouldLoseWhatWasRevokedUnderItsTokenAlone() {
        hold(7);

        assertThat(book.noticed("LockRevoked", answer(LockState.LOCK_STATE_NONE, 6), 0))
                .isEmpty();
        assertThat(book.noticed("LockRevoked", answer(LockState.LOCK_STATE_NONE, 7), 0))
                .containsExactly(new Effect.Lost(KEY, 7, ""));
        assertThat(book.isEmpty()).isTrue();
    }

    @Test
    void shouldAskForManyClaimsInParts() {
        for (int i = 0; i <= LeaseBook.MOST_AT_ONCE; i++) {
            Key key = new Key("a" + i, "x");
            book.ask(key, LEASE);
            book.asked(key, answer(key, LockState.LOCK_STATE_WAITING, 0), 0, 0);
        }

        assertThat(book.tick(LEASE / 2)).hasSize(2);
    }

    @Test
    void shouldLoseEverythingWithTheAgent() {
        hold(7);
        book.ask(new Key("b", "x"), LEASE);

        assertThat(book.loseAll("gone"))
                .containsExactly(new Effect.Lost(KEY, 7, "gone"), new Effect.Gone(new Key("b", "x"), "gone"));
        assertThat(book.nextTick()).isEmpty();
    }
}
