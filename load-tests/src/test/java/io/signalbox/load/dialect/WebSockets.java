package io.signalbox.load.dialect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The server's side of WebSocket, by Netty's own codec. */
final class WebSockets {
    static final byte[] UPGRADED = ascii(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");

    private WebSockets() {}

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What a server reads from a client's bytes; masks are demanded. */
    static List<WebSocketFrame> read(ByteBuf bytes) {
        EmbeddedChannel server = new EmbeddedChannel(new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(true)
                .maxFramePayloadLength(1 << 20)
                .build()));
        server.writeInbound(Unpooled.copiedBuffer(bytes));
        bytes.skipBytes(bytes.readableBytes());
        List<WebSocketFrame> frames = new ArrayList<>();
        for (WebSocketFrame frame = server.readInbound(); frame != null; frame = server.readInbound()) {
            frames.add(frame.replace(Unpooled.copiedBuffer(frame.content())));
            frame.release();
        }
        return frames;
    }

    /** A server's bytes. */
    static byte[] written(WebSocketFrame frame) {
        EmbeddedChannel server = new EmbeddedChannel(new WebSocket13FrameEncoder(false));
        server.writeOutbound(frame);
        ByteBuf whole = Unpooled.buffer();
        for (ByteBuf part = server.readOutbound(); part != null; part = server.readOutbound()) {
            whole.writeBytes(part);
            part.release();
        }
        return ByteBufUtil.getBytes(whole);
    }

    static byte[] content(WebSocketFrame frame) {
        return ByteBufUtil.getBytes(frame.content());
    }

    static byte[] joined(byte[]... parts) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts));
    }
}
