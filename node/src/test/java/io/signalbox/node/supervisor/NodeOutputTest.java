package io.signalbox.node.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NodeOutputTest {
    private final List<String> log = new ArrayList<>();
    private final NodeOutput output = new NodeOutput("n1 | ", log::add);

    @Test
    void shouldPutTheNodesNameBeforeEachLine() {
        assertThat(output.take("one")).isFalse();
        assertThat(output.take("")).isFalse();

        assertThat(log).containsExactly("n1 | one", "n1 | ");
    }

    @Test
    void shouldHearThatTheNodeIsReadyAndKeepThatToItself() {
        assertThat(output.take(Supervisor.READY_LINE)).isTrue();
        assertThat(output.take(Supervisor.READY_LINE + "!")).isFalse();

        assertThat(log).containsExactly("n1 | " + Supervisor.READY_LINE + "!");
    }

    @Test
    void shouldRememberTheLastTwentyLines() {
        IntStream.rangeClosed(1, 30).mapToObj(Integer::toString).forEach(output::take);

        assertThat(output.ending())
                .isEqualTo(IntStream.rangeClosed(11, 30)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining("\n")));
    }
}
