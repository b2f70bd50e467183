package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Agents that die, come back, or speak though they are dead. */
final class TaskBrokerReattachTest {
    private final BrokerFixture on = new BrokerFixture();

    private UUID orphan(int attempt, long token, String agent) {
        TaskSpec spec = on.spec(5, Optional.empty());
        on.broker.loadAssigned(spec, attempt, token, agent, on.now);
        return spec.id();
    }

    @Test
    void shouldNotReviveADeadRegistrationByALateHeartbeat() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        Effect.Assign assign = on.assigned();
        on.broker.gone("a", 1, on.now);

        on.effects = on.broker.renew("a", 1, Map.of(task, assign.token()), on.now);

        assertThat(on.effects)
                .singleElement()
                .isInstanceOfSatisfying(
                        Effect.Withdraw.class,
                        withdraw -> assertThat(withdraw.code()).isEqualTo(Code.TOKEN_SUPERSEDED));
        assertThat(on.broker.view().agents()).isZero();
        assertThat(on.broker.view().holds("a", 1, task, assign.token())).isFalse();
    }

    @Test
    void shouldNotReviveALeaseThatRanOutByALateHeartbeat() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        Effect.Assign first = on.assigned();
        on.suspend("a", 1);
        on.pass(BrokerFixture.LEASE);
        on.connect("b", 2, 1);
        Effect.Assign second = on.assigned();

        on.effects = on.broker.renew("a", 1, Map.of(task, first.token()), on.now);

        assertThat(on.effects).singleElement().isInstanceOf(Effect.Withdraw.class);
        assertThat(on.broker.view().holds("b", 2, task, second.token())).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"b, 1, 0, 1", "a, 0, 0, 1", "a, 2, 0, 0", "a, 1, 1, 1"})
    void shouldNotLetAnybodyElseRenewALease(String agent, long generation, long wrong, int told) {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        long token = on.assigned().token();
        on.pass(BrokerFixture.LEASE.minusSeconds(1));

        assertThat(on.broker.renew(agent, generation, Map.of(task, token + wrong), on.now))
                .as("who is not known yet is told nothing")
                .hasSize(told);
        on.pass(Duration.ofSeconds(1));

        assertThat(on.effects).anyMatch(Effect.Withdraw.class::isInstance);
    }

    /** That it attached anew was not heard of, only that its connection is lost. */
    @Test
    void shouldGiveNothingToAnAgentWhoseNextRegistrationIsFirstHeardOfAsSuspended() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        long token = on.assigned().token();

        on.suspend("a", 2);

        assertThat(on.broker.view().holds("a", 1, task, token)).isFalse();
        assertThat(on.effects).noneMatch(Effect.Assign.class::isInstance);
        on.connect("a", 2, 1);
        assertThat(on.assigned().task()).isEqualTo(task);
    }

    /** A request may come before the news that the agent attached anew. */
    @Test
    void shouldAskAnAgentToTellAgainThatIsAheadOfWhatIsKnown() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        long token = on.assigned().token();

        Verdict early = on.broker.complete("a", 2, task, token);
        on.connect("a", 2, 1, Map.of(task, token));

        assertThat(early)
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.UNAVAILABLE));
        assertThat(on.broker.complete("a", 2, task, token)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void shouldCountTheLeaseFromTheLastHeartbeat() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        long token = on.assigned().token();
        on.pass(Duration.ofSeconds(20));
        on.broker.renew("a", 1, Map.of(task, token), on.now);

        on.pass(BrokerFixture.LEASE.minusMillis(1));
        assertThat(on.effects).isEmpty();
        on.pass(Duration.ofMillis(1));

        assertThat(on.effects).anyMatch(Effect.Requeue.class::isInstance);
    }

    @Test
    void shouldLeaveASuspendedAgentItsTaskOnlyAsLongAsTheLease() {
        on.connect("a", 1, 1);
        on.submit();
        on.suspend("a", 1);
        on.connect("b", 2, 1);

        on.pass(BrokerFixture.LEASE);

        assertThat(on.assigned().agent()).isEqualTo("b");
        assertThat(on.assigned().attempt()).isEqualTo(2);
    }

    @Test
    void shouldClaimOnlyWhatTheAgentNamesOfSeveralOrphans() {
        UUID kept = orphan(1, 7, "a");
        UUID lost = orphan(1, 8, "a");
        UUID others = orphan(1, 9, "b");

        on.connect("a", 1, 3, Map.of(kept, 7L));

        assertThat(on.effects)
                .filteredOn(Effect.Requeue.class::isInstance)
                .extracting(Effect::task)
                .containsExactly(lost);
        assertThat(on.broker.view().holds("a", 1, kept, 7)).isTrue();
        assertThat(on.broker.view().standing(others, on.now).orElseThrow().agent())
                .isEqualTo("b");
        assertThat(on.broker.view().count(State.ORPHANED)).isEqualTo(1);
    }

    @Test
    void shouldNotLetAnAgentClaimWhatAnotherHad() {
        UUID task = orphan(1, 7, "a");

        on.connect("b", 1, 1, Map.of(task, 7L));

        assertThat(on.effects).singleElement().isInstanceOf(Effect.Withdraw.class);
        assertThat(on.broker.view().count(State.ORPHANED)).isEqualTo(1);
    }

    @Test
    void shouldNotLetAnAgentClaimAnOrphanWithAnOldToken() {
        UUID task = orphan(1, 7, "a");

        on.connect("a", 1, 1, Map.of(task, 6L));

        assertThat(on.effects).filteredOn(Effect.Withdraw.class::isInstance).hasSize(1);
        assertThat(on.assigned().token()).isGreaterThan(7);
        assertThat(on.assigned().attempt()).isEqualTo(2);
    }

    @Test
    void shouldGiveAClaimedOrphanAWholeLease() {
        UUID task = orphan(1, 7, "a");
        on.pass(BrokerFixture.GRACE.minusSeconds(1));
        on.connect("a", 1, 1, Map.of(task, 7L));

        on.pass(BrokerFixture.LEASE.minusSeconds(1));
        assertThat(on.effects).isEmpty();
        on.pass(Duration.ofSeconds(1));

        assertThat(on.assigned().attempt()).isEqualTo(2);
    }

    @Test
    void shouldBuryAnOrphanOfItsLastAttemptWhenTheGraceIsOver() {
        orphan(3, 7, "a");

        on.pass(BrokerFixture.GRACE);

        assertThat(on.effects).singleElement().isInstanceOfSatisfying(Effect.Bury.class, bury -> {
            assertThat(bury.code()).isEqualTo(Code.ATTEMPTS_EXHAUSTED);
            assertThat(bury.reason()).isEqualTo("attempt 3 of 3: agent a did not come back");
        });
        assertThat(on.broker.view().timers()).isZero();
    }

    /** It has less room than before: what it did not claim must not come back to it on top. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotGiveAnAgentMoreThanItsSlotsWhenItComesBackWithFewer(boolean restarted) {
        UUID kept;
        long token = 7;
        if (restarted) {
            kept = orphan(1, token, "a");
            orphan(1, 8, "a");
        } else {
            on.connect("a", 1, 2);
            kept = on.submit();
            token = on.assigned().token();
            on.submit();
        }

        on.connect("a", 2, 1, Map.of(kept, token));

        assertThat(on.effects).singleElement().isInstanceOf(Effect.Requeue.class);
        assertThat(on.broker.view().freeSlots()).isZero();
        assertThat(on.broker.view().count(State.WAITING)).isEqualTo(1);
    }

    @Test
    void shouldLetAnAgentKeepMoreThanItsNewSlotsAndGiveItNothingUntilItHasRoom() {
        on.connect("a", 1, 2);
        UUID first = on.submit();
        long firstToken = on.assigned().token();
        UUID second = on.submit();
        long secondToken = on.assigned().token();
        on.submit();

        on.connect("a", 2, 1, Map.of(first, firstToken, second, secondToken));
        assertThat(on.effects).isEmpty();
        on.settle(first, on.broker.complete("a", 2, first, firstToken));
        assertThat(on.effects).isEmpty();
        on.settle(second, on.broker.complete("a", 2, second, secondToken));

        assertThat(on.effects).singleElement().isInstanceOf(Effect.Assign.class);
    }

    @Test
    void shouldGiveAnAgentThatComesBackTheOldestThatWaitsNotWhatItLost() {
        UUID waiting = on.submit(9, Optional.empty());
        UUID lost = orphan(1, 7, "a");

        on.connect("a", 1, 1);

        assertThat(on.assigned().task()).isEqualTo(waiting);
        assertThat(on.broker.view().standing(lost, on.now).orElseThrow().code()).isEqualTo(Code.ALL_BUSY);
    }

    @Test
    void shouldLetTheStoreDecideOverATaskThatSettlesWhileItsAgentComesBackWithout() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        Settlement succeeded =
                on.accepted(on.broker.complete("a", 1, task, on.assigned().token()));

        on.connect("a", 2, 1);
        assertThat(on.effects).isEmpty();
        on.effects = on.broker.settled(task, succeeded, on.now);

        assertThat(on.effects).isEmpty();
        assertThat(on.broker.view().open()).isZero();
        assertThat(on.broker.view().freeSlots()).isEqualTo(1);
    }

    @Test
    void shouldLetAnAgentThatComesBackEndATaskAgainWhoseEndCouldNotBeStored() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        long token = on.assigned().token();
        on.accepted(on.broker.complete("a", 1, task, token));

        on.connect("a", 2, 1, Map.of(task, token));
        assertThat(on.broker.settleFailed(task, on.now)).isEmpty();

        assertThat(on.broker.complete("a", 2, task, token)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void shouldGiveWhatAnAgentLeavesToWhoIsFree() {
        on.connect("a", 1, 2);
        on.submit();
        on.submit();
        on.connect("b", 2, 1);

        on.effects = on.broker.gone("a", 1, on.now);

        assertThat(on.assigned().agent()).isEqualTo("b");
        assertThat(on.effects).filteredOn(Effect.Requeue.class::isInstance).hasSize(2);
    }

    @Test
    void shouldNotWaitBeforeATaskThatWasLostIsGivenAgain() {
        on.connect("a", 1, 1);
        on.submit();

        on.effects = on.broker.gone("a", 1, on.now);

        assertThat(on.effects).singleElement().isInstanceOfSatisfying(Effect.Requeue.class, requeue -> {
            assertThat(requeue.notBefore()).isEqualTo(on.now);
            assertThat(requeue.attempt()).isEqualTo(1);
            assertThat(requeue.code()).isEqualTo(Code.AGENT_LOST);
        });
    }

    @Test
    void shouldLoseWhatItDidNotNameTwiceThoughItCouldNotBeLostTheFirstTime() {
        TaskSpec spec = on.spec(5, Optional.empty());
        on.broker.loadAssigned(spec, 1, 77, "a", on.now);
        on.accepted(on.broker.cancel(spec.id(), "me"));
        on.connect("a", 1, 1);
        on.broker.settleFailed(spec.id(), on.now);

        on.connect("a", 2, 1);

        assertThat(on.effects).filteredOn(Effect.Requeue.class::isInstance).hasSize(1);
    }
}
