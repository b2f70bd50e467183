package io.signalbox.gateway.agent;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.Optional;

/** A client's end of a channel under test, with Netty's WebSocket codec as the oracle for ours. */
final class ClientFrames implements AutoCloseable {
    private final EmbeddedChannel encoder = new EmbeddedChannel(new WebSocket13FrameEncoder(true));
    private final EmbeddedChannel decoder =
            new EmbeddedChannel(new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                    .expectMaskedFrames(false)
                    .maxFramePayloadLength(1 << 24)
                    .build()));
    private final EmbeddedChannel server;

    ClientFrames(EmbeddedChannel server) {
        this.server = server;
    }

    /** All in one piece. */
    void send(WebSocketFrame... frames) {
        ByteBuf all = server.alloc().buffer();
        for (WebSocketFrame frame : frames) {
            ByteBuf one = bytes(frame);
            all.writeBytes(one);
            one.release();
        }
        server.writeInbound(all);
    }

    /** As it goes over the network. */
    ByteBuf bytes(WebSocketFrame frame) {
        encoder.writeOutbound(frame);
        ByteBuf whole = encoder.alloc().buffer();
        for (ByteBuf part = encoder.readOutbound(); part != null; part = encoder.readOutbound()) {
            whole.writeBytes(part);
            part.release();
        }
        return whole;
    }

    /** The next that the server sent; the caller's to release. */
    Optional<WebSocketFrame> received() {
        for (ByteBuf part = server.readOutbound(); part != null; part = server.readOutbound()) {
            decoder.writeInbound(part);
        }
        return Optional.ofNullable(decoder.readInbound());
    }

    <T extends WebSocketFrame> T received(Class<T> kind) {
        return kind.cast(received().orElseThrow(() -> new AssertionError("the server sent nothing")));
    }

    @Override
    public void close() {
        encoder.finishAndReleaseAll();
        decoder.finishAndReleaseAll();
    }
}
