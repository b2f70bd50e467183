package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "512, 512", "512B, 512", "256KiB, 262144", "1MiB, 1048576", "2GiB, 2147483648", "1 MiB, 1048576"
    })
    void shouldReadBytesWhenWrittenWithUnits(String text, long bytes) {
        assertThat(ByteSize.parse(text)).contains(new ByteSize(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "KiB", "-1", "1KB", "1MB", "1kib", "1.5MiB", "1TiB", "1  MiB", "999999999999999999GiB"})
    void shouldReadNothingWhenItIsNoSize(String text) {
        assertThat(ByteSize.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "1023, 1023", "1024, 1KiB", "1025, 1025", "786432, 768KiB", "1073741824, 1GiB"})
    void shouldUseTheLargestUnitWithoutFractionWhenPrinted(long bytes, String text) {
        assertThat(new ByteSize(bytes)).hasToString(text);
    }

    @Test
    void shouldReadWhatItPrinted() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            ByteSize size = new ByteSize(random.nextLong(1L << random.nextInt(1, 60)));
            assertThat(ByteSize.parse(size.toString()))
                    .as("seed %d, %s", seed, size)
                    .contains(size);
        }
    }

    @Test
    void shouldRefuseWhenNegative() {
        assertThatThrownBy(() -> new ByteSize(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseToBecomeAnIntWhenTooLarge() {
        assertThat(new ByteSize(Integer.MAX_VALUE).toInt()).isEqualTo(Integer.MAX_VALUE);
        assertThatThrownBy(() -> new ByteSize(1L << 31).toInt()).isInstanceOf(ArithmeticException.class);
    }
}
