package io.signalbox.gateway.agent;

import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.JsonCodec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The two encodings of the wire. */
enum WireFormat {
    PROTO("signalbox.v1.proto"),
    JSON("signalbox.v1.json");

    private final String protocol;

    WireFormat(String protocol) {
        this.protocol = protocol;
    }

    /** Name of the WebSocket sub-protocol. */
    String protocol() {
        return protocol;
    }

    /** The client's first choice that there is. */
    static Optional<WireFormat> chosen(List<String> offered) {
        for (String protocol : offered) {
            for (WireFormat format : values()) {
                if (format.protocol.equals(protocol)) {
                    return Optional.of(format);
                }
            }
        }
        return Optional.empty();
    }

    /** The content of a WebSocket message, which is not kept, as an encoded {@code Frame} of its own. */
    byte[] toFrame(byte[] content, int length, int maxFrameBytes) throws CodecException {
        byte[] own = Arrays.copyOf(content, length);
        return switch (this) {
            case PROTO -> own;
            case JSON -> JsonCodec.toFrame(own, maxFrameBytes);
        };
    }

    void append(EntryBuffer out, int agent, EncodedMessage message) {
        switch (this) {
            case PROTO -> out.appendProto(agent, 0, EntryKind.MESSAGE, message.bytes());
            case JSON -> out.appendJson(JsonCodec.messageEntryToJson(agent, message));
        }
    }

    void append(EntryBuffer out, int agent, long ref, int kind, byte[] body) {
        switch (this) {
            case PROTO -> out.appendProto(agent, ref, kind, body);
            case JSON -> out.appendJson(JsonCodec.entryToJson(agent, ref, kind, body));
        }
    }
}
