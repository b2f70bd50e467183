package io.signalbox.bus.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.simulation.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Publishers, an agent and its readers, with lost live copies, answers and acknowledgements, crashes, outages
 * and replicas that take over by chance:
 * see {@link SimulatedMailbox} for what is held against each step.
 */
class MailboxSimulationTest {
    private static final int SEEDS = 10_000;

    @Test
    @Timeout(600)
    void shouldHandOutAllThatIsAcknowledgedWhateverHappens() {
        long[] seen = new long[5];

        Seeds.forEach(SEEDS, seed -> {
            SimulatedMailbox world = new SimulatedMailbox(seed);
            world.run();
            seen[0] += world.appended();
            seen[1] += world.repeated();
            seen[2] += world.died();
            seen[3] += world.liveHandings();
            seen[4] += world.takeovers();
        });

        assertThat(seen).as("it means something only when all of it happens").doesNotContain(0);
    }
}
