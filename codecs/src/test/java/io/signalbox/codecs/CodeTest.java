package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodeTest {
    @ParameterizedTest
    @EnumSource(Code.class)
    void shouldBeFoundByItsNumber(Code code) {
        assertThat(Code.of(code.number())).contains(code);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1000, 1999, 3999, 4000, 5000, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void shouldNotBeFoundByANumberThatNoneHas(int number) {
        assertThat(Code.of(number)).isEmpty();
    }

    /** RFC 6455 leaves these to applications; a client library refuses to send others. */
    @ParameterizedTest
    @EnumSource(Code.class)
    void shouldHaveANumberThatAWebSocketMayCloseWithIfItIsACloseCode(Code code) {
        if (code.httpStatus() == 0) {
            assertThat(code.number()).isBetween(4000, 4999);
        } else {
            assertThat(code.httpStatus()).isBetween(400, 599);
        }
    }

    @Test
    void shouldComeWithEveryCodecException() {
        IllegalStateException cause = new IllegalStateException();

        assertThat(new CodecException(Code.TOO_LARGE, "big").code()).isEqualTo(Code.TOO_LARGE);
        assertThat(new CodecException(Code.MALFORMED, "odd", cause))
                .hasMessage("odd")
                .hasCause(cause);
        assertThatThrownBy(() -> new CodecException(null, "odd")).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> new CodecException(null, "odd", cause)).isInstanceOf(NullPointerException.class);
    }
}
