package io.signalbox.bus.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionLibraryTest {
    @Test
    void shouldFindTheNameInTheFirstLine() {
        String code = "#!lua name=mailbox_1\n-- name=other\n";

        assertThat(FunctionLibrary.of(code)).isEqualTo(new FunctionLibrary("mailbox_1", code));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "return 1", "\n#!lua name=a\n", "#!lua name=\n", "#!lua name=a"})
    void shouldRefuseWhatIsNoLibrary(String code) {
        assertThatThrownBy(() -> FunctionLibrary.of(code)).isInstanceOf(IllegalArgumentException.class);
    }
}
