package io.signalbox.node.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServerEventReaderTest {
    private final ServerEventReader reader = new ServerEventReader();

    @Test
    void shouldGiveAnEventWhenAnEmptyLineEndsIt() {
        assertThat(read("id: 7", "event: assigned", "data: {\"a\":1}", ""))
                .containsExactly(new ServerEvent("7", "assigned", "{\"a\":1}"));
    }

    @Test
    void shouldGiveNothingBeforeTheEmptyLine() {
        assertThat(read("id: 7", "event: assigned", "data: x")).isEmpty();
    }

    @Test
    void shouldJoinTheLinesOfData() {
        assertThat(read("data: one", "data:two", "data:  three", "data", ""))
                .containsExactly(new ServerEvent("", "message", "one\ntwo\n three\n"));
    }

    @Test
    void shouldPassOverCommentsUnknownFieldsAndEventsWithoutData() {
        assertThat(read(": ping", "", "event: assigned", "", "retry: 5", "colour: red", "data: x", ""))
                .containsExactly(new ServerEvent("", "message", "x"));
    }

    @Test
    void shouldKeepTheIdForEventsWithoutOne() {
        assertThat(read("id: 7", "data: x", "", "data: y", ""))
                .extracting(ServerEvent::id)
                .containsExactly("7", "7");
    }

    private List<ServerEvent> read(String... lines) {
        return List.of(lines).stream()
                .map(reader::line)
                .flatMap(Optional::stream)
                .toList();
    }
}
