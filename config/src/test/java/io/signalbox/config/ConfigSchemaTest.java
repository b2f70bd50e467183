package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigSchemaTest {
    record Engine(
            @Setting(value = "How fast", defaultValue = "3") int topSpeed,
            @Setting("Who drives") String driver) {}

    record Brake(
            @Setting(value = "How long", defaultValue = "1s")
            Duration time) {}

    record Train(Engine steamEngine, Brake brake) {}

    record Picky(@Setting("") int number) {
        Picky {
            if (number > 1) {
                throw new IllegalArgumentException("too many");
            }
        }
    }

    record Root(Picky picky) {}

    private static final ConfigSchema<Train> SCHEMA = ConfigSchema.of(Train.class);

    private static Map<ConfigKey, Object> values(Object... values) {
        Map<ConfigKey, Object> byKey = new HashMap<>();
        List<ConfigKey> keys = SCHEMA.keys();
        for (int i = 0; i < values.length; i++) {
            byKey.put(keys.get(i), values[i]);
        }
        return byKey;
    }

    @Test
    void shouldHaveKeysInTheOrderOfTheComponents() {
        assertThat(SCHEMA.sections().keySet()).containsExactly("steam-engine", "brake");
        assertThat(SCHEMA.keys())
                .extracting(ConfigKey::toString)
                .containsExactly("steam-engine.top-speed", "steam-engine.driver", "brake.time");
    }

    @Test
    void shouldBuildWhatItReadsAgain() {
        Map<ConfigKey, Object> values = values(7, "joe", Duration.ofSeconds(2));

        Train train = SCHEMA.build(values);

        assertThat(train).isEqualTo(new Train(new Engine(7, "joe"), new Brake(Duration.ofSeconds(2))));
        assertThat(SCHEMA.values(train)).isEqualTo(values);
    }

    @Test
    void shouldNameTheKeyThatLacksAValue() {
        Map<ConfigKey, Object> values = values(7, "joe");

        assertThatThrownBy(() -> SCHEMA.build(values))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("brake.time");
    }

    @Test
    void shouldNameTheRecordThatCannotBeMade() {
        ConfigSchema<Root> schema = ConfigSchema.of(Root.class);
        Map<ConfigKey, Object> values = Map.of(schema.keys().getFirst(), 2);

        assertThatThrownBy(() -> schema.build(values))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("No Picky(int) can be made");
    }

    @ParameterizedTest
    @CsvSource({
        "brake.tim, there is no such key; did you mean brake.time?",
        "steamengine.driver, there is no such key; did you mean steam-engine.driver?",
        "something.else, there is no such key"
    })
    void shouldSayWhatCouldBeMeantByAKeyThatThereIsNot(String written, String answer) {
        assertThat(SCHEMA.unknown(written)).isEqualTo(answer);
    }
}
