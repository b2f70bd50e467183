package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WaitingRoomTest {
    private record Timed(Duration delay, Runnable task) {}

    private final Deque<Timed> timers = new ArrayDeque<>();
    private final List<Integer> in = new ArrayList<>();

    /** Near the end of what a long holds: nanoseconds of a JVM may overflow. */
    private long nanos = Long.MAX_VALUE - 1_000_000;

    private final WaitingRoom room = new WaitingRoom(() -> nanos, (delay, task) -> timers.add(new Timed(delay, task)));

    private void enter(long turn, int client) {
        room.enter(turn, () -> in.add(client));
    }

    private long turnInMillis(long millis) {
        return room.turnAfter(Duration.ofMillis(millis));
    }

    private void pass(long millis) {
        nanos += Duration.ofMillis(millis).toNanos();
        timers.remove().task().run();
    }

    @Test
    void shouldLetInByTurnWhateverTheOrderOfTheHellos() {
        enter(turnInMillis(30), 3);
        enter(turnInMillis(10), 1);
        enter(turnInMillis(40), 4);
        enter(turnInMillis(20), 2);

        pass(30);
        assertThat(in).containsExactly(1, 2, 3);
        pass(10);
        assertThat(in).containsExactly(1, 2, 3, 4);
    }

    @Test
    void shouldLetNobodyInBeforeItsTurn() {
        long turn = turnInMillis(10);
        enter(turn, 1);
        nanos = turn - 1;

        pass(0);

        assertThat(in).isEmpty();
        assertThat(room.hasCome(turn)).isFalse();
        nanos++;
        assertThat(room.hasCome(turn)).isTrue();
    }

    @Test
    void shouldHaveOneTimerForAllAndNoneForNobody() {
        enter(turnInMillis(10), 1);
        enter(turnInMillis(5), 2);
        assertThat(timers).extracting(Timed::delay).containsExactly(WaitingRoom.STEP);

        pass(5);
        assertThat(timers).extracting(Timed::delay).containsExactly(WaitingRoom.STEP);

        pass(5);
        assertThat(timers).isEmpty();
        enter(turnInMillis(1), 3);
        assertThat(timers).hasSize(1);
    }

    @Test
    void shouldDoOtherThingsBetweenWhenManyAreLate() {
        int clients = 2 * WaitingRoom.AT_ONCE + 1;
        IntStream.range(0, clients).forEach(client -> enter(turnInMillis(client), client));

        pass(1000);

        assertThat(in).hasSize(WaitingRoom.AT_ONCE);
        assertThat(timers).extracting(Timed::delay).containsExactly(Duration.ZERO);
        pass(0);
        pass(0);
        assertThat(in).hasSize(clients).isSorted();
        assertThat(timers).isEmpty();
    }

    @Test
    void shouldLetInTheOthersWhenOneFails() {
        room.enter(turnInMillis(1), () -> {
            throw new IllegalStateException("of this client alone");
        });
        enter(turnInMillis(2), 2);

        assertThatThrownBy(() -> pass(5)).hasMessage("of this client alone");
        pass(0);

        assertThat(in).containsExactly(2);
    }
}
