package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        assertThat(ClientOptions.of(given).endpoints()).containsExactly(URI.create(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "'', no address",
        "ftp://127.0.0.1, ftp://127.0.0.1",
        "127.0.0.1:4280, 127.0.0.1:4280",
        "http:///v1, http:///v1",
        "'http://127.0.0.1:4280,localhost', localhost",
    })
    void shouldRefuseWhatIsNoAddress(String given, String named) {
        assertThatThrownBy(() -> ClientOptions.of(given))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named);
    }

    @Test
    void shouldTakeTheTokenOfTheEnvironmentUnlessTheProgramGivesOne() {
        List<URI> node = List.of(URI.create("http://127.0.0.1:4280"));
        Map<String, String> environment = Map.of("SIGNALBOX_TOKEN", "a.b.c\n");

        assertThat(token(new ClientOptions.Builder(node, environment))).isEqualTo("a.b.c");
        assertThat(token(new ClientOptions.Builder(node, environment).token(() -> "mine")))
                .isEqualTo("mine");
        assertThat(token(new ClientOptions.Builder(node, Map.of()))).isEmpty();
    }

    private static String token(ClientOptions.Builder options) {
        return options.build().token().get();
    }

    @Test
    void shouldTakeSeveralAddressesEachOnce() {
        List<URI> expected = List.of(URI.create("ws://a:1/v1/connect"), URI.create("wss://b/v1/connect"));

        assertThat(ClientOptions.of(" http://a:1, https://b/,, ws://a:1").endpoints())
                .isEqualTo(expected);
        assertThat(ClientOptions.of(List.of(URI.create("http://a:1"), URI.create("https://b")))
                        .endpoints())
                .isEqualTo(expected);
    }

    @Test
    void shouldAskForATokenAnewEachTime() {
        int[] asked = {0};
        ClientOptions options = ClientOptions.builder("http://127.0.0.1:4280")
                .token(() -> "token-" + ++asked[0])
                .build();

        assertThat(options.token().get()).isEqualTo("token-1");
        assertThat(options.token().get()).isEqualTo("token-2");
    }
}
