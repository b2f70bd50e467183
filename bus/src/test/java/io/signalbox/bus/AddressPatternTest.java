package io.signalbox.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
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
        "a/+/b, a//b, true",
        "a/b, a/bc, false",
        "a/bc, a/b, false",
        "a/b/+, a/b, false",
        "a/+, a/b/, false",
        "/, /, true",
        "+/+, /, true",
        "/#, a, false",
        "/#, /, true",
        "a/+/#, a, false",
        "a/+/#, a/b, true",
        "+/b, $a/b, false",
        "/+, /$a, true",
        "#, $, false",
        "+, a$, true"
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
    void shouldMatchWhatARecursionOverItsLevelsMatches() {
        int matched = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            RandomAddresses addresses = new RandomAddresses(new Random(seed));
            AddressPattern pattern = addresses.pattern();
            String address = addresses.address();
            boolean expected = RandomAddresses.matches(pattern, address);
            assertThat(pattern.matches(address))
                    .as("seed %d: %s and %s", seed, pattern.text(), address)
                    .isEqualTo(expected);
            matched += expected ? 1 : 0;
        }
        assertThat(matched).as("both outcomes are common").isBetween(2_000, 18_000);
    }

    @ParameterizedTest
    @CsvSource({"a/b, false", "+, true", "a/+, true", "#, true", "a/#, true", "$sys/a, false", "/, false"})
    void shouldKnowWhetherItHasAWildcard(String text, boolean wildcard) {
        assertThat(new AddressPattern(text).hasWildcard()).isEqualTo(wildcard);
    }

    @Test
    void shouldKeepEmptyLevels() {
        assertThat(new AddressPattern("/a//+/").levels()).containsExactly("", "a", "", "+", "");
    }

    /** The rule as it is written down, whatever it costs. */
    private static boolean isAddress(String text) {
        return !text.isEmpty()
                && text.getBytes(StandardCharsets.UTF_8).length <= 1024
                && text.split("/", -1).length <= 32
                && text.chars().noneMatch(c -> c == 0 || c == '+' || c == '#');
    }

    private static boolean passes(String text) {
        try {
            AddressPattern.checkAddress(text);
            return true;
        } catch (CodecException e) {
            assertThat(e.code()).isEqualTo(Code.INVALID_ADDRESS);
            return false;
        }
    }

    /** Characters of one to four bytes, both halves of a surrogate pair alone, and what an address may not have. */
    private static String near(int bytes, Random random) {
        List<String> pieces =
                List.of("a", "~", "\u007f", "\u0080", "\u07ff", "\u0800", "\uffff", "\ud83d\ude00", "\ud83d", "\ude00");
        List<String> forbidden = List.of("+", "#", "\0", "a+", "#/");
        int kinds = 1 + random.nextInt(pieces.size());
        int slashes = 5 + random.nextInt(200);
        StringBuilder text = new StringBuilder();
        for (int size = 0; size < bytes; ) {
            String piece = pieces.get(random.nextInt(kinds));
            text.append(piece);
            size += piece.getBytes(StandardCharsets.UTF_8).length;
            if (random.nextInt(slashes) == 0) {
                text.append('/');
                size++;
            }
        }
        if (random.nextInt(5) == 0) {
            text.insert(random.nextInt(text.length() + 1), forbidden.get(random.nextInt(forbidden.size())));
        }
        return text.toString();
    }

    @Test
    void shouldTakeExactlyWhatTheRuleAllows() {
        int taken = 0;
        int count = 3_000;
        for (long seed = 0; seed < count; seed++) {
            Random random = new Random(seed);
            String text = near(random.nextInt(4) == 0 ? random.nextInt(600) : 1018 + random.nextInt(10), random);
            boolean expected = isAddress(text);
            assertThat(passes(text)).as("seed %d: '%s'", seed, text).isEqualTo(expected);
            taken += expected ? 1 : 0;
        }
        assertThat(taken).as("both outcomes are common").isBetween(count / 5, count * 4 / 5);
    }

    @ParameterizedTest
    @CsvSource({"a, 1024", "\u00e4, 512", "\u20ac, 341", "\ud83d\ude00, 256", "\ud83d, 1024"})
    void shouldCountTheBytesOfEveryKindOfCharacter(String character, int most) {
        String longest = character.repeat(most);

        assertThatCode(() -> AddressPattern.checkAddress(longest)).doesNotThrowAnyException();
        assertThatThrownBy(() -> AddressPattern.checkAddress(longest + character))
                .hasMessageContaining("1024 bytes");
    }

    @Test
    void shouldHoldPatternsToTheSameLimits() throws CodecException {
        String deepest = "+" + "/a".repeat(AddressPattern.MAX_LEVELS - 1);
        String longest = "x".repeat(AddressPattern.MAX_BYTES - 2) + "/#";

        assertThat(AddressPattern.parse(deepest).levels()).hasSize(32);
        assertThat(AddressPattern.parse(longest).text()).isEqualTo(longest);
        assertThatThrownBy(() -> AddressPattern.parse(deepest + "/#")).hasMessageContaining("32 levels");
        assertThatThrownBy(() -> AddressPattern.parse("x" + longest)).hasMessageContaining("1024 bytes");
    }

    @Test
    void shouldSayWhatIsWrongWithAnAddress() {
        String deepest = "a" + "/a".repeat(AddressPattern.MAX_LEVELS - 1);

        assertThatCode(() -> AddressPattern.checkAddress(deepest)).doesNotThrowAnyException();
        assertThatThrownBy(() -> AddressPattern.checkAddress(deepest + "/")).hasMessageContaining("32 levels");
        assertThatThrownBy(() -> AddressPattern.checkAddress("")).hasMessageContaining("empty");
        assertThatThrownBy(() -> AddressPattern.checkAddress("a\0")).hasMessageContaining("NUL");
        assertThatThrownBy(() -> AddressPattern.checkAddress("a/+")).hasMessageContaining("'a/+' has a wildcard");
    }
}
