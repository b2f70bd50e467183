package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Message;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonCodecTest {
    private static final int LIMIT = 100_000;

    private static Frame frame(String json) throws Exception {
        return Frame.parseFrom(JsonCodec.toFrame(json.getBytes(StandardCharsets.UTF_8), LIMIT));
    }

    private static String json(Entry entry) {
        FieldDescriptor body =
                entry.getOneofFieldDescriptor(Entry.getDescriptor().getOneofs().getFirst());
        byte[] encoded = ((com.google.protobuf.Message) entry.getField(body)).toByteArray();
        return new String(
                JsonCodec.entryToJson(entry.getAgent(), entry.getRef(), body.getNumber(), encoded),
                StandardCharsets.UTF_8);
    }

    @Test
    void shouldReadWhatItWrites() throws Exception {
        for (long seed = 0; seed < 3_000; seed++) {
            Entry entry = new RandomFrames(seed).entry();

            Frame read = frame(json(entry));

            assertThat(read.getEntriesList())
                    .as("seed %d: %s", seed, json(entry))
                    .containsExactly(entry);
        }
    }

    @Test
    void shouldWriteAMessageOnceForAllItsReceivers() {
        Message message = new RandomFrames(3).message();
        EncodedMessage encoded = EncodedMessage.of(message);

        assertThat(encoded.json()).isSameAs(encoded.json());
        assertThat(new String(JsonCodec.messageEntryToJson(7, encoded), StandardCharsets.UTF_8))
                .isEqualTo(
                        json(Entry.newBuilder().setAgent(7).setMessage(message).build()));
    }

    @Test
    void shouldReadOneEntryOrAnArrayOfThem() throws Exception {
        assertThat(frame("{\"ping\":{}}").getEntriesCount()).isEqualTo(1);
        assertThat(frame("[{\"ping\":{}},{\"ref\":2,\"ping\":{}}]").getEntriesCount())
                .isEqualTo(2);
        assertThat(frame("[]").getEntriesCount()).isZero();
    }

    @Test
    void shouldTakePayloadsByTheirType() throws Exception {
        assertThat(payload("{\"a\": [1]}", "application/json")).isEqualTo("{\"a\": [1]}");
        assertThat(payload("\"caf\u00e9\"", "text/plain")).isEqualTo("caf\u00e9");
        assertThat(payload("\"aGk=\"", "application/octet-stream")).isEqualTo("hi");
    }

    private static String payload(String json, String type) throws Exception {
        String message = "{\"message\":{\"payload\":" + json + ",\"contentType\":\"" + type + "\"}}";
        return frame(message).getEntries(0).getMessage().getPayload().toStringUtf8();
    }

    @Test
    void shouldSayWhenAPayloadIsNotWhatItsTypeSays() throws Exception {
        Message broken = Message.newBuilder()
                .setPayload(com.google.protobuf.ByteString.copyFromUtf8("{\"a\":"))
                .build();

        assertThat(json(Entry.newBuilder().setMessage(broken).build()))
                .isEqualTo("{\"message\":{\"payloadBase64\":\"eyJhIjo=\"}}");
    }

    @Test
    void shouldWriteIntegersThatJsonCannotHoldAsTexts() throws Exception {
        assertThat(json(Entry.newBuilder()
                        .setRef((1L << 53) - 1)
                        .setPing(io.signalbox.codecs.proto.Ping.getDefaultInstance())
                        .build()))
                .contains("\"ref\":9007199254740991,");
        assertThat(json(Entry.newBuilder()
                        .setRef(-1)
                        .setPing(io.signalbox.codecs.proto.Ping.getDefaultInstance())
                        .build()))
                .contains("\"ref\":\"18446744073709551615\",");
        assertThat(frame("{\"ref\":\"18446744073709551615\",\"ping\":{}}")
                        .getEntries(0)
                        .getRef())
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'pong':{},'ping':{}} | one body",
                "{'pong':{}} {} | after the end",
                "{'message':{'adress':'x'}} | message.adress",
                "{'message':{'address':1}} | message.address must be a string",
                "{'message':{'id':'1'}} | message.id must be a UUID",
                "{'message':{'payload':1,'contentType':'text/plain'}} | must be a string",
                "{'message':{'payload':'%','contentType':'image/png'}} | base64",
                "{'message':{'address':'a','address':'b'}} | Duplicate",
                "{'message':{'ttlMs':4294967296}} | greater than 4294967295",
                "{'message':{'ttlMs':-1}} | whole number",
                "{'message':{'ttlMs':1.5}} | whole number",
                "{'message':{'durability':'FOREVER'}} | none of",
                "{'message':{'headers':{'a':1}}} | message.headers.a must be a string",
                "{'attach':{'skills':{}}} | attach.skills must be an array",
                "{'attach':{'skills':[1]}} | attach.skills[0] must be an object",
                "/* comment */ {'ping':{}} | not JSON",
                "{'message':{'address':'\\ud800'}} | surrogate",
                "7 | an entry must be an object"
            })
    void shouldNameWhatIsWrong(String json, String expected) {
        assertThatThrownBy(() -> frame(json.replace('\'', '"')))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void shouldRefuseATextAboveTheLimit() {
        byte[] big = ("{\"message\":{\"payload\":\"" + "x".repeat(LIMIT) + "\"}}").getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> JsonCodec.toFrame(big, LIMIT))
                .isInstanceOfSatisfying(
                        CodecException.class, e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
    }
}
