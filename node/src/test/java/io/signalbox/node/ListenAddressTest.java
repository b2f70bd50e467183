package io.signalbox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenAddressTest {
    @Test
    void shouldSayWhatToDoWhenThePortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            ListenAddress address = new ListenAddress("127.0.0.1", taken.getLocalPort());

            assertThatThrownBy(address::check)
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort() + ": Address already in use")
                    .hasMessageContaining("gateway.port");
        }
    }

    @Test
    void shouldAllowAnyPortWhenNoneIsNamed() {
        ListenAddress address = new ListenAddress("127.0.0.1", 0);

        assertThatCode(address::check).doesNotThrowAnyException();
        assertThat(address.choosePort()).isPositive();
    }

    @Test
    void shouldKeepThePortThatIsNamed() {
        assertThat(new ListenAddress("127.0.0.1", 4280).choosePort()).isEqualTo(4280);
    }

    @Test
    void shouldNameTheHostWhenItIsNotOfThisMachine() {
        assertThatThrownBy(() -> new ListenAddress("192.0.2.1", 0).check())
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("192.0.2.1:0")
                .hasMessageContaining("gateway.host");
    }

    /** What the native transport says when somebody took the port after it was checked. */
    @Test
    void shouldExplainWhatTheNativeTransportSays() {
        ListenAddress address = new ListenAddress("127.0.0.1", 4280);
        RuntimeException other = new IllegalStateException("a fault");

        assertThat(address.explain(new IOException("bind(..) failed with error(-98): Address already in use")))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("127.0.0.1:4280");
        assertThat(address.explain(other)).isSameAs(other);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, https://127.0.0.1:17",
        "signalbox.example, https://signalbox.example:17",
        "2001:db8::1, https://[2001:db8::1]:17",
        "0.0.0.0, https://127.0.0.1:17",
        ":: , https://[::1]:17"
    })
    void shouldGiveAnAddressThatCanBeAsked(String host, String url) {
        assertThat(new ListenAddress(host, 0).url("https", 17)).isEqualTo(url);
    }
}
