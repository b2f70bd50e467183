package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class PayloadTest {
    private static final String TEXT = "häuser, 家, \uD83D\uDE00";

    @Test
    void shouldSayWhatItIs() {
        assertThat(Payload.json("{}").contentType()).isEqualTo("application/json");
        assertThat(Payload.text("x").contentType()).isEqualTo("text/plain");
        assertThat(Payload.of("image/png", new byte[] {1}).contentType()).isEqualTo("image/png");
        assertThat(Payload.of("image/png", new byte[] {1, 2, 3})).hasToString("image/png, 3 bytes");
    }

    @Test
    void shouldCarryTextAsUtf8() {
        byte[] utf8 = TEXT.getBytes(StandardCharsets.UTF_8);

        for (Payload payload : new Payload[] {Payload.text(TEXT), Payload.json(TEXT), Payload.of("text/x", utf8)}) {
            assertThat(payload.text()).isEqualTo(TEXT);
            assertThat(payload.bytes()).isEqualTo(utf8);
            assertThat(payload.size()).isEqualTo(utf8.length);
        }
    }

    @Test
    void shouldKeepTheTypeOfSomethingEmpty() {
        assertThat(Payload.of("", ByteString.EMPTY)).isSameAs(Payload.EMPTY);
        assertThat(Payload.of("text/plain", ByteString.EMPTY).contentType()).isEqualTo("text/plain");
        assertThat(Payload.EMPTY.size()).isZero();
    }

    @Test
    void shouldRefuseNothingInPlaceOfSomething() {
        assertThatThrownBy(() -> Payload.of(null, new byte[0])).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Payload.text(null)).isInstanceOf(NullPointerException.class);
    }
}
