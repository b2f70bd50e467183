package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class UuidV7Test {
    private final Random random = new Random(1);

    @Test
    void shouldCarryTimeVersionAndVariant() {
        UUID id = UuidV7.next(0x0123_4567_89abL, random);

        assertThat(id.toString()).startsWith("01234567-89ab-7");
        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
    }

    @Test
    void shouldSortByTime() {
        for (long millis = 1; millis < 1L << 47; millis *= 3) {
            assertThat(UuidV7.next(millis, random).toString())
                    .isLessThan(UuidV7.next(millis + 1, random).toString());
        }
    }

    @Test
    void shouldDifferWithinAMillisecond() {
        Set<UUID> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            ids.add(UuidV7.next(5, random));
        }
        assertThat(ids).hasSize(10_000);
    }
}
