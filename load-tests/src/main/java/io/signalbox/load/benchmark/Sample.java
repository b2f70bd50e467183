package io.signalbox.load.benchmark;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.FrameWriter;
import io.signalbox.codecs.proto.Message;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The message that all benchmarks handle: a type, a correlation id, a trace, and 256 bytes of JSON. */
final class Sample {
    static final String ADDRESS = "agent/research-01234";
    static final int HANDLE = 7;

    private static final ByteString PAYLOAD = ByteString.copyFrom(
            "{\"text\":\"%s\"}".formatted("x".repeat(256 - "{\"text\":\"\"}".length())), StandardCharsets.UTF_8);

    private Sample() {}

    /** As a client writes it: without id, source and time. */
    static EncodedMessage message(String address) {
        return EncodedMessage.of(Message.newBuilder()
                .setAddress(address)
                .setType("review.requested")
                .setCorrelationId("01890a5d-ac96-774b-bcce-b302099a8057")
                .setTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .setPayload(PAYLOAD)
                .build());
    }

    /** The message alone in a frame. */
    static byte[] frame(EncodedMessage message) {
        byte[] frame = new byte[FrameWriter.MAX_PREFIX + message.size()];
        int at = FrameWriter.prefix(frame, 0, HANDLE, 0, EntryKind.MESSAGE, message.size());
        System.arraycopy(message.bytes(), 0, frame, at, message.size());
        return Arrays.copyOf(frame, at + message.size());
    }
}
