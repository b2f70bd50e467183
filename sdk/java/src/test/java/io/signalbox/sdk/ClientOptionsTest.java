package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:4280, ws://127.0.0.1:4280/v1/connect",
        "http://127.0.0.1:4280/, ws://127.0.0.1:4280/v1/connect",
        "https://signalbox.example, wss://signalbox.example/v1/connect",
        "ws://127.0.0.1:1/other, ws://127.0.0.1:1/other",
        "http://[::1]:4280, ws://[::1]:4280/v1/connect",
    })
    void shouldTurnTheAddressIntoThatOfTheWebSocket(String given, String expected) {
        assertThat(ClientOptions.of(given).endpoint()).isEqualTo(URI.create(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://127.0.0.1", "127.0.0.1:4280", "http:///v1", "localhost"})
    void shouldRefuseWhatIsNoAddress(String given) {
        assertThatThrownBy(() -> ClientOptions.of(given))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(given);
    }

    @Test
    void shouldTakeTheTokenOfTheEnvironmentUnlessTheProgramGivesOne() {
        String node = "http://127.0.0.1:4280";
        ClientOptions options = ClientOptions.of(node, Map.of("SIGNALBOX_TOKEN", "a.b.c\n"));

        assertThat(options.token().get()).isEqualTo("a.b.c");
        assertThat(options.withToken(() -> "mine").token().get()).isEqualTo("mine");
        assertThat(ClientOptions.of(node, Map.of()).token().get()).isEmpty();
    }

    @Test
    void shouldAskForATokenAnewEachTime() {
        int[] asked = {0};
        ClientOptions options = ClientOptions.of("http://127.0.0.1:4280").withToken(() -> "token-" + ++asked[0]);

        assertThat(options.token().get()).isEqualTo("token-1");
        assertThat(options.token().get()).isEqualTo("token-2");
    }
}
