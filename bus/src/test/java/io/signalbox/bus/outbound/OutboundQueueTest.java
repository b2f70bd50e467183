package io.signalbox.bus.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutboundQueueTest {
    private final List<Outgoing> dropped = new ArrayList<>();

    private OutboundQueue queue(long maxBytes) {
        return new OutboundQueue(maxBytes, dropped::add);
    }

    private static Outgoing message(int priority, String type) {
        Message message =
                Message.newBuilder().setPriority(priority).setType(type).build();
        return new Outgoing.OutgoingMessage(1, EncodedMessage.of(message));
    }

    private static Outgoing control(int bytes) {
        return new Outgoing.OutgoingControl(1, 0, 1, new byte[bytes]);
    }

    private static String type(Outgoing item) {
        return switch (item) {
            case Outgoing.OutgoingMessage message -> message.message().decode().getType();
            case Outgoing.OutgoingControl ignored -> "control";
        };
    }

    private static List<String> drain(OutboundQueue queue) {
        List<String> types = new ArrayList<>();
        for (Optional<Outgoing> next = queue.poll(); next.isPresent(); next = queue.poll()) {
            types.add(type(next.get()));
        }
        return types;
    }

    @Test
    void shouldServeControlThenUrgentThenNormalThenBulk() {
        OutboundQueue queue = queue(10_000);
        queue.add(message(0, "bulk"));
        queue.add(message(5, "normal"));
        queue.add(message(9, "urgent"));
        queue.add(control(1));

        assertThat(drain(queue)).containsExactly("control", "urgent", "normal", "bulk");
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void shouldLetBulkThroughWhileUrgentKeepsComing() {
        OutboundQueue queue = queue(1_000_000);
        queue.add(message(0, "bulk"));
        for (int i = 0; i < 100; i++) {
            queue.add(message(9, "urgent"));
        }

        assertThat(drain(queue).indexOf("bulk")).isBetween(1, 20);
    }

    @Test
    void shouldKeepTheOrderWithinALane() {
        OutboundQueue queue = queue(1_000_000);
        for (int i = 0; i < 50; i++) {
            queue.add(message(i % 2 == 0 ? 8 : 1, Integer.toString(i)));
        }

        List<Integer> served = drain(queue).stream().map(Integer::parseInt).toList();

        assertThat(served.stream().filter(i -> i % 2 == 0)).isSorted();
        assertThat(served.stream().filter(i -> i % 2 == 1)).isSorted();
    }

    @Test
    void shouldDropTheOldestOfTheLowestLaneAtItsBound() {
        Outgoing first = message(1, "old");
        OutboundQueue queue = queue(first.size() * 3L);
        queue.add(first);
        queue.add(message(1, "new"));
        queue.add(message(9, "top"));

        queue.add(message(5, "mid"));
        queue.add(message(9, "two"));

        assertThat(dropped.stream().map(OutboundQueueTest::type)).containsExactly("old", "new");
        assertThat(drain(queue)).containsExactly("top", "two", "mid");
    }

    @Test
    void shouldNotDropForSomethingLower() {
        Outgoing urgent = message(9, "aaa");
        OutboundQueue queue = queue(urgent.size() * 2L);
        queue.add(urgent);
        queue.add(message(9, "bbb"));

        assertThat(queue.add(message(1, "low"))).isFalse();

        assertThat(dropped).isEmpty();
        assertThat(drain(queue)).containsExactly("aaa", "bbb");
    }

    @Test
    void shouldNeverDropControl() {
        OutboundQueue queue = queue(1_000);
        queue.add(control(400));
        queue.add(control(400));

        assertThat(queue.add(message(9, "urgent"))).isFalse();
        assertThat(queue.add(control(400))).isFalse();

        assertThat(dropped).isEmpty();
    }

    @Test
    void shouldTakeASingleItemAboveItsBoundWhenItIsEmpty() {
        OutboundQueue queue = queue(10);

        assertThat(queue.add(control(5_000))).isTrue();
        assertThat(drain(queue)).containsExactly("control");
    }

    @Test
    void shouldAccountForEveryItem() {
        for (long seed = 0; seed < 500; seed++) {
            dropped.clear();
            Random random = new Random(seed);
            OutboundQueue queue = queue(2_000);
            int added = 0;
            int served = 0;
            for (int step = 0; step < 300; step++) {
                if (random.nextInt(3) > 0) {
                    Outgoing item = random.nextInt(5) == 0
                            ? control(random.nextInt(300))
                            : message(random.nextInt(10), "x".repeat(random.nextInt(200)));
                    added += queue.add(item) ? 1 : 0;
                } else {
                    served += queue.poll().isPresent() ? 1 : 0;
                }
                assertThat(queue.bytes()).as("seed %d", seed).isBetween(0L, 2_000L);
            }
            served += drain(queue).size();
            assertThat(served + dropped.size()).as("seed %d", seed).isEqualTo(added);
            assertThat(queue.bytes()).as("seed %d", seed).isZero();
        }
    }
}
