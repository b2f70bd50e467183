package io.signalbox.verticles.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PagePlaceTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b//c", "\u00e9 \ud83d\ude80?&=", ""})
    void shouldReadItsOwnCursors(String agent) {
        PagePlace place = new PagePlace(Letters.NOW, UUID.randomUUID(), agent);

        assertThat(place.cursor()).matches("[A-Za-z0-9_-]+");
        assertThat(PagePlace.parse(place.cursor())).contains(place);
    }

    @Test
    void shouldTakeNoneForTheBeginning() {
        assertThat(PagePlace.parse("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "x", "1", "1/2", "1/2/3", "x/00000000-0000-0000-0000-000000000000/a"})
    void shouldRefuseWhatIsNone(String text) {
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        for (String cursor : new String[] {text, encoded}) {
            assertThatThrownBy(() -> PagePlace.parse(cursor))
                    .isInstanceOfSatisfying(
                            ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT));
        }
    }
}
