package io.signalbox.load.generator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayoutTest {
    @ParameterizedTest
    @CsvSource({"1,1,1", "1,10,3", "3,10,1", "3,10,3", "2,8000,1000", "4,7,2", "5,3,1", "3,19000,1"})
    void shouldGiveEachAgentOneConnection(int nodes, int agents, int perConnection) {
        Layout layout = Layouts.layout(nodes, agents, perConnection);

        int next = 0;
        for (int connection = 0; connection < layout.connections(); connection++) {
            assertThat(layout.firstAgent(connection)).isEqualTo(next);
            assertThat(layout.agentsOf(connection)).isBetween(1, perConnection);
            for (int i = 0; i < layout.agentsOf(connection); i++) {
                assertThat(layout.connectionOf(next++)).isEqualTo(connection);
            }
        }
        assertThat(next).isEqualTo(agents);
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "1,10,3", "3,10,1", "3,10,3", "4,7,2", "5,3,1", "3,19,1", "3,18,1", "3,20,1"})
    void shouldKnowAllConnectionsOfANode(int nodes, int agents, int perConnection) {
        Layout layout = Layouts.layout(nodes, agents, perConnection);

        for (int connection = 0; connection < layout.connections(); connection++) {
            Layout.Node node = layout.nodeOf(connection);
            int[] beside = IntStream.range(0, layout.connections())
                    .filter(each -> layout.nodeOf(each).equals(node))
                    .toArray();
            assertThat(layout.connectionsBeside(connection)).isEqualTo(beside.length);
            for (int n = 0; n < beside.length; n++) {
                assertThat(layout.beside(connection, n)).isEqualTo(beside[n]);
            }
        }
    }

    @Test
    void shouldSpreadConnectionsEvenlyOverTheNodes() {
        Layout layout = Layouts.layout(3, 20, 2);

        assertThat(IntStream.range(0, 10).mapToObj(i -> layout.nodeOf(i).port()))
                .containsExactly(0, 1, 2, 0, 1, 2, 0, 1, 2, 0);
    }

    @Test
    void shouldTravelAsJson() throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper();
        Order order = Layouts.order(Layouts.layout(3, 20, 2), 4, 5);

        String line = json.writerFor(Order.class).writeValueAsString(order);

        assertThat(json.readValue(line, Order.class)).isEqualTo(order);
        assertThat(line).doesNotContain("\n");
    }
}
