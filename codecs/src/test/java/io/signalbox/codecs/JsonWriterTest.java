package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.ByteString;
import io.signalbox.codecs.proto.Assign;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Message;
import io.signalbox.codecs.proto.Progress;
import io.signalbox.codecs.proto.Skill;
import io.signalbox.codecs.proto.Welcome;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What receivers of the JSON form get: always a text of it, whatever somebody else sent in Protobuf. */
class JsonWriterTest {
    private static String json(int kind, com.google.protobuf.Message body) {
        return new String(JsonCodec.entryToJson(0, 0, kind, body.toByteArray()), StandardCharsets.UTF_8);
    }

    private static String message(Consumer<Message.Builder> fields) {
        Message.Builder message = Message.newBuilder();
        fields.accept(message);
        return json(EntryKind.MESSAGE, message.build());
    }

    private static String payload(String contentType, ByteString payload) {
        return message(fields -> fields.setContentType(contentType).setPayload(payload));
    }

    /** Strictly, by a parser with settings of its own. */
    private static void assertIsOneJsonText(byte[] text) {
        try (JsonParser parser = new JsonFactory().createParser(new String(text, StandardCharsets.UTF_8))) {
            parser.nextToken();
            parser.skipChildren();
            assertThat(parser.nextToken()).isNull();
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + new String(text, StandardCharsets.UTF_8), e);
        }
    }

    @Test
    void shouldLeaveOutWhatHasItsDefault() {
        assertThat(json(EntryKind.WELCOME, Welcome.getDefaultInstance())).isEqualTo("{\"welcome\":{}}");
        assertThat(message(fields -> fields.setTtlMs(0).setAddress(""))).isEqualTo("{\"message\":{}}");
        assertThat(message(fields -> fields.setPriority(0))).isEqualTo("{\"message\":{\"priority\":0}}");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, {",
        "7, 0, {'agent':7;",
        "-1, 0, {'agent':4294967295;",
        "0, 9007199254740991, {'ref':9007199254740991;",
        "0, 9007199254740992, {'ref':'9007199254740992';",
        "0, -1, {'ref':'18446744073709551615';",
        "2147483647, 1, {'agent':2147483647;'ref':1;"
    })
    void shouldPutHandleAndReferenceBeforeTheBody(int agent, long ref, String head) {
        byte[] text = JsonCodec.entryToJson(agent, ref, EntryKind.PING, new byte[0]);

        assertThat(new String(text, StandardCharsets.UTF_8))
                .isEqualTo(JsonTexts.quoted(head).replace(';', ',') + "\"ping\":{}}");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "9007199254740991, 9007199254740991",
        "9007199254740992, '\"9007199254740992\"'",
        "9223372036854775807, '\"9223372036854775807\"'",
        "-1, '\"18446744073709551615\"'"
    })
    void shouldWriteTokensThatJsonCannotHoldAsTexts(long token, String written) {
        assertThat(json(EntryKind.ASSIGN, Assign.newBuilder().setToken(token).build()))
                .isEqualTo("{\"assign\":{\"token\":" + written + "}}");
    }

    @Test
    void shouldWriteNumbersOfThirtyTwoBitsAsNumbers() {
        assertThat(message(fields -> fields.setTtlMs(-1))).isEqualTo("{\"message\":{\"ttlMs\":4294967295}}");
        assertThat(json(
                        EntryKind.PROGRESS,
                        Progress.newBuilder().setPercent(0.1).build()))
                .isEqualTo("{\"progress\":{\"percent\":0.1}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"",
                "\\",
                "\b\f\n\r\t",
                "\0",
                "\u001f",
                "</script>",
                "\u2028\u2029",
                "\ufeff",
                "\ud83d\ude82",
                "\u007f"
            })
    void shouldEscapeSoThatTheSameIsReadAgain(String text) throws CodecException {
        Message sent = Message.newBuilder()
                .setAddress(text)
                .putHeaders(text, text)
                .setContentType("text/plain")
                .setPayload(ByteString.copyFromUtf8(text))
                .build();

        byte[] written = JsonCodec.messageEntryToJson(0, EncodedMessage.of(sent));

        assertIsOneJsonText(written);
        assertThat(JsonTexts.frame(written).getEntries(0).getMessage()).isEqualTo(sent);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "}",
                "{\"a\":1}}",
                "{\"a\":1},\"source\":\"agent/boss\"",
                "1 2",
                "{'a':1}",
                "{a:1}",
                "nul",
                "NaN",
                "01",
                "// x\n1",
                "1 // x",
                "\"open",
                "\"tab\t\"",
                "{\"a\":1,\"a\":2}",
                "[1,]",
                " ",
                "\ufeff1",
                "\u00a01",
                "1\0",
                "\0",
                "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
            })
    void shouldWriteContentThatIsNoJsonInBase64(String payload) {
        String written = payload("application/json", ByteString.copyFromUtf8(payload));

        assertThat(written)
                .isEqualTo("{\"message\":{\"contentType\":\"application/json\",\"payloadBase64\":\""
                        + Base64.getEncoder().encodeToString(payload.getBytes(StandardCharsets.UTF_8)) + "\"}}");
    }

    /** JSON to a parser that guesses at encodings, but not within a text of UTF-8. */
    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void shouldWriteJsonInOtherEncodingsInBase64(String charset) {
        String written = payload("", ByteString.copyFrom("{\"a\":1}", Charset.forName(charset)));

        assertThat(written).startsWith("{\"message\":{\"payloadBase64\":\"");
        assertIsOneJsonText(written.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "0",
                "-1.5e3",
                "\"a\"",
                "true",
                "false",
                " {\"a\" : [1 , 2]}\n",
                "\"\u00e9\ud83d\ude82\""
            })
    void shouldWriteContentThatIsJsonAsItIs(String payload) {
        assertThat(payload("application/merge-patch+json; charset=utf-8", ByteString.copyFromUtf8(payload)))
                .endsWith(",\"payload\":" + payload + "}}");
    }

    @Test
    void shouldWriteTextThatIsNotUtf8InBase64() {
        assertThat(payload("text/plain", ByteString.fromHex("c328")))
                .isEqualTo("{\"message\":{\"contentType\":\"text/plain\",\"payloadBase64\":\"wyg=\"}}");
        assertThat(payload("", ByteString.fromHex("22c322"))).isEqualTo("{\"message\":{\"payloadBase64\":\"IsMi\"}}");
    }

    @Test
    void shouldWriteContentOfOtherTypesInBase64UnderItsOwnName() {
        assertThat(payload("application/jsonl", ByteString.copyFromUtf8("{}\n{}")))
                .isEqualTo("{\"message\":{\"contentType\":\"application/jsonl\",\"payload\":\"e30Ke30=\"}}");
    }

    @Test
    void shouldWriteIdsAsUuidsAndElementsInTheOrderOfTheSender() {
        assertThat(message(fields ->
                        fields.setId(ByteString.copyFrom(HexFormat.of().parseHex("00000000000000008000000000000001")))))
                .isEqualTo("{\"message\":{\"id\":\"00000000-0000-0000-8000-000000000001\"}}");
        assertThat(json(
                        EntryKind.ATTACH,
                        Attach.newBuilder()
                                .addSkills(Skill.newBuilder().setName("b"))
                                .addSkills(Skill.newBuilder().setName("a").setVersion("1.0.0"))
                                .putTags("z", "1")
                                .putTags("y", "2")
                                .build()))
                .isEqualTo("{\"attach\":{\"skills\":[{\"name\":\"b\"},{\"name\":\"a\",\"version\":\"1.0.0\"}],"
                        + "\"tags\":{\"z\":\"1\",\"y\":\"2\"}}}");
    }

    /** Nothing that somebody else can send makes a text that is none: neither valid content nor noise of any type. */
    @Test
    void shouldWriteOneTextWhateverTheContent() throws CodecException {
        List<String> types = List.of("", "application/json", "text/plain", "image/png", "a/b+json", "\"", "\0");
        for (long seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            byte[] noise = new byte[random.nextInt(6)];
            random.nextBytes(noise);
            String alphabet = "{}[]\",:01ntfe \\\0\ufeff";
            String near = random.ints(random.nextInt(1, 8), 0, alphabet.length())
                    .mapToObj(at -> alphabet.substring(at, at + 1))
                    .collect(Collectors.joining());
            Message message = Message.newBuilder()
                    .setContentType(types.get(random.nextInt(types.size())))
                    .setPayload(random.nextBoolean() ? ByteString.copyFrom(noise) : ByteString.copyFromUtf8(near))
                    .build();

            byte[] written = JsonCodec.messageEntryToJson(3, EncodedMessage.of(message));

            assertIsOneJsonText(written);
            String text = new String(written, StandardCharsets.UTF_8);
            if (!text.contains("payloadBase64") && !text.contains("\"payload\":null")) {
                Entry read = JsonTexts.frame(written).getEntries(0);
                assertThat(trimmed(read.getMessage()))
                        .as("seed %d: %s", seed, text)
                        .isEqualTo(trimmed(message));
            }
        }
    }

    /** Whitespace around a document belongs to the text that carries it. */
    private static Message trimmed(Message message) {
        return JsonContent.of(message.getContentType()) == JsonContent.JSON
                ? message.toBuilder()
                        .setPayload(ByteString.copyFromUtf8(
                                message.getPayload().toStringUtf8().strip()))
                        .build()
                : message;
    }

    @ParameterizedTest
    @ValueSource(strings = {"0a", "0a05", "ff", "1201ff"})
    void shouldRefuseABodyThatIsNoneOfItsKind(String hex) {
        byte[] body = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> JsonCodec.entryToJson(1, 1, EntryKind.HELLO, body))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not a Hello");
    }
}
