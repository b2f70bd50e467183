package io.signalbox.codecs;

import static io.signalbox.codecs.JsonTexts.entry;
import static io.signalbox.codecs.JsonTexts.frame;
import static io.signalbox.codecs.JsonTexts.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Message;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the JSON form takes, and what it refuses. */
class JsonReaderTest {
    private static final int MAX_MESSAGE = 310;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "true",
                "'ping'",
                "12",
                "{",
                "}",
                "[",
                "]",
                "[{'ping':{}}",
                "[{'ping':{}},]",
                "[,{'ping':{}}]",
                "[{'ping':{}} {'ping':{}}]",
                "[[{'ping':{}}]]",
                "[null]",
                "{'ping'}",
                "{'ping':}",
                "{'ping':{}",
                "{'ping':{},}",
                "{'ping':{}}}",
                "{'ping':{}},",
                "{'ping':{}}x",
                "{'ping':{}}{'ping':{}}",
                "{ping:{}}",
                "{'ping':{}} // done",
                "{'ping':{}} # done",
                "{'ref':01,'ping':{}}",
                "{'ref':+1,'ping':{}}",
                "{'ref':0x1,'ping':{}}",
                "{'progress':{'percent':.5}}",
                "{'progress':{'percent':5.}}",
                "{'progress':{'percent':NaN}}",
                "{'progress':{'percent':Infinity}}",
                "{'hello':{'client':'tab\there'}}",
                "{'hello':{'client':'\\x41'}}",
                "{'hello':{'client':'\\u12'}}",
                "{'hello':{'client':'open}}"
            })
    void shouldRefuseWhatIsNoTextOfTheForm(String json) {
        assertThat(refusal(json).code()).isEqualTo(Code.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE"})
    void shouldRefuseOtherEncodings(String charset) {
        byte[] text = "{\"message\":{\"payload\":1}}".getBytes(Charset.forName(charset));

        assertThat(refusal(text).code()).isEqualTo(Code.MALFORMED);
    }

    @Test
    void shouldRefuseAByteOrderMark() {
        assertThat(refusal("\ufeff{'ping':{}}").code()).isEqualTo(Code.MALFORMED);
    }

    @ParameterizedTest
    @CsvSource({
        "ff, no such byte",
        "c3, cut off",
        "c328, no continuation",
        "80, a continuation alone",
        "c080, overlong NUL",
        "e08080, overlong",
        "eda080, half of a surrogate pair",
        "f4908080, beyond U+10FFFF"
    })
    void shouldRefuseTextThatIsNotUtf8(String hex, String what) {
        String head = "{\"hello\":{\"client\":\"";
        byte[] text = HexFormat.of()
                .parseHex(HexFormat.of().formatHex(head.getBytes(StandardCharsets.US_ASCII)) + hex + "227d7d");

        assertThat(refusal(text)).as(what).hasMessage("text that is not UTF-8");
    }

    @Test
    void shouldTakeAnyWhitespaceBetweenTokens() throws CodecException {
        assertThat(frame(" \r\n\t[ {\n'ref' :\t1 , 'ping' : { } } ,\r{'pong':{}}\n] \n"))
                .isEqualTo(frame("[{'ref':1,'ping':{}},{'pong':{}}]"));
    }

    static Stream<Arguments> escapes() {
        return Stream.of(
                Arguments.of("a\\u00e9\\u4E2d", "a\u00e9\u4e2d"),
                Arguments.of("\\ud83d\\ude82", "\ud83d\ude82"),
                Arguments.of("\\u0022\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"),
                Arguments.of("\\u0000\\u001f\\u007f", "\0\u001f\u007f"),
                Arguments.of("\u2028\u2029\ufeff", "\u2028\u2029\ufeff"));
    }

    @ParameterizedTest
    @MethodSource("escapes")
    void shouldTakeEveryEscapeInATextAndInAPayload(String written, String meant) throws CodecException {
        Message message = entry(
                        "{'message':{'headers':{'%1$s':'x'},'type':'%1$s','contentType':'text/plain','payload':'%1$s'}}"
                                .formatted(written))
                .getMessage();

        assertThat(message.getType()).isEqualTo(meant);
        assertThat(message.getHeadersMap()).containsOnlyKeys(meant);
        assertThat(message.getPayload().toStringUtf8()).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'hello':{'token':'\\ud83d'}}                                         | hello.token",
                "{'hello':{'token':'a\\ude82'}}                                        | hello.token",
                "{'hello':{'token':'\\ude82\\ud83d'}}                                  | hello.token",
                "{'message':{'headers':{'a':'\\ud83dx'}}}                              | message.headers",
                "{'message':{'contentType':'text/plain','payload':'a\\ud83d b'}}       | message.payload",
                "{'attach':{'skills':[{'name':'a'},{'version':'\\ud83d'}]}}            | attach.skills[1].version"
            })
    void shouldRefuseHalfOfASurrogatePair(String json, String where) {
        assertThat(refusal(json)).hasMessage(where + " has half of a surrogate pair");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud83d", "\\ude82", "\\ud83dx", "\\ud83d\\ud83d"})
    void shouldRefuseHalfOfASurrogatePairInAName(String name) {
        assertThat(refusal("{'message':{'headers':{'" + name + "':''}}}")).hasMessageContaining("surrogate");
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "aGk=, hi", "aGk, hi", "Pz8/, ???", "Pj4+, >>>"})
    void shouldTakeBase64(String written, String bytes) throws CodecException {
        assertThat(entry("{'message':{'contentType':'image/png','payload':'" + written + "'}}")
                        .getMessage()
                        .getPayload()
                        .toStringUtf8())
                .isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "aGk=x",
                "aGk==",
                "a Gk=",
                "aGk\\n",
                "Pz8_",
                "Pj4-",
                "a=Gk",
                "====",
                "aG\u00e9k",
                "\u4e2d\u4e2d"
            })
    void shouldRefuseWhatIsNoBase64(String written) {
        assertThat(refusal("{'message':{'contentType':'image/png','payload':'" + written + "'}}"))
                .hasMessage("message.payload must be base64");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "01234567-89ab-cdef-0123-456789abcde", "01234567-89ab-cdef-0123-456789abcdef0",
                "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdeg", "1-2-3-4-5",
                "{01234567-89ab-cdef-0123-456789abcdef}"
            })
    void shouldRefuseWhatIsNoUuid(String id) {
        assertThat(refusal("{'message':{'id':'" + id + "'}}")).hasMessageStartingWith("message.id must be a UUID");
    }

    @Test
    void shouldTakeAUuidInEitherCase() throws CodecException {
        byte[] id = HexFormat.of().parseHex("0123456789abcdeffedcba9876543210");

        for (String written : List.of("01234567-89ab-cdef-fedc-ba9876543210", "01234567-89AB-CDEF-FEDC-BA9876543210")) {
            assertThat(entry("{'message':{'id':'" + written + "'}}")
                            .getMessage()
                            .getId()
                            .toByteArray())
                    .isEqualTo(id);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DURABILITY_REPLICATED_", "durability_local", "LOCAL", "1", ""})
    void shouldRefuseWhatIsNoDurability(String name) {
        assertThat(refusal("{'message':{'durability':'" + name + "'}}"))
                .hasMessageStartingWith("message.durability: '" + name + "' is none of [")
                .hasMessageContaining("DURABILITY_LOCAL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'ref':1,'ref':1,'ping':{}}",
                "{'ping':{},'ping':{}}",
                "{'message':{'payload':{'a':1,'a':1}}}",
                "{'message':{'payload':1,'payload':2}}",
                "{'message':{'headers':{'a':'','a':''}}}",
                "{'message':{'headers':{'a':'','\\u0061':''}}}",
                "[{'ping':{}},{'attach':{'tags':{'x':'','x':''}}}]"
            })
    void shouldRefuseANameThatIsThereTwice(String json) {
        assertThat(refusal(json)).hasMessageContaining("Duplicate");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'pings':{}}                            | pings",
                "{'Ping':{}}                             | Ping",
                "{'':{}}                                 | ''",
                "{'go_away':{}}                          | go_away",
                "{'ping':{'a':null}}                     | ping.a",
                "{'message':{'ttl_ms':1}}                | message.ttl_ms",
                "{'message':{'payloadBase64':''}}        | message.payloadBase64",
                "{'message':{'hasPriority':true}}        | message.hasPriority",
                "{'attach':{'skills':[{},{'nam':''}]}}   | attach.skills[1].nam",
                "{'renew':{'assignments':[{'lease':1}]}} | renew.assignments[0].lease"
            })
    void shouldNameAMemberThatThereIsNot(String json, String path) {
        assertThat(refusal(json)).hasMessage("unknown member '" + path.replace("'", "") + "'");
    }

    @Test
    void shouldTakeNullForWhatIsNotThere() throws CodecException {
        String nulls = "{'agent':null,'ref':null,'message':{'id':null,'priority':null,'headers':null,"
                + "'durability':null,'time':null,'contentType':null,'payload':null,'address':'a'},'ping':null}";

        assertThat(entry(nulls))
                .isEqualTo(Entry.newBuilder()
                        .setMessage(Message.newBuilder().setAddress("a"))
                        .build());
        assertThat(entry(nulls).getMessage().hasPriority()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'attach':{'skills':[null]}}", "{'attach':{'tags':{'a':null}}}"})
    void shouldRefuseNullAsAnElement(String json) {
        assertThat(refusal(json).code()).isEqualTo(Code.MALFORMED);
    }

    @Test
    void shouldTellPriorityZeroFromNone() throws CodecException {
        assertThat(entry("{'message':{'priority':0}}").getMessage().hasPriority())
                .isTrue();
        assertThat(entry("{'message':{}}").getMessage().hasPriority()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/json                  | {'a': [1, 2.0, null]}  | {'a': [1, 2.0, null]}",
                "``                                | {'a':1}                | {'a':1}",
                "Application/JSON; charset=utf-8   | 'text'                 | 'text'",
                "application/problem+json          | -1.50e+3               | -1.50e+3",
                "application/vnd.a+JSON;v=1        | true                   | true",
                "application/json                  | 'caf\u00e9 \ud83d\ude82' | 'caf\u00e9 \ud83d\ude82'",
                "application/json                  | ''                     | ''",
                "application/json                  | []                     | []",
                "text/plain                        | 'a'                    | a",
                "Text/HTML; charset=utf-8          | '<p>'                  | <p>",
                "application/jsonl                 | 'aGk='                 | hi",
                "application/json-seq              | 'aGk='                 | hi",
                "application/octet-stream          | 'aGk='                 | hi",
                "x+jsonx                           | 'aGk='                 | hi",
            })
    void shouldTakeContentByItsTypeWhereverTheTypeStands(String type, String written, String content)
            throws CodecException {
        String typeFirst = "{'complete':{'contentType':'%s','output': %s ,'task':'t'}}";
        String typeLast = "{'complete':{'output':%2$s,'task':'t','contentType':'%1$s'}}";

        for (String form : List.of(typeFirst, typeLast)) {
            assertThat(entry(form.formatted(type, written))
                            .getComplete()
                            .getOutput()
                            .toStringUtf8())
                    .as(form)
                    .isEqualTo(JsonTexts.quoted(content));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "true", "{}", "['a']"})
    void shouldRefuseContentThatIsNoStringWhereItsTypeSaysSo(String value) {
        assertThat(refusal("{'complete':{'output':" + value + ",'contentType':'text/plain'}}"))
                .hasMessage("complete.output must be a string, as its contentType is text/plain");
    }

    @Test
    void shouldRefuseABodyOfAnotherKindBesidesTheFirst() {
        assertThat(refusal("{'pong':{},'ref':1,'message':{}}")).hasMessage("'message': an entry has one body");
    }

    @Test
    void shouldTakeContentAsDeepAsTheLimitAndNoDeeper() throws CodecException {
        // The entry, the message and the content's own levels.
        assertThat(nested(62)).isEqualTo(62 * 2);
        assertThat(refusal(nestedText(63)).code()).isEqualTo(Code.MALFORMED);
    }

    private static int nested(int depth) throws CodecException {
        return entry(nestedText(depth)).getMessage().getPayload().size();
    }

    private static String nestedText(int depth) {
        return "{'message':{'payload':" + "[".repeat(depth) + "]".repeat(depth) + "}}";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'LONG':1}",
                "{'message':{'LONG':1}}",
                "{'message':{'durability':'LONG'}}",
                "{'message':{'headers':{'LONG':1}}}",
                "{'message':{'headers':{'LONG':'','LONG':''}}}",
                "{'message':{'contentType':'text/LONG','payload':1}}",
                "LONG",
                "{'ref':LONG}"
            })
    void shouldKeepItsAnswerShortHoweverLongTheText(String json) {
        CodecException refusal = refusal(json.replace("LONG", "x".repeat(40_000)));

        assertThat(refusal.getMessage()).hasSizeBetween(20, MAX_MESSAGE);
    }

    @Test
    void shouldNotCutAnAnswerWithinASurrogatePair() {
        String trains = "\ud83d\ude82".repeat(400);

        for (String shift : List.of("", "x")) {
            assertThat(StandardCharsets.UTF_8
                            .newEncoder()
                            .canEncode(refusal("{'" + shift + trains + "':1}").getMessage()))
                    .isTrue();
        }
    }

    /** Names of one hash in the table of the parser that the decoder once used, which gave up at 500 of them. */
    @Test
    void shouldTakeNamesWhateverTheirHash() throws CodecException {
        List<String> names = CollidingNames.take(2_000);
        String payload = names.stream().map(name -> "'" + name + "':0").collect(Collectors.joining(",", "{", "}"));

        assertThat(entry("{'message':{'payload':" + payload + "}}").getMessage().getPayload())
                .hasSize(payload.length());
    }

    @Test
    void shouldKeepTheOrderOfEntries() throws CodecException {
        String entries = IntStream.rangeClosed(1, 500)
                .mapToObj(ref -> "{'ref':" + ref + "}")
                .collect(Collectors.joining(","));

        Frame frame = frame("[" + entries + "]");

        assertThat(frame.getEntriesList())
                .extracting(Entry::getRef)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 500).mapToObj(Long::valueOf).toList());
    }

    @Test
    void shouldTakeATextOfTheLimitAndNotOneByteMore() throws CodecException {
        byte[] text = "{\"ping\":{}}".getBytes(StandardCharsets.UTF_8);

        assertThat(JsonCodec.toFrame(text, text.length)).isNotEmpty();
        assertThat(catchThrowableOfType(CodecException.class, () -> JsonCodec.toFrame(text, text.length - 1))
                        .code())
                .isEqualTo(Code.TOO_LARGE);
    }
}
