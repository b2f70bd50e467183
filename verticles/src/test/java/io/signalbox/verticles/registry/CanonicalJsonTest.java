package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** With the examples of RFC 8785. */
class CanonicalJsonTest {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private static String canonical(String json) {
        return CanonicalJson.write(MAPPER.readTree(json));
    }

    /** Appendix B: the bits of a double, and how it is written. */
    @ParameterizedTest
    @CsvSource({
        "0000000000000000, 0",
        "8000000000000000, 0",
        "0000000000000001, 5e-324",
        "8000000000000001, -5e-324",
        "7fefffffffffffff, 1.7976931348623157e+308",
        "ffefffffffffffff, -1.7976931348623157e+308",
        "4340000000000000, 9007199254740992",
        "c340000000000000, -9007199254740992",
        "4430000000000000, 295147905179352830000",
        "44b52d02c7e14af5, 9.999999999999997e+22",
        "44b52d02c7e14af6, 1e+23",
        "44b52d02c7e14af7, 1.0000000000000001e+23",
        "444b1ae4d6e2ef4e, 999999999999999700000",
        "444b1ae4d6e2ef4f, 999999999999999900000",
        "444b1ae4d6e2ef50, 1e+21",
        "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
        "3eb0c6f7a0b5ed8d, 0.000001",
        "41b3de4355555553, 333333333.3333332",
        "41b3de4355555554, 333333333.33333325",
        "41b3de4355555555, 333333333.3333333",
        "41b3de4355555556, 333333333.3333334",
        "41b3de4355555557, 333333333.33333343",
        "becbf647612f3696, -0.0000033333333333333333",
        "43143ff3c1cb0959, 1424953923781206.2"
    })
    void shouldWriteANumberAsEcmaScriptDoes(String bits, String text) {
        double value = Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16));

        assertThat(CanonicalJson.write(DoubleNode.valueOf(value))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "1.0, 1",
        "1e2, 100",
        "-0.0, 0",
        "-0, 0",
        "0.10, 0.1",
        "1E-7, 1e-7",
        "123e18, 123000000000000000000",
        "9007199254740993, 9007199254740993",
        "9223372036854775807, 9223372036854775807",
        "-123456789012345678901234567890, -123456789012345678901234567890"
    })
    void shouldWriteEqualNumbersAlikeAndIntegersWhole(String json, String text) {
        assertThat(canonical(json)).isEqualTo(text);
    }

    @Test
    void shouldWriteTheExampleOfTheStandard() {
        String json = """
                {"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                 "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
                 "literals": [null, true, false]}""";

        assertThat(canonical(json))
                .isEqualTo("{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                        + "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    }

    /** By UTF-16 code units: the emoji, a surrogate pair, comes before U+FB33. */
    @Test
    void shouldSortMembersAsTheStandardDoes() {
        String json = """
                {"\\u20ac": 1, "\\r": 2, "\\ufb33": 3, "1": 4, "\\ud83d\\ude00": 5, "\\u0080": 6, "\\u00f6": 7, "": 8}""";

        assertThat(canonical(json))
                .isEqualTo(
                        "{\"\":8,\"\\r\":2,\"1\":4,\"\u0080\":6,\"\u00f6\":7,\"\u20ac\":1,\"\ud83d\ude00\":5,\"\ufb33\":3}");
    }

    @Test
    void shouldEscapeWhatItMustAndNothingElse() {
        String json = "\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f \\\"\\\\\\/\\u007f\\u2028\\ud83d\\ude80\"";

        assertThat(canonical(json))
                .isEqualTo("\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f \\\"\\\\/\u007f\u2028\ud83d\ude80\"");
    }

    /** What no text of UTF-8 can hold would become a question mark, and equal to another document. */
    @ParameterizedTest
    @ValueSource(strings = {"\"\\ud800\"", "[\"a\\udc00b\"]", "{\"a\": {\"b\": \"\\ude80\\ud83d\"}}"})
    void shouldRefuseHalfOfASurrogatePair(String json) {
        assertThatThrownBy(() -> canonical(json)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e400", "[-1e309]"})
    void shouldRefuseANumberThatIsTooBig(String json) {
        assertThatThrownBy(() -> canonical(json)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldHashAsSha256Does() {
        assertThat(CanonicalJson.sha256("abc"))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(CanonicalJson.sha256("\u00e9")).isNotEqualTo(CanonicalJson.sha256("?"));
    }

    /** A document, written twice in different ways. */
    private record Twice(String one, String other) {}

    @Test
    void shouldWriteADocumentInOneWayHoweverItWasWritten() {
        for (long seed = 0; seed < 2_000; seed++) {
            Twice document = document(new Random(seed), 4);
            String canonical = canonical(document.one());

            assertThat(canonical(document.other())).as("seed " + seed).isEqualTo(canonical);
            assertThat(canonical(canonical)).as("seed " + seed).isEqualTo(canonical);
        }
    }

    private static Twice document(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0 -> number(random);
            case 1 -> text(random);
            case 2 -> new Twice("true", " true ");
            case 3 -> new Twice("null", "\n\tnull");
            case 4 -> {
                List<Twice> items = documents(random, depth);
                yield new Twice(
                        "[" + String.join(",", items.stream().map(Twice::one).toList()) + "]",
                        " [ "
                                + String.join(
                                        " , ", items.stream().map(Twice::other).toList()) + " ] ");
            }
            default -> object(random, depth);
        };
    }

    private static List<Twice> documents(Random random, int depth) {
        List<Twice> items = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            items.add(document(random, depth - 1));
        }
        return items;
    }

    private static Twice object(Random random, int depth) {
        List<Twice> values = documents(random, depth);
        List<Twice> members = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Twice name = text(random);
            // The number keeps the names apart.
            String number = Integer.toString(i) + "\"";
            members.add(new Twice(
                    name.one().replaceAll("\"$", number) + ":" + values.get(i).one(),
                    name.other().replaceAll("\"$", number) + " : "
                            + values.get(i).other()));
        }
        String one = "{" + String.join(",", members.stream().map(Twice::one).toList()) + "}";
        Collections.shuffle(members, random);
        return new Twice(
                one,
                "{\r\n" + String.join(",", members.stream().map(Twice::other).toList()) + "}");
    }

    private static Twice number(Random random) {
        if (random.nextBoolean()) {
            long whole = random.nextInt(2_000_001) - 1_000_000;
            return new Twice(Long.toString(whole), whole + (random.nextBoolean() ? ".0" : "e0"));
        }
        double value = Double.longBitsToDouble(random.nextLong());
        double finite = Double.isFinite(value) ? value : 0.5;
        BigDecimal digits = new BigDecimal(Double.toString(finite));
        return new Twice(Double.toString(finite), digits.unscaledValue() + "0e" + (-digits.scale() - 1));
    }

    private static Twice text(Random random) {
        StringBuilder one = new StringBuilder("\"");
        StringBuilder other = new StringBuilder("\"");
        for (int i = random.nextInt(6); i > 0; i--) {
            String point = Character.toString(
                    List.of(0x20, 0x41, 0x7f, 0xe9, 0x20ac, 0xfb33, 0x1f680).get(random.nextInt(7)));
            one.append(point);
            point.chars().forEach(unit -> other.append("\\u%04X".formatted(unit)));
        }
        return new Twice(one.append('"').toString(), other.append('"').toString());
    }

    /** Nothing is lost: what is read again is the same document. */
    @Test
    void shouldKeepEveryDouble() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                JsonNode node = JsonNodeFactory.instance.numberNode(value);
                assertThat(Double.parseDouble(CanonicalJson.write(node))).isEqualTo(value == 0 ? 0.0 : value);
            }
        }
    }
}
