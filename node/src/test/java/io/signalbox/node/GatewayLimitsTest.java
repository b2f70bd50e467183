package io.signalbox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.config.ConfigException;
import io.signalbox.config.ConfigLoader;
import io.signalbox.config.GatewayConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatewayLimitsTest {
    @TempDir
    static Path directory;

    private static GatewayConfig config(String... settings) {
        Map<String, String> arguments = new HashMap<>();
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            arguments.put("gateway." + parts[0], parts[1]);
        }
        return ConfigLoader.load(Optional.empty(), Map.of(), arguments).gateway();
    }

    private static MachineLimits machine(long heapMiB, long directMiB, long openFiles) {
        return new MachineLimits(4, 64L << 30, heapMiB << 20, directMiB << 20, openFiles);
    }

    @ParameterizedTest
    @CsvSource({
        "4096, 4096, 20000, 19488, open files 20000 - 512",
        "512, 512, 20000, 16384, heap 512 MiB / 32 KiB",
        "4096, 100, 20000, 6400, direct memory 100 MiB / 16 KiB",
        "4096, 4096, -1, 131072, heap 4096 MiB / 32 KiB",
        "4096, 4096, 100, 1, open files 100 - 512"
    })
    void shouldTakeWhatTheScarcestAllows(long heap, long direct, long files, int connections, String reason) {
        GatewayLimits limits = GatewayLimits.of(config(), machine(heap, direct, files));

        assertThat(limits.connections()).isEqualTo(connections);
        assertThat(limits.connectionsReason()).isEqualTo(reason);
    }

    @Test
    void shouldCountTheEnginesWhenItSpeaksTls() throws Exception {
        Path any = Files.writeString(directory.resolve("any.pem"), "");
        GatewayConfig tls = config("tls-certificate-file=" + any, "tls-key-file=" + any);

        assertThat(GatewayLimits.of(tls, machine(800, 800, 20_000)).connectionsReason())
                .isEqualTo("heap 800 MiB / 64 KiB");
    }

    @Test
    void shouldTakeWhatIsConfiguredUpToTheOpenFiles() {
        MachineLimits machine = machine(1, 1, 20_000);

        assertThat(GatewayLimits.of(config("max-connections=19488"), machine))
                .isEqualTo(new GatewayLimits(19_488, "configured", 4000));
        assertThatThrownBy(() -> GatewayLimits.of(config("max-connections=19489"), machine))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("gateway.max-connections = \"19489\"", "at most 19488", "20000 files");
    }

    @Test
    void shouldBelieveTheConfigurationWhenTheLimitIsNotKnown() {
        assertThat(GatewayLimits.of(config("max-connections=1000000"), machine(1, 1, -1))
                        .connections())
                .isEqualTo(1_000_000);
    }

    @Test
    void shouldLetInByTheCoresUnlessConfigured() {
        MachineLimits machine = machine(1000, 1000, 20_000);

        assertThat(GatewayLimits.of(config(), machine).connectsPerSecond()).isEqualTo(4_000);
        assertThat(GatewayLimits.of(config("max-connects-per-second=7"), machine)
                        .connectsPerSecond())
                .isEqualTo(7);
    }
}
