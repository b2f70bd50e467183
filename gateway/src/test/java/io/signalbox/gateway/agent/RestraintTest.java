package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AgentStanding;
import io.signalbox.codecs.internal.Standing;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestraintTest {
    private static final long SECOND = 1_000_000;

    private long now = 1_900_000_000 * SECOND;

    private static AgentStanding standing(Standing standing, int rate) {
        return AgentStanding.newBuilder()
                .setStanding(standing)
                .setMessagesPerSecond(rate)
                .build();
    }

    private static Restraint restraint(Standing standing, int rate) {
        return Restraint.of(standing(standing, rate)).orElseThrow();
    }

    private ServiceException refusal(Restraint restraint) {
        try {
            restraint.check(false, now);
        } catch (ServiceException e) {
            return e;
        }
        throw new AssertionError("it may be sent");
    }

    private void assertSends(Restraint restraint, int messages) {
        for (int i = 0; i < messages; i++) {
            restraint.check(false, now);
        }
        assertThat(refusal(restraint).code()).isEqualTo(Code.RATE_LIMITED);
    }

    @Test
    void shouldNotRestrainWhoMaySend() {
        for (Standing standing :
                new Standing[] {Standing.STANDING_ACTIVE, Standing.STANDING_PAUSED, Standing.STANDING_DRAINING}) {
            assertThat(Restraint.of(standing(standing, 0))).isEmpty();
        }
    }

    @Test
    void shouldLetAQuarantinedAgentReplyAndNoMore() {
        Restraint restraint = restraint(Standing.STANDING_QUARANTINED, 0);

        assertThat(refusal(restraint).code()).isEqualTo(Code.QUARANTINED);
        assertThatCode(() -> restraint.check(true, now)).doesNotThrowAnyException();
    }

    @Test
    void shouldLetASecondsWorthGoAtOnceAndThenAsManyAsBecomeDue() {
        Restraint restraint = restraint(Standing.STANDING_ACTIVE, 10);

        assertSends(restraint, 10);
        assertThat(refusal(restraint).retryAfter()).isBetween(Duration.ofMillis(100), Duration.ofMillis(101));
        now += SECOND / 10;
        assertSends(restraint, 1);
        now += SECOND / 2;
        assertSends(restraint, 5);
        now += 100 * SECOND;
        assertSends(restraint, 10);
    }

    @Test
    void shouldCountRepliesAgainstTheRate() {
        Restraint restraint = restraint(Standing.STANDING_QUARANTINED, 1);
        restraint.check(true, now);

        assertThatThrownBy(() -> restraint.check(true, now)).isInstanceOf(ServiceException.class);
    }
}
