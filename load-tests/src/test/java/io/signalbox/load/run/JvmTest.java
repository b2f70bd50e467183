package io.signalbox.load.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JvmTest {
    static Stream<Arguments> heaps() {
        return Stream.of(
                Arguments.of("""
                        4242:
                         garbage-first heap   total reserved 6144000K, committed 57344K, used 23552K [0x1, 0x2)
                          region size 4096K, 1 young (4096K), 0 survivors (0K)
                         Metaspace       used 21000K, committed 21440K, reserved 1114112K
                          class space    used 2200K, committed 2432K, reserved 1048576K
                        """, 23_552L << 10), Arguments.of("""
                        4242:
                         DefNew     total 9792K, used 123K [0x1, 0x2)
                          eden space 8704K,   1% used [0x1, 0x2)
                         Tenured    total 21888K, used 2000K [0x1, 0x2)
                         Metaspace       used 21000K, committed 21440K, reserved 1114112K
                        """, 2_123L << 10), Arguments.of("""
                        4242:
                         ZHeap           used 20M, capacity 386M, max capacity 6000M
                         Metaspace       used 21000K, committed 21440K, reserved 1114112K
                        """, 20L << 20));
    }

    @ParameterizedTest
    @MethodSource("heaps")
    void shouldReadTheHeapOfAnyCollector(String told, long bytes) {
        assertThat(Jvm.usedHeap(told)).isEqualTo(bytes);
    }

    @Test
    void shouldFindTheHeapOfARunningJvm() throws IOException, InterruptedException {
        byte[] live = new byte[20 << 20];

        assertThat(Jvm.liveHeap(List.of(ProcessHandle.current().pid())))
                .isBetween((long) live.length, Runtime.getRuntime().maxMemory());
    }
}
