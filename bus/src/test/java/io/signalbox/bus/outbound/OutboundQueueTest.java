package io.signalbox.bus.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutboundQueueTest {
    private final List<Outgoing> dropped = new ArrayList<>();

    private OutboundQueue queue(long maxBytes) {
        return new OutboundQueue(maxBytes);
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
        queue.add(message(0, "bulk"), dropped::add);
        queue.add(message(5, "normal"), dropped::add);
        queue.add(message(9, "urgent"), dropped::add);
        queue.add(control(1), dropped::add);

        assertThat(drain(queue)).containsExactly("control", "urgent", "normal", "bulk");
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void shouldLetBulkThroughWhileUrgentKeepsComing() {
        OutboundQueue queue = queue(1_000_000);
        queue.add(message(0, "bulk"), dropped::add);
        for (int i = 0; i < 100; i++) {
            queue.add(message(9, "urgent"), dropped::add);
        }

        assertThat(drain(queue).indexOf("bulk")).isBetween(1, 20);
    }

    @Test
    void shouldKeepTheOrderWithinALane() {
        OutboundQueue queue = queue(1_000_000);
        for (int i = 0; i < 50; i++) {
            queue.add(message(i % 2 == 0 ? 8 : 1, Integer.toString(i)), dropped::add);
        }

        List<Integer> served = drain(queue).stream().map(Integer::parseInt).toList();

        assertThat(served.stream().filter(i -> i % 2 == 0)).isSorted();
        assertThat(served.stream().filter(i -> i % 2 == 1)).isSorted();
    }

    @Test
    void shouldDropTheOldestOfTheLowestLaneAtItsBound() {
        Outgoing first = message(1, "old");
        OutboundQueue queue = queue(first.size() * 3L);
        queue.add(first, dropped::add);
        queue.add(message(1, "new"), dropped::add);
        queue.add(message(9, "top"), dropped::add);

        queue.add(message(5, "mid"), dropped::add);
        queue.add(message(9, "two"), dropped::add);

        assertThat(dropped.stream().map(OutboundQueueTest::type)).containsExactly("old", "new");
        assertThat(drain(queue)).containsExactly("top", "two", "mid");
    }

    @Test
    void shouldNotDropForSomethingLower() {
        Outgoing urgent = message(9, "aaa");
        OutboundQueue queue = queue(urgent.size() * 2L);
        queue.add(urgent, dropped::add);
        queue.add(message(9, "bbb"), dropped::add);

        assertThat(queue.add(message(1, "low"), dropped::add)).isFalse();

        assertThat(dropped).isEmpty();
        assertThat(drain(queue)).containsExactly("aaa", "bbb");
    }

    @Test
    void shouldNeverDropControl() {
        OutboundQueue queue = queue(1_000);
        queue.add(control(400), dropped::add);
        queue.add(control(400), dropped::add);

        assertThat(queue.add(message(9, "urgent"), dropped::add)).isFalse();
        assertThat(queue.add(control(400), dropped::add)).isFalse();

        assertThat(dropped).isEmpty();
    }

    @Test
    void shouldTakeASingleItemAboveItsBoundWhenItIsEmpty() {
        OutboundQueue queue = queue(10);

        assertThat(queue.add(control(5_000), dropped::add)).isTrue();
        assertThat(drain(queue)).containsExactly("control");
    }

    @Test
    void shouldDropNothingForWhatFindsNoRoomAnyway() {
        Outgoing bulk = message(1, "low");
        OutboundQueue queue = queue(600);
        queue.add(control(400), dropped::add);
        queue.add(bulk, dropped::add);

        assertThat(queue.add(message(9, "x".repeat(100)), dropped::add)).isFalse();
        assertThat(queue.add(control(100), dropped::add)).isFalse();

        assertThat(dropped).isEmpty();
        assertThat(drain(queue)).containsExactly("control", "low");
    }

    @Test
    void shouldDropAllThatMayBeDroppedForOneItemAboveTheBound() {
        OutboundQueue queue = queue(1_000);
        queue.add(message(9, "urgent"), dropped::add);
        queue.add(message(1, "bulk"), dropped::add);

        assertThat(queue.add(control(5_000), dropped::add)).isTrue();

        assertThat(dropped.stream().map(OutboundQueueTest::type)).containsExactly("bulk", "urgent");
        assertThat(drain(queue)).containsExactly("control");
    }

    @Test
    void shouldServeEachLaneByItsWeightWhileAllWait() {
        OutboundQueue queue = queue(10_000_000);
        for (int i = 0; i < 2_100; i++) {
            queue.add(message(9, "urgent"), dropped::add);
            queue.add(message(5, "normal"), dropped::add);
            queue.add(message(1, "bulk"), dropped::add);
        }

        List<String> served = Stream.generate(queue::poll)
                .limit(2_100)
                .map(next -> type(next.orElseThrow()))
                .toList();

        assertThat(Collections.frequency(served, "urgent")).isEqualTo(1_600);
        assertThat(Collections.frequency(served, "normal")).isEqualTo(400);
        assertThat(Collections.frequency(served, "bulk")).isEqualTo(100);
    }

    @ParameterizedTest
    @CsvSource({"0, BULK", "3, BULK", "4, NORMAL", "6, NORMAL", "7, URGENT", "9, URGENT"})
    void shouldPutAPriorityIntoItsLane(int priority, Lane lane) {
        assertThat(message(priority, "").lane()).isEqualTo(lane);
    }

    /** What must hold, in the plainest form: lists that are searched. */
    private static final class Model {
        private static final int MAX_BYTES = 2_000;
        /** How many of other lanes may be served while one waits: the weights of the others. */
        private static final Map<Lane, Integer> PATIENCE = Map.of(Lane.URGENT, 5, Lane.NORMAL, 17, Lane.BULK, 20);

        final Map<Lane, List<Outgoing>> lanes = new EnumMap<>(Lane.class);
        final Map<Lane, Integer> waited = new EnumMap<>(Lane.class);

        Model() {
            for (Lane lane : Lane.values()) {
                lanes.put(lane, new ArrayList<>());
                waited.put(lane, 0);
            }
        }

        long bytes() {
            return lanes.values().stream()
                    .flatMap(List::stream)
                    .mapToLong(Outgoing::size)
                    .sum();
        }

        /** What may be dropped for an item, in the order of dropping. */
        private List<Outgoing> below(Lane lane) {
            return Stream.of(Lane.BULK, Lane.NORMAL, Lane.URGENT)
                    .filter(each -> each.compareTo(lane) >= 0)
                    .flatMap(each -> lanes.get(each).stream())
                    .toList();
        }

        /** What is dropped when it is taken; empty when it is refused. */
        Optional<List<Outgoing>> add(Outgoing item) {
            long left = bytes();
            List<Outgoing> gone = new ArrayList<>();
            for (Outgoing next : below(item.lane())) {
                if (left + item.size() <= MAX_BYTES) {
                    break;
                }
                gone.add(next);
                left -= next.size();
            }
            if (left > 0 && left + item.size() > MAX_BYTES) {
                return Optional.empty();
            }
            gone.forEach(each -> lanes.get(each.lane()).removeFirst());
            lanes.get(item.lane()).add(item);
            return Optional.of(gone);
        }

        void served(Outgoing item) {
            assertThat(item).isSameAs(lanes.get(item.lane()).removeFirst());
            if (item.lane() == Lane.CONTROL) {
                return;
            }
            assertThat(lanes.get(Lane.CONTROL)).isEmpty();
            waited.replaceAll(
                    (lane, turns) -> lane == item.lane() || lanes.get(lane).isEmpty() ? 0 : turns + 1);
            PATIENCE.forEach((lane, most) -> assertThat(waited.get(lane)).isLessThanOrEqualTo(most));
        }
    }

    private void step(Random random, OutboundQueue queue, Model model) {
        if (random.nextInt(5) < 2) {
            Optional<Outgoing> next = queue.poll();
            assertThat(next.isPresent()).isEqualTo(model.bytes() > 0);
            next.ifPresent(model::served);
            return;
        }
        // Some above the bound by themselves.
        int size = random.nextInt(100) == 0 ? 2_500 : random.nextInt(250);
        Outgoing item = random.nextInt(6) == 0 ? control(size) : message(random.nextInt(10), "x".repeat(size));
        dropped.clear();
        Optional<List<Outgoing>> expected = model.add(item);
        assertThat(queue.add(item, dropped::add)).isEqualTo(expected.isPresent());
        assertThat(dropped).isEqualTo(expected.orElse(List.of()));
    }

    @Test
    void shouldDoWhatItsModelDoes() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            OutboundQueue queue = queue(Model.MAX_BYTES);
            Model model = new Model();
            try {
                for (int step = 0; step < 300; step++) {
                    step(random, queue, model);
                    assertThat(queue.bytes()).isEqualTo(model.bytes());
                    assertThat(queue.isEmpty()).isEqualTo(model.bytes() == 0);
                }
                for (Optional<Outgoing> next = queue.poll(); next.isPresent(); next = queue.poll()) {
                    model.served(next.get());
                }
                assertThat(model.bytes()).isZero();
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }
}
