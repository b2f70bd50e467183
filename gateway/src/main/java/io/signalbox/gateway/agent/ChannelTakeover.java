package io.signalbox.gateway.agent;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/**
 * Takes a connection away from Vert.x at its WebSocket upgrade and goes on with a bare channel: a Vert.x WebSocket costs
 * several times the memory. What Vert.x did for the connection besides, closing and counting, is the endpoint's from then
 * on.
 */
final class ChannelTakeover {
    /** RFC 6455, section 1.3. */
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private ChannelTakeover() {}

    /**
     * Answers the upgrade. Call on the connection's event loop.
     *
     * @param handler gets what the client sends, in buffers that are its to release
     */
    static void perform(HttpServerRequest request, String protocol, ChannelHandler handler) {
        Channel channel = ((ConnectionBase) request.connection()).channel();
        ByteBuf answer = Unpooled.copiedBuffer(
                answer(request.getHeader("Sec-WebSocket-Key"), protocol), StandardCharsets.US_ASCII);
        ChannelPipeline pipeline = channel.pipeline();
        Map<String, ChannelHandler> before = pipeline.toMap();
        // First the new handler, then away with the old ones: a decoder that is removed passes on what it has read.
        pipeline.addLast(handler);
        before.forEach((name, old) -> {
            if (!(old instanceof SslHandler)) {
                pipeline.remove(old);
            }
        });
        channel.config().setAutoRead(true);
        channel.writeAndFlush(answer);
        channel.read();
    }

    private static String answer(String key, String protocol) {
        return "HTTP/1.1 101 Switching Protocols\r\n"
                + "Upgrade: websocket\r\n"
                + "Connection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + accept(key) + "\r\n"
                + "Sec-WebSocket-Protocol: " + protocol + "\r\n"
                + "\r\n";
    }

    private static String accept(String key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(digest.digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
