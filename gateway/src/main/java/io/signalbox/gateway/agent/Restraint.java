package io.signalbox.gateway.agent;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AgentStanding;
import io.signalbox.codecs.internal.Standing;
import java.time.Duration;
import java.util.Optional;

/** What directives to the fleet allow an agent to send. Not thread-safe; knows no clock. */
final class Restraint {
    private static final long MILLION = 1_000_000;

    private final AgentStanding standing;
    private final long microsPerMessage;

    /** When what was sent would have been sent at an even rate; up to a second ahead of the time. */
    private long evenlySentMicros;

    private Restraint(AgentStanding standing) {
        this.standing = standing;
        this.microsPerMessage = standing.getMessagesPerSecond() == 0 ? 0 : MILLION / standing.getMessagesPerSecond();
    }

    /** Empty: it may send what it likes, as nearly all may. */
    static Optional<Restraint> of(AgentStanding standing) {
        boolean quarantined = standing.getStanding() == Standing.STANDING_QUARANTINED;
        return quarantined || standing.getMessagesPerSecond() > 0
                ? Optional.of(new Restraint(standing))
                : Optional.empty();
    }

    boolean isOf(AgentStanding other) {
        return standing.equals(other);
    }

    /**
     * Counts a message against the rate: that of one second may be sent at once.
     *
     * @param isReply the address was given to the agent to answer to
     * @throws ServiceException the message is not to be sent
     */
    void check(boolean isReply, long nowMicros) {
        if (standing.getStanding() == Standing.STANDING_QUARANTINED && !isReply) {
            throw new ServiceException(
                    Code.QUARANTINED, "directive " + standing.getDirective() + " quarantines this agent");
        }
        long early = evenlySentMicros + microsPerMessage - nowMicros - MILLION;
        if (microsPerMessage > 0 && early > 0) {
            throw new ServiceException(
                    Code.RATE_LIMITED,
                    "this agent may send " + standing.getMessagesPerSecond() + " messages a second",
                    Duration.ofMillis(early / 1000 + 1));
        }
        evenlySentMicros = Math.max(evenlySentMicros, nowMicros) + microsPerMessage;
    }
}
