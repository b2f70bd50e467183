package io.signalbox.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiRequestTest {
    private enum Reader {
        TEXT((object, name) -> ApiRequest.text(object, name, "otherwise"), "otherwise"),
        INTEGER(ApiRequest::integer, Optional.empty()),
        FLAG(ApiRequest::flag, false),
        TIME(ApiRequest::time, Optional.empty()),
        TEXTS(ApiRequest::texts, Map.of());

        private final BiFunction<ObjectNode, String, Object> read;
        private final Object absent;

        Reader(BiFunction<ObjectNode, String, Object> read, Object absent) {
            this.read = read;
            this.absent = absent;
        }
    }

    private static ObjectNode object(String value) {
        return (ObjectNode) ApiJson.parse(("{\"x\":" + value + "}").getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeNullLikeNothing(Reader reader) {
        assertThat(reader.read.apply(object("null"), "x")).isEqualTo(reader.absent);
        assertThat(reader.read.apply(object("1"), "y")).isEqualTo(reader.absent);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TEXT    | 1",
                "TEXT    | {}",
                "INTEGER | 1.0",
                "INTEGER | 1e1",
                "INTEGER | 1e1000000000",
                "INTEGER | 2147483648",
                "INTEGER | -2147483649",
                "INTEGER | 99999999999999999999999999",
                "INTEGER | true",
                "INTEGER | \"1\"",
                "FLAG    | 1",
                "FLAG    | \"true\"",
                "TIME    | 1",
                "TIME    | \"tomorrow\"",
                "TIME    | \"2030-01-31\"",
                "TIME    | \"2030-02-30T12:00:00Z\"",
                "TIME    | \"+10000-01-01T00:00:00Z\"",
                "TIME    | \"+1000000000-12-31T23:59:59Z\"",
                "TIME    | \"-1000000000-01-01T00:00:00Z\"",
                "TIME    | \"1969-12-31T23:59:59Z\"",
                "TEXTS   | []",
                "TEXTS   | \"a\"",
                "TEXTS   | {\"a\":1}",
                "TEXTS   | {\"a\":null}",
            })
    void shouldSayWhichMemberIsWrong(Reader reader, String value) {
        assertThatThrownBy(() -> reader.read.apply(object(value), "x"))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT))
                .hasMessageStartingWith("x");
    }

    @Test
    void shouldReadWhatIsRight() {
        assertThat(ApiRequest.text(object("\"\""), "x", "otherwise")).isEmpty();
        assertThat(ApiRequest.integer(object("-2147483648"), "x")).contains(Integer.MIN_VALUE);
        assertThat(ApiRequest.integer(object("2147483647"), "x")).contains(Integer.MAX_VALUE);
        assertThat(ApiRequest.flag(object("true"), "x")).isTrue();
        assertThat(ApiRequest.texts(object("{\"a\":\"1\",\"\":\"2\"}"), "x")).isEqualTo(Map.of("a", "1", "", "2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1970-01-01T00:00:00Z", "2030-01-31T12:00:00.123456789Z", "9999-12-31T23:59:59.999999999Z"})
    void shouldReadTimesWhoseMillisecondsFit(String time) {
        Optional<Instant> read = ApiRequest.time(object("\"" + time + "\""), "x");

        assertThat(read).contains(Instant.parse(time));
        assertThat(read.get().toEpochMilli()).isNotNegative();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "{", "{\"x\":1}}", "{\"x\":1,\"x\":2}", "{'x':1}", "{\"x\":NaN}", "{\"x\":01}", "{x:1}"
            })
    void shouldTakeStrictJsonAlone(String body) {
        assertThatThrownBy(() -> ApiJson.parse(body.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.MALFORMED));
    }

    @Test
    void shouldRefuseJsonThatIsTooDeepOrNoUtf8() {
        byte[] deep = ("[".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
        byte[] latin1 = "{\"x\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);

        for (byte[] body : new byte[][] {deep, latin1}) {
            assertThatThrownBy(() -> ApiJson.parse(body))
                    .isInstanceOfSatisfying(
                            ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.MALFORMED));
        }
    }
}
