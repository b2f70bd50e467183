package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.allocation.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OpenTaskTest {
    private static final Instant DEADLINE = NOW.plusSeconds(60);

    private static OpenTask held(State state) {
        OpenTask task = new OpenTask(Samples.due(1, DEADLINE), 0, 1);
        task.state = state;
        task.agent = "a";
        task.generation = 5;
        task.token = 7;
        return task;
    }

    @ParameterizedTest
    @CsvSource({
        "ASSIGNED, a, 5, 7, ''",
        "ASSIGNED, a, 5, 6, TOKEN_SUPERSEDED",
        "ASSIGNED, a, 5, 8, TOKEN_SUPERSEDED",
        "ASSIGNED, b, 5, 7, STALE_GENERATION",
        "ASSIGNED, a, 4, 7, STALE_GENERATION",
        "ASSIGNED, a, 6, 7, UNAVAILABLE",
        "WAITING,  a, 5, 7, TOKEN_SUPERSEDED",
        "DELAYED,  a, 5, 7, TOKEN_SUPERSEDED",
        "ORPHANED, a, 5, 7, UNAVAILABLE",
        "ORPHANED, a, 5, 6, TOKEN_SUPERSEDED",
        "SETTLING, a, 5, 7, UNAVAILABLE",
        "SETTLING, a, 5, 6, UNAVAILABLE"
    })
    void shouldBeEndedOnlyByItsAgentAsAttachedNowWithTheLastToken(
            State state, String agent, long generation, long token, String code) {
        Optional<Verdict.Refused> refused = held(state).refuses(agent, generation, token);

        assertThat(refused.map(verdict -> verdict.code().name()).orElse("")).isEqualTo(code);
        refused.ifPresent(verdict -> assertThat(verdict.reason()).isNotBlank());
    }

    @ParameterizedTest
    @CsvSource({
        "ASSIGNED, WAITING,  7, true",
        "ASSIGNED, WAITING,  6, false",
        "ORPHANED, WAITING,  7, true",
        "WAITING,  WAITING,  7, false",
        "DELAYED,  WAITING,  7, false",
        "SETTLING, ASSIGNED, 7, true",
        "SETTLING, ASSIGNED, 8, false",
        "SETTLING, ORPHANED, 7, false",
        "SETTLING, WAITING,  7, false"
    })
    void shouldBeHeldByTheLastTokenWhileAnAgentHasIt(State state, State before, long token, boolean held) {
        OpenTask task = held(state);
        task.before = before;

        assertThat(task.isHeld(token)).isEqualTo(held);
    }

    @ParameterizedTest
    @CsvSource({
        "ASSIGNED, 10, 10",
        "ORPHANED, 10, 10",
        "DELAYED,  10, 20",
        "WAITING,  10, 30",
        "ASSIGNED, 90, 60",
        "SETTLING, 10, -1"
    })
    void shouldBeDueAtTheFirstOfTheTimesThatItsStateHas(State state, long lease, long due) {
        OpenTask task = held(state);
        task.leaseUntil = NOW.plusSeconds(lease);
        task.notBefore = NOW.plusSeconds(20);
        task.declinedBy.put("b", NOW.plusSeconds(40));
        task.declinedBy.put("c", NOW.plusSeconds(30));

        assertThat(task.nextDue()).isEqualTo(due < 0 ? Optional.empty() : Optional.of(NOW.plusSeconds(due)));
    }

    @Test
    void shouldBeOverdueFromTheDeadlineOn() {
        assertThat(held(State.WAITING).isOverdue(DEADLINE.minusNanos(1))).isFalse();
        assertThat(held(State.WAITING).isOverdue(DEADLINE)).isTrue();
        assertThat(Samples.task(1).isOverdue(Instant.MAX)).isFalse();
    }

    @Test
    void shouldBeNobodysOnceReleasedButRememberItsToken() {
        OpenTask task = held(State.ASSIGNED);
        task.attempt = 2;

        task.release();

        assertThat(task.agent).isEmpty();
        assertThat(task.generation).isZero();
        assertThat(task.leaseUntil).isEqualTo(Instant.MAX);
        assertThat(task.token).isEqualTo(7);
        assertThat(task.attempt).isEqualTo(2);
    }

    @Test
    void shouldKnowItsLastAttempt() {
        OpenTask task = held(State.ASSIGNED);
        task.attempt = 2;
        assertThat(task.wasLastAttempt()).isFalse();

        task.attempt = 3;

        assertThat(task.wasLastAttempt()).isTrue();
        assertThat(task.lastAttempt("no luck")).isEqualTo("attempt 3 of 3: no luck");
    }

    @Test
    void shouldSayOfAnOrphanThatItsAgentHasToComeBackFirst() {
        Verdict.Refused refused = held(State.ORPHANED).refuses("a", 9, 7).orElseThrow();

        assertThat(refused.code()).isEqualTo(Code.UNAVAILABLE);
        assertThat(refused.reason()).contains("not attached again");
    }
}
