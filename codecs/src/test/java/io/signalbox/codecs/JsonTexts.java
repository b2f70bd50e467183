package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import java.nio.charset.StandardCharsets;

/** Texts of the JSON form, written in tests with {@code '} for {@code "}. */
final class JsonTexts {
    static final int LIMIT = 1 << 20;

    private JsonTexts() {}

    static String quoted(String json) {
        return json.replace('\'', '"');
    }

    static Frame frame(byte[] utf8) throws CodecException {
        try {
            return Frame.parseFrom(JsonCodec.toFrame(utf8, LIMIT));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("what the decoder made is no frame", e);
        }
    }

    static Frame frame(String json) throws CodecException {
        return frame(quoted(json).getBytes(StandardCharsets.UTF_8));
    }

    /** The one entry of the text. */
    static Entry entry(String json) throws CodecException {
        Frame frame = frame(json);
        assertThat(frame.getEntriesList()).hasSize(1);
        return frame.getEntries(0);
    }

    static CodecException refusal(byte[] utf8) {
        CodecException refusal = catchThrowableOfType(CodecException.class, () -> JsonCodec.toFrame(utf8, LIMIT));
        assertThat(refusal)
                .as(() -> "refuses " + new String(utf8, StandardCharsets.UTF_8))
                .isNotNull();
        return refusal;
    }

    static CodecException refusal(String json) {
        return refusal(quoted(json).getBytes(StandardCharsets.UTF_8));
    }
}
