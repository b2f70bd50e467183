package io.signalbox.load.generator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HopelessTest {
    @ParameterizedTest
    @CsvSource({
        "socket(..) failed with error(-24): Too many open files, ulimit -n",
        "bind(..) failed with error(-99): Cannot assign requested address, net.ipv4.ip_local_port_range"
    })
    void shouldSayWhatToDoAboutALimitOfTheSystem(String reason, String remedy) {
        assertThat(Hopeless.because(reason))
                .hasValueSatisfying(said -> assertThat(said).contains(remedy));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Connection refused: /127.0.0.1:1", "connection lost", "upgrade refused: HTTP/1.1 503"})
    void shouldTryAgainWhenItMayPass(String reason) {
        assertThat(Hopeless.because(reason)).isEmpty();
    }

    @Test
    void shouldNameWhatWentWrongWithoutTheSystemCall() {
        assertThat(Client.withoutCall("finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:1"))
                .isEqualTo("Connection refused: /127.0.0.1:1");
        assertThat(Client.withoutCall("connection timed out after 30000 ms: /127.0.0.1:1"))
                .isEqualTo("connection timed out after 30000 ms: /127.0.0.1:1");
    }
}
