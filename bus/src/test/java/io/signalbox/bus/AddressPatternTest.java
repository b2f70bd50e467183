package io.signalbox.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of MQTT 5, section 4.7, and then some. */
class AddressPatternTest {
    @ParameterizedTest
    @CsvSource({
        "sport/tennis/player1/#, sport/tennis/player1, true",
        "sport/tennis/player1/#, sport/tennis/player1/ranking, true",
        "sport/tennis/player1/#, sport/tennis/player1/score/wimbledon, true",
        "sport/#, sport, true",
        "sport/#, sports, false",
        "#, a/b/c, true",
        "sport/tennis/+, sport/tennis/player1, true",
        "sport/tennis/+, sport/tennis/player1/ranking, false",
        "sport/+, sport, false",
        "sport/+, sport/, true",
        "+/+, /finance, true",
        "/+, /finance, true",
        "+, /finance, false",
        "+/tennis/#, sport/tennis, true",
        "#, $sys/agents, false",
        "+/agents, $sys/agents, false",
        "$sys/#, $sys/agents, true",
        "$sys/+, $sys/agents, true",
        "a/$b, a/$b, true",
        "a/+, a/$b, true",
        "agent/a, agent/a, true",
        "agent/a, agent/A, false",
        "a//b, a//b, true",
        "a/+/b, a//b, true"
    })
    void shouldMatchAsMqttDoes(String pattern, String address, boolean matches) {
        assertThat(new AddressPattern(pattern).matches(address)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a#", "a/#/b", "#/a", "a+", "a/+b/c", "a/b#", "a\0b"})
    void shouldRefuseWhatIsNoPattern(String text) {
        assertThatThrownBy(() -> new AddressPattern(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AddressPattern.parse(text))
                .isInstanceOfSatisfying(
                        CodecException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ADDRESS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/+", "#", "a+b", "a\0b"})
    void shouldRefuseWhatIsNoAddress(String text) {
        assertThatThrownBy(() -> AddressPattern.checkAddress(text))
                .isInstanceOfSatisfying(
                        CodecException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ADDRESS));
    }

    @Test
    void shouldCountBytesAndLevels() {
        String longest = "x".repeat(AddressPattern.MAX_BYTES);
        String deepest = "a" + "/a".repeat(AddressPattern.MAX_LEVELS - 1);

        assertThatCode(() -> AddressPattern.checkAddress(longest)).doesNotThrowAnyException();
        assertThatCode(() -> AddressPattern.checkAddress(deepest)).doesNotThrowAnyException();
        assertThatThrownBy(() -> AddressPattern.checkAddress(longest + "x")).hasMessageContaining("1024 bytes");
        assertThatThrownBy(() -> AddressPattern.checkAddress("\u00e4".repeat(513)))
                .hasMessageContaining("1024 bytes");
        assertThatThrownBy(() -> AddressPattern.checkAddress(deepest + "/a")).hasMessageContaining("32 levels");
    }
}
