package io.signalbox.bus.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.ClusterView.Node;
import io.signalbox.bus.redis.ClusterView.SlotRange;
import io.signalbox.bus.redis.SlotMap.Change;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotMapTest {
    private static final ServerAddress A = new ServerAddress("a", 1);
    private static final ServerAddress B = new ServerAddress("b", 1);

    private final SlotMap slots = new SlotMap();

    private List<Change> learn(ServerAddress owner, long epoch, int from, int to) {
        List<Change> changes =
                slots.compare(new ClusterView(List.of(new Node(owner, true, epoch, List.of(new SlotRange(from, to))))));
        changes.forEach(change -> slots.assign(change.slot(), change.owner()));
        return changes;
    }

    @Test
    void shouldKnowTheOwnersOfAllSlots() {
        learn(A, 1, 0, 9999);
        assertThat(slots.isComplete()).isFalse();
        assertThat(slots.owner(10_000)).isEmpty();

        learn(B, 2, 10_000, 16_383);

        assertThat(slots.isComplete()).isTrue();
        assertThat(slots.owner(9999)).contains(A);
        assertThat(slots.owner(10_000)).contains(B);
        assertThat(slots.owners()).containsExactlyInAnyOrder(A, B);
    }

    @Test
    void shouldTellOnlyWhatChanges() {
        learn(A, 1, 0, 100);

        assertThat(learn(A, 1, 0, 101)).containsExactly(new Change(101, A));
        assertThat(learn(B, 2, 99, 100)).containsExactly(new Change(99, B), new Change(100, B));
    }

    @Test
    void shouldNotBelieveANodeThatMissedAFailover() {
        learn(B, 7, 0, 100);

        assertThat(learn(A, 6, 0, 100)).isEmpty();

        assertThat(slots.owner(50)).contains(B);
        assertThat(learn(A, 8, 50, 50)).containsExactly(new Change(50, A));
    }

    @Test
    void shouldBelieveTheLaterOfTwoClaimsWithTheSameEpoch() {
        learn(A, 7, 0, 100);

        assertThat(learn(B, 7, 50, 50)).containsExactly(new Change(50, B));
    }
}
