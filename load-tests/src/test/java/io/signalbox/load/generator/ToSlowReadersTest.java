package io.signalbox.load.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.load.generator.Order.Traffic;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToSlowReadersTest {
    private static final int DRAWS = 50_000;

    private static Layout layout(int nodes, int agents, int perConnection, int slowEvery) {
        return new Layout(
                Layouts.layout(nodes, agents, perConnection).nodes(), agents, perConnection, false, slowEvery);
    }

    private static boolean isSlow(Layout layout, int agent) {
        return layout.isSlow(layout.connectionOf(agent));
    }

    @ParameterizedTest
    @CsvSource({"1,1000,1,100,10", "2,1000,1,100,10", "3,1000,10,10,12", "2,500,1,2,250", "1,500,1,0,0"})
    void shouldMakeAlikeManySlowReadersOnEachNode(int nodes, int agents, int perConnection, int every, int expected) {
        Layout layout = layout(nodes, agents, perConnection, every);

        assertThat(layout.slowConnections()).isEqualTo(expected);
        for (int i = 0; i < nodes; i++) {
            int node = i;
            assertThat(IntStream.range(0, layout.connections())
                            .filter(connection -> connection % nodes == node)
                            .filter(layout::isSlow))
                    .hasSize(expected / nodes);
        }
    }

    @Test
    void shouldTellAllProcessesTheSameSlowReaders() throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper();
        Order.Connect order = Layouts.order(layout(2, 100, 1, 7));

        Order there = json.readValue(json.writerFor(Order.class).writeValueAsString(order), Order.class);

        assertThat(there).isEqualTo(order);
    }

    @ParameterizedTest
    @CsvSource({"1,60,1", "2,60,1", "3,600,5"})
    void shouldSendAFifthToSlowReadersAndNothingFromThem(int nodes, int agents, int perConnection) {
        Layout layout = layout(nodes, agents, perConnection, 4);
        int first = layout.connections() / 3;
        int connections = layout.connections() / 2;
        Set<Integer> receivers = new TreeSet<>();
        int slow = 0;

        Choice choice =
                Choice.of(Traffic.SLOW_READERS, Layouts.order(layout, first, connections), new SplittableRandom(5));
        for (int i = 0; i < DRAWS; i++) {
            choice.next();
            int from = layout.connectionOf(choice.from());
            assertThat(from).isBetween(first, first + connections - 1).matches(each -> !layout.isSlow(each));
            assertThat(choice.to()).isNotEqualTo(choice.from());
            assertThat(layout.nodeOf(layout.connectionOf(choice.to()))).isEqualTo(layout.nodeOf(from));
            receivers.add(choice.to());
            slow += isSlow(layout, choice.to()) ? 1 : 0;
        }

        assertThat(receivers).as("all agents, of this process or not").hasSize(agents);
        assertThat((double) slow / DRAWS).isBetween(0.19, 0.21);
    }

    @Test
    void shouldWantSlowReadersAndOthers() {
        Order.Connect nobodySlow = Layouts.order(layout(1, 10, 1, 0));
        Order.Connect allSlow = Layouts.order(layout(1, 10, 1, 1));

        for (Order.Connect order : Set.of(nobodySlow, allSlow)) {
            assertThatThrownBy(() -> Choice.of(Traffic.SLOW_READERS, order, new SplittableRandom(1)))
                    .hasMessageContaining("too few agents");
        }
    }
}
