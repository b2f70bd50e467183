package io.signalbox.load.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.load.dialect.Stamp.Kind;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StampTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldReadBackWhatItWrote(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 1_000; i++) {
            Stamp stamp = new Stamp(
                    random.nextLong(),
                    random.nextInt(128),
                    random.nextInt(128),
                    Kind.values()[random.nextInt(3)],
                    random.nextInt(),
                    random.nextInt(),
                    random.nextInt());
            byte[] payload = new byte[Stamp.BYTES + random.nextInt(8)];

            stamp.write(payload);

            assertThat(Stamp.read(payload, 0)).as("seed %d", seed).isEqualTo(stamp);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldBeFoundWhereverThePayloadBegins(Kind kind) {
        Stamp stamp = new Stamp(-1, 3, 127, kind, 30_000, Stamp.TO_ALL, 7);
        byte[] payload = new byte[Stamp.BYTES];
        stamp.write(payload);
        byte[] frame = new byte[40];
        Arrays.fill(frame, (byte) 0x55);

        System.arraycopy(payload, 0, frame, 9, payload.length);

        assertThat(Stamp.read(frame, 9)).isEqualTo(stamp);
    }

    @Test
    void shouldLeaveTheRestOfThePayloadAlone() {
        byte[] payload = new byte[64];
        Arrays.fill(payload, (byte) 0x77);

        new Stamp(1, 2, 3, Kind.REPLY, 4, 5, 6).write(payload);

        assertThat(Arrays.copyOfRange(payload, Stamp.BYTES, 64)).containsOnly(0x77);
    }
}
