package io.signalbox.bus.retained;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.AddressPattern;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetainedAddressesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"agent/a", "agent", "agent/+", "skill/x", "task/#", "node/1", "lock/l", "$sys/agents", "$x"})
    void shouldRetainNothingAtMailboxesAndWhereNodesSpeak(String text) {
        assertThat(RetainedAddresses.mayBeRetained(text)).isFalse();
        assertThat(RetainedAddresses.mayMatch(new AddressPattern(text))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"news", "agents/a", "/agent", "news/agent/a", "+/a", "#", "+"})
    void shouldAskForWhateverMayBeRetained(String text) {
        assertThat(RetainedAddresses.mayMatch(new AddressPattern(text))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "news/#, news/, news",
        "a/b/#, a/b/, a/b",
        "/#, /, ''",
        "#, '',",
        "+, '',",
        "+/b, '',",
        "a/+/c, a/,",
        "a/+/#, a/,",
        "a/b, a/b,"
    })
    void shouldKnowWhatMatchingAddressesBeginWith(String text, String prefix, String parent) {
        AddressPattern pattern = new AddressPattern(text);

        assertThat(RetainedAddresses.literalPrefix(pattern)).isEqualTo(prefix);
        assertThat(RetainedAddresses.parent(pattern)).isEqualTo(Optional.ofNullable(parent));
    }
}
