package io.signalbox.codecs;

import static io.signalbox.codecs.JsonTexts.entry;
import static io.signalbox.codecs.JsonTexts.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.proto.Entry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers in the JSON form, in texts or bare, at the edges of what they may be. */
class JsonNumbersTest {
    @ParameterizedTest
    @CsvSource({
        "agent, 0, 0",
        "agent, 1, 1",
        "agent, 2147483647, 2147483647",
        "agent, 2147483648, -2147483648",
        "agent, 4294967295, -1",
        "ref, 9007199254740991, 9007199254740991",
        "ref, 9007199254740993, 9007199254740993",
        "ref, 9223372036854775807, 9223372036854775807",
        "ref, 9223372036854775808, -9223372036854775808",
        "ref, 18446744073709551615, -1",
        "ref, 00000000000000000007, 7"
    })
    void shouldTakeIntegersUpToTheEdge(String member, String written, long read) throws CodecException {
        Entry entry = entry("{'%s':'%s','ping':{}}".formatted(member, written));

        assertThat(member.equals("agent") ? entry.getAgent() : entry.getRef()).isEqualTo(read);
        if (!written.startsWith("00")) {
            assertThat(entry("{'%s':%s,'ping':{}}".formatted(member, written)))
                    .as("as a number")
                    .isEqualTo(entry);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "4294967296            | agent is greater than 4294967295",
                "99999999999999999999  | agent is greater than 4294967295",
                "100000000000000000000 | agent must be a whole number from 0",
                "-1                    | agent must be a whole number from 0",
                "-0                    | agent must be a whole number from 0",
                "1.0                   | agent must be a whole number",
                "1e3                   | agent must be a whole number",
                "true                  | agent must be a whole number",
                "[]                    | agent must be a whole number",
                "{}                    | agent must be a whole number",
                "''                    | agent must be a whole number from 0",
                "' 1'                  | agent must be a whole number from 0",
                "'+1'                  | agent must be a whole number from 0",
                "'1e3'                 | agent must be a whole number from 0",
                "'\u0661'              | agent must be a whole number from 0"
            })
    void shouldRefuseIntegersBeyondTheEdge(String value, String expected) {
        String json = "{'agent':" + value + ",'ping':{}}";

        assertThat(refusal(json)).hasMessage(expected);
    }

    @ParameterizedTest
    @CsvSource({"ref, 18446744073709551616", "message.time, 9223372036854775808"})
    void shouldRefuseWhatSixtyFourBitsCannotHold(String member, String value) {
        String json = member.equals("ref") ? "{'ref':" + value + ",'ping':{}}" : "{'message':{'time':'" + value + "'}}";

        assertThat(refusal(json)).hasMessageStartingWith(member + " is greater than ");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, -0.0",
        "12.5, 12.5",
        "100, 100",
        "1e2, 100",
        "1E-2, 0.01",
        "1.7976931348623157e308, 1.7976931348623157e308",
        "4.9e-324, 4.9e-324",
        "1e-999, 0"
    })
    void shouldTakeDecimals(String written, double percent) throws CodecException {
        assertThat(entry("{'progress':{'percent':" + written + "}}")
                        .getProgress()
                        .getPercent())
                .isEqualTo(percent);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {"1e309, out of range", "-1e309, out of range", "'1', a number", "true, a number", "[], a number"})
    void shouldRefuseWhatIsNoDecimal(String written, String expected) {
        assertThat(refusal("{'progress':{'percent':" + written + "}}"))
                .hasMessageStartingWith("progress.percent ")
                .hasMessageEndingWith(expected);
    }

    @Test
    void shouldRefuseANumberOfManyDigits() throws CodecException {
        assertThat(entry("{'message':{'payload':" + "9".repeat(64) + "}}")
                        .getMessage()
                        .getPayload()
                        .size())
                .isEqualTo(64);
        assertThat(refusal("{'message':{'payload':" + "9".repeat(65) + "}}")).hasMessageContaining("64");
    }
}
