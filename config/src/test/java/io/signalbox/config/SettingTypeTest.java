package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTypeTest {
    private enum Colour {
        RED,
        DARK_BLUE
    }

    private record Everything(
            @Setting("") String text,
            @Setting("") Secret secret,
            @Setting("") int number,
            @Setting(value = "", min = -5, max = 5) int limited,
            @Setting(value = "", min = 1) long atLeast,
            @Setting(value = "", max = 9) long atMost,
            @Setting("") boolean flag,
            @Setting(value = "", min = 100, max = 60_000) Duration duration,
            @Setting(value = "", min = 1024, max = 2048) ByteSize size,
            @Setting("") Colour colour,
            @Setting("") Path path,
            @Setting("") Optional<Path> maybePath,
            @Setting(value = "", min = 1, max = 3) OptionalInt maybeNumber,
            @Setting("") List<String> texts,
            @Setting("") List<Colour> colours) {}

    private record Unsupported(
            @Setting("") Map<String, String> map,
            @Setting("") Thread thread) {}

    @ParameterizedTest
    @CsvSource({"0, 0", "-17, -17", "2147483647, 2147483647"})
    void shouldReadNumbers(String text, int number) {
        assertThat(parsed("number", text)).contains(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1.0", "1e3", "0x10", "1 000", "1_000", "99999999999999999999"})
    void shouldRefuseWhenItIsNoWholeNumber(String text) {
        assertThat(parsed("number", text)).isEmpty();
    }

    @Test
    void shouldRefuseWhenTheNumberIsTooLargeForItsType() {
        assertThat(parsed("number", "2147483648")).isEmpty();
        assertThat(parsed("number", "-2147483649")).isEmpty();
        assertThat(parsed("atLeast", "2147483648")).contains(2_147_483_648L);
    }

    @ParameterizedTest
    @CsvSource({"-5, true", "5, true", "-6, false", "6, false"})
    void shouldKeepTheLimitsOfNumbers(String text, boolean allowed) {
        assertThat(parsed("limited", text).isPresent()).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"100ms, true", "60s, true", "1m, true", "99ms, false", "60001ms, false", "100, false"})
    void shouldKeepTheLimitsOfDurations(String text, boolean allowed) {
        assertThat(parsed("duration", text).isPresent()).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"1KiB, true", "2KiB, true", "1500, true", "1023, false", "2049, false", "1KB, false"})
    void shouldKeepTheLimitsOfSizes(String text, boolean allowed) {
        assertThat(parsed("size", text).isPresent()).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"red, RED", "RED, RED", "dark-blue, DARK_BLUE", "Dark-Blue, DARK_BLUE"})
    void shouldReadEnumsWhateverTheCase(String text, Colour colour) {
        assertThat(parsed("colour", text)).contains(colour);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "green", "dark_blue", "redd"})
    void shouldRefuseWhenItIsNoneOfTheEnum(String text) {
        assertThat(parsed("colour", text)).isEmpty();
    }

    @Test
    void shouldReadTextsSecretsFlagsAndPathsAsTheyAre() {
        assertThat(parsed("text", "a b")).contains("a b");
        assertThat(parsed("text", "")).contains("");
        assertThat(parsed("secret", "s3cret")).contains(new Secret("s3cret"));
        assertThat(parsed("flag", "true")).contains(true);
        assertThat(parsed("flag", "yes")).isEmpty();
        assertThat(parsed("path", "a/b")).contains(Path.of("a/b"));
        assertThat(parsed("path", "")).isEmpty();
        assertThat(parsed("path", "a\0b")).isEmpty();
    }

    @Test
    void shouldBeEmptyWhenOptionalAndNothingIsWritten() {
        assertThat(parsed("maybePath", "")).contains(Optional.empty());
        assertThat(parsed("maybePath", "x")).contains(Optional.of(Path.of("x")));
        assertThat(parsed("maybeNumber", "")).contains(OptionalInt.empty());
        assertThat(parsed("maybeNumber", "3")).contains(OptionalInt.of(3));
        assertThat(parsed("maybeNumber", "4")).isEmpty();
    }

    @Test
    void shouldReadListsFromCommasOrItems() {
        assertThat(parsed("texts", "")).contains(List.of());
        assertThat(parsed("texts", " a, b ,,c ")).contains(List.of("a", "b", "c"));
        assertThat(parsed("texts", RawValue.ofItems(List.of("a, b", "c"), "here")))
                .contains(List.of("a, b", "c"));
        assertThat(parsed("colours", "red,dark-blue")).contains(List.of(Colour.RED, Colour.DARK_BLUE));
        assertThat(parsed("colours", "red,green")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text        | a text",
                "number      | a whole number, from -2147483648 to 2147483647",
                "limited     | a whole number, from -5 to 5",
                "atLeast     | a whole number, at least 1",
                "atMost      | a whole number, at most 9",
                "flag        | one of true, false",
                "duration    | a duration such as 500ms, 10s or 5m, from 100ms to 1m",
                "size        | a size such as 256KiB or 1MiB, from 1KiB to 2KiB",
                "colour      | one of red, dark-blue",
                "maybePath   | a path, or nothing",
                "maybeNumber | a whole number, from 1 to 3, or nothing",
                "colours     | a list, each one of red, dark-blue"
            })
    void shouldSayWhatIsExpected(String component, String expected) {
        assertThat(type(component).expected()).isEqualTo(expected);
    }

    @Test
    void shouldRefuseWhenTheTypeIsUnknown() {
        for (RecordComponent component : Unsupported.class.getRecordComponents()) {
            assertThatThrownBy(() -> ConfigKey.of("section", component))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot be a");
        }
    }

    private static Optional<Object> parsed(String component, String text) {
        return parsed(component, RawValue.of(text, "here"));
    }

    private static Optional<Object> parsed(String component, RawValue value) {
        return type(component).parse(value).map(Function.identity());
    }

    private static SettingType<?> type(String name) {
        RecordComponent found = Arrays.stream(Everything.class.getRecordComponents())
                .filter(component -> component.getName().equals(name))
                .findFirst()
                .orElseThrow();
        return ConfigKey.of("section", found).type();
    }
}
