package io.signalbox.node.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PlatformTest {
    @ParameterizedTest
    @CsvSource({
        "amd64, LINUX_X86_64",
        "x86_64, LINUX_X86_64",
        "aarch64, LINUX_AARCH64",
        "arm64, LINUX_AARCH64",
    })
    void shouldKnowTheMachineWhenThereAreServersForIt(String architecture, Platform platform) {
        assertThat(Platform.of("Linux", architecture)).isEqualTo(platform);
    }

    @ParameterizedTest
    @CsvSource({"Mac OS X, aarch64", "Windows 11, amd64", "Linux, s390x"})
    void shouldSayWhatToSetWhenThereAreNone(String system, String architecture) {
        assertThatThrownBy(() -> Platform.of(system, architecture))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(system)
                .hasMessageContaining(architecture)
                .hasMessageContaining("postgres.url")
                .hasMessageContaining("redis.url");
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveItsServersOnTheClassPathWhenBuilt(Platform platform) {
        assertThat(Platform.class.getResource("/" + platform.postgresArchive())).isNotNull();
        assertThat(Platform.class.getResource("/" + platform.redisProgram())).isNotNull();
    }

    @Test
    void shouldNotAskForAPlatformWhenNoStoreIsWanted() {
        assertThat(new EmbeddedStores(Path.of("unused"), Set.of(), new Random(1)).facts())
                .isEmpty();
    }
}
