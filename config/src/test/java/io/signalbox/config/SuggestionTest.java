package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
    private static final List<String> KNOWN =
            List.of("gateway.port", "gateway.host", "gateway.max-frame", "gateway.max-payload", "redis.url");

    @ParameterizedTest
    @CsvSource({
        "gateway.prot, gateway.port",
        "gateway.por, gateway.port",
        "gateway.portt, gateway.port",
        "Gateway.Port, gateway.port",
        "gatway.port, gateway.port",
        "gateway.maxFrame, gateway.max-frame",
        "gateway.max_frame, gateway.max-frame",
        "gateway.max-paylaod, gateway.max-payload",
        "redis.uri, redis.url"
    })
    void shouldNameTheNearestWhenMistyped(String written, String meant) {
        assertThat(Suggestion.didYouMean(written, KNOWN)).isEqualTo("; did you mean " + meant + "?");
    }

    @ParameterizedTest
    @CsvSource({"colour", "gateway.completely-different", "x", "''"})
    void shouldNameNothingWhenNoneIsNear(String written) {
        assertThat(Suggestion.didYouMean(written, KNOWN)).isEmpty();
    }

    @Test
    void shouldNameNothingWhenNothingIsKnown() {
        assertThat(Suggestion.didYouMean("gateway.port", List.of())).isEmpty();
    }

    /** One slip of the finger in any key leads back to it; but node.ind is as near to id as to kind. */
    @Test
    void shouldNameEveryKeyWhenOneLetterOfItIsWrong() {
        List<String> keys = ConfigSchema.of(SignalboxConfig.class).keys().stream()
                .map(ConfigKey::toString)
                .filter(key -> !key.equals("node.id"))
                .toList();
        for (String key : keys) {
            for (int at = 0; at < key.length(); at++) {
                String head = key.substring(0, at);
                String tail = key.substring(at + 1);
                assertLeadsTo(key, head + tail, keys);
                assertLeadsTo(key, head + "7" + tail, keys);
                assertLeadsTo(key, head + "7" + key.charAt(at) + tail, keys);
                if (!tail.isEmpty()) {
                    assertLeadsTo(key, head + tail.charAt(0) + key.charAt(at) + tail.substring(1), keys);
                }
            }
        }
    }

    private static void assertLeadsTo(String key, String written, List<String> keys) {
        assertThat(Suggestion.didYouMean(written, keys)).as(written).isEqualTo("; did you mean " + key + "?");
    }

    @ParameterizedTest
    @CsvSource({
        "abcdefgh, abcdefgh, true",
        "abcdefxy, abcdefgh, true",
        "abcdexyz, abcdefgh, false",
        "ab, abcd, true",
        "a, abcd, false"
    })
    void shouldBearTwoSlipsInAShortName(String written, String known, boolean near) {
        assertThat(Suggestion.didYouMean(written, List.of(known)).isEmpty()).isEqualTo(!near);
    }

    @ParameterizedTest
    @CsvSource({"12345678901234567890, abcde678901234567890, true", "12345678901234567890, abcdef78901234567890, false"
    })
    void shouldBearAFourthOfALongName(String written, String known, boolean near) {
        assertThat(Suggestion.didYouMean(written, List.of(known)).isEmpty()).isEqualTo(!near);
    }

    @Test
    void shouldNameTheNearerOfTwo() {
        assertThat(Suggestion.didYouMean("abcd", List.of("abxy", "abcx", "axyz")))
                .isEqualTo("; did you mean abcx?");
    }
}
