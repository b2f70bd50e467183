package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RawValueTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "a|a|a",
                " a |a|a",
                "a,b|a,b|a;b",
                " a , b |a , b|a;b",
                "a,,b|a,,b|a;b",
                ",|,|''",
                "''|''|''",
                "a b|a b|a b"
            })
    void shouldBeATextAndAList(String written, String text, String items) {
        RawValue value = RawValue.of(written, "here");

        assertThat(value.text()).isEqualTo(text);
        assertThat(String.join(";", value.items())).isEqualTo(items);
        assertThat(value.source()).isEqualTo("here");
    }

    @Test
    void shouldKeepItemsAsTheyAreWhenTheyStandAsAList() {
        List<String> items = new ArrayList<>(List.of(" a", "b,c", ""));

        RawValue value = RawValue.ofItems(items, "here");
        items.clear();

        assertThat(value.items()).containsExactly(" a", "b,c", "");
        assertThat(value.text()).isEqualTo(" a, b,c, ");
    }
}
