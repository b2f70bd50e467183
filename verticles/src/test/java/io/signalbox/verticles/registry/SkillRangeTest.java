package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semver4j.Semver;

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
        "1.0.0 || ^2, 2.1.0, true",
        "^0.2.3, 0.2.9, true",
        "^0.2.3, 0.3.0, false",
        "^0.0.3, 0.0.4, false",
        "1.2 - 2.4, 2.4.9, true",
        "1.2 - 2.4, 2.5.0, false",
        "2.x, 2.99.0, true",
        "*, 0.0.1, true",
        "'', 2.0.0-rc.1, false",
        "^2.0.0-rc.1, 2.0.0-rc.2, true",
        "^2.0.0-rc.1, 2.0.0-beta, false",
        "1.0.0, 1.0.0+build, true",
        "=1.0.0, 1.0.1, false"
    })
    void shouldReadRangesAsNpmDoes(String range, String version, boolean matches) {
        assertThat(SkillRange.version(version).satisfies(SkillRange.parse(range)))
                .isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "^", "1.2.3.4.5", "<", "^a.b", ">=1.0.0-9999999999999999999", "|"})
    void shouldRefuseWhatIsNoRange(String range) {
        assertThatThrownBy(() -> SkillRange.parse(range))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "1.2",
                "v1.x",
                "one",
                "1.0.0-01",
                "1.0.0-a..b",
                "2147483648.0.0",
                "1.0.0-9999999999999999999"
            })
    void shouldRefuseWhatIsNoVersion(String version) {
        assertThatThrownBy(() -> SkillRange.version(version)).isInstanceOf(ServiceException.class);
    }

    @Test
    void shouldTakeNoVersionForTheFirst() {
        assertThat(SkillRange.version("").toString()).isEqualTo("1.0.0");
    }

    /** Every part of a range costs time, on the event loop of everybody. */
    @Test
    void shouldRefuseWhatIsTooLong() {
        String range = "1||".repeat(66) + "1";

        assertThat(SkillRange.parse(range).get()).hasSize(67);
        assertThatThrownBy(() -> SkillRange.parse(range + "||1")).isInstanceOf(ServiceException.class);
        assertThatThrownBy(() -> SkillRange.version("1.0.0-" + "a".repeat(95))).isInstanceOf(ServiceException.class);
    }

    /** Versions that pass can be compared with each other and with every range, whatever they hold. */
    @Test
    void shouldCompareWhateverPasses() {
        List<Semver> versions = Stream.of(
                        "1.0.0", "1.0.0-999999999999999999", "1.0.0-a", "1.0.0-1.a", "1.0.0+b", "1.0.0-0", "2.0.0-rc.1")
                .map(SkillRange::version)
                .toList();
        for (Semver one : versions) {
            for (Semver other : versions) {
                assertThat(Integer.signum(one.compareTo(other))).isEqualTo(-Integer.signum(other.compareTo(one)));
                assertThat(one.satisfies(SkillRange.parse(">=" + other)))
                        .as(one + " >= " + other)
                        .isIn(one.compareTo(other) >= 0, false);
            }
            assertThat(one.satisfies(SkillRange.parse(one.toString())))
                    .as(one.toString())
                    .isTrue();
        }
    }
}
