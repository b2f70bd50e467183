package io.signalbox.bus.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashSlotTest {
    /** As {@code CLUSTER KEYSLOT} says. */
    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "123456789, 12739",
        "foo, 12182",
        "\u00e9t\u00e9, 10087",
        "mailbox:{foo}:7, 12182",
        "{foo}{bar}, 12182",
        "a{b}, 3300",
        "foo{}{bar}, 8363",
        "foo{{bar}}zap, 4015",
        "foo{bar, 15278",
        "}foo{bar}, 5061"
    })
    void shouldFindTheSlotAsRedisDoes(String key, int slot) {
        assertThat(HashSlot.of(key)).isEqualTo(slot);
    }
}
