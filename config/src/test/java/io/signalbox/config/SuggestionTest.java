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
}
