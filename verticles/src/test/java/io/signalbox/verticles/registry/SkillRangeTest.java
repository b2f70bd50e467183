package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SkillRangeTest {
    @ParameterizedTest
    @CsvSource({
        "'', 1.0.0, true",
        "^1.2, 1.9.0, true",
        "^1.2, 1.1.9, false",
        "^1.2, 2.0.0, false",
        "~1.2.3, 1.2.9, true",
        "~1.2.3, 1.3.0, false",
        ">=1.0.0 <3, 2.9.9, true",
        ">=1.0.0 <3, 3.0.0, false",
        "1.0.0 || ^2, 2.1.0, true"
    })
    void shouldReadRangesAsNpmDoes(String range, String version, boolean matches) {
        assertThat(SkillRange.version(version).satisfies(SkillRange.parse(range)))
                .isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "^", "1.2.3.4.5", "<", "^a.b"})
    void shouldRefuseWhatIsNoRange(String range) {
        assertThatThrownBy(() -> SkillRange.parse(range))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1.2", "v1.x", "one"})
    void shouldRefuseWhatIsNoVersion(String version) {
        assertThatThrownBy(() -> SkillRange.version(version)).isInstanceOf(ServiceException.class);
    }
}
