package io.signalbox.bus.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundQueuesTest {
    private static final Consumer<Outgoing> UNHEARD = item -> {};

    private final OutboundQueues queues = new OutboundQueues(
            new OutboundLimits(1_000_000, Duration.ofSeconds(10)), new OutboundMetrics(new SimpleMeterRegistry()));

    private static Outgoing control(int kind) {
        return new Outgoing.OutgoingControl(1, 0, kind, new byte[0]);
    }

    @Test
    void shouldGiveEachConnectionAQueueOfItsOwn() {
        Set<OutboundQueue> taken = new HashSet<>();

        for (int i = 0; i < 5_000; i++) {
            taken.add(queues.get(queues.take()));
        }

        assertThat(taken).hasSize(5_000);
    }

    /** Of 3,000 given back more than are kept spare. */
    @ParameterizedTest
    @ValueSource(ints = {1, 40, 3_000})
    void shouldGiveOutAgainOnlyWhatWasGivenBack(int count) {
        int held = queues.take();
        OutboundQueue heldQueue = queues.get(held);
        int[] slots = new int[count];
        for (int i = 0; i < count; i++) {
            slots[i] = queues.take();
        }
        for (int slot : slots) {
            queues.giveBack(slot);
        }

        Set<OutboundQueue> again = new HashSet<>();
        for (int i = 0; i < count; i++) {
            again.add(queues.get(queues.take()));
        }

        assertThat(again).hasSize(count).doesNotContain(heldQueue);
        assertThat(queues.get(held)).isSameAs(heldQueue);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 65, 500})
    void shouldGiveOutEmptyQueuesWhateverWasLeftInThem(int left) {
        int slot = queues.take();
        for (int i = 0; i < left; i++) {
            queues.get(slot).add(control(4), UNHEARD);
        }
        queues.giveBack(slot);

        OutboundQueue next = queues.get(queues.take());

        assertThat(next.isEmpty()).isTrue();
        assertThat(next.bytes()).isZero();
        assertThat(next.poll()).isEmpty();
        Outgoing item = control(5);
        next.add(item, UNHEARD);
        assertThat(next.poll()).containsSame(item);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 65})
    void shouldNotKeepTheLongArrayOfAQueueThatGrew(int grown) {
        int slot = queues.take();
        OutboundQueue queue = queues.get(slot);
        for (int i = 0; i < grown; i++) {
            queue.add(control(4), UNHEARD);
        }
        for (int i = 0; i < grown; i++) {
            queue.poll();
        }
        queues.giveBack(slot);

        assertThat(queues.get(queues.take()) == queue).isEqualTo(grown == 64);
    }
}
