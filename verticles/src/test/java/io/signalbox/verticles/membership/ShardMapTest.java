package io.signalbox.verticles.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.verticles.membership.ShardMap.Candidate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class ShardMapTest {
    private static final List<Shard> SHARDS =
            IntStream.range(0, 20_000).mapToObj(i -> new Shard("tasks", i)).toList();
    private static final List<Candidate> NODES =
            List.of(new Candidate("a", 22_500), new Candidate("b", 22_500), new Candidate("c", 7_500));

    private static Map<Shard, String> owners(List<Candidate> nodes) {
        ShardMap map = new ShardMap(nodes);
        return SHARDS.stream()
                .collect(Collectors.toMap(
                        Function.identity(), shard -> map.owner(shard).orElseThrow()));
    }

    @Test
    void shouldNameNobodyWhenThereIsNobody() {
        assertThat(new ShardMap(List.of()).owner(new Shard("tasks", 1))).isEmpty();
    }

    @Test
    void shouldShareOutByWeight() {
        Map<String, Long> counts = owners(NODES).values().stream()
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

        int all = NODES.stream().mapToInt(Candidate::weight).sum();
        NODES.forEach(node -> assertThat(counts.get(node.node()))
                .isCloseTo((long) SHARDS.size() * node.weight() / all, Percentage.withPercentage(5)));
    }

    @Test
    void shouldNotDependOnTheOrderOfNodes() {
        List<Candidate> reversed = new ArrayList<>(NODES);
        Collections.reverse(reversed);

        assertThat(owners(reversed)).isEqualTo(owners(NODES));
    }

    @Test
    void shouldMoveOnlyTheShardsOfTheNodeThatComesOrGoes() {
        Map<Shard, String> before = owners(NODES.subList(0, 2));

        owners(NODES).forEach((shard, owner) -> assertThat(owner).isIn(before.get(shard), "c"));
    }

    /** What nodes of different versions must agree on. */
    @Test
    void shouldStayAsItIs() {
        ShardMap map = new ShardMap(NODES);

        assertThat(IntStream.range(0, 16)
                        .mapToObj(i -> map.owner(new Shard("tasks", i)).orElseThrow())
                        .collect(Collectors.joining()))
                .isEqualTo("aabcaacbacbbaacc");
    }

    @Test
    void shouldPlaceKindsApart() {
        ShardMap map = new ShardMap(NODES);

        assertThat(SHARDS.stream().limit(100))
                .anyMatch(shard -> !map.owner(shard).equals(map.owner(new Shard("timers", shard.number()))));
    }
}
