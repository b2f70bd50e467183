package io.signalbox.gateway.agent;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's WebSocket after the upgrade. What comes in goes to its {@link Listener} on the channel's event loop;
 * {@link #write}, {@link #isWritable} and {@link #close} may be called from any thread.
 */
final class AgentChannel extends SimpleChannelInboundHandler<WebSocketFrame> {
    private static final Logger log = LoggerFactory.getLogger(AgentChannel.class);

    /** RFC 6455, section 7.4.1. */
    static final int CLOSE_UNSUPPORTED_DATA = 1003;

    static final int CLOSE_TOO_BIG = 1009;

    /** Called on the channel's event loop. */
    interface Listener {
        void received(AgentChannel from, byte[] content);

        void writable(AgentChannel which);

        /** @param clean the client said that it is done */
        void ended(AgentChannel which, boolean clean);
    }

    private final WireFormat format;
    private final DoorMeters meters;
    private volatile Listener listener;
    private volatile Optional<Channel> channel = Optional.empty();
    private boolean cleanlyClosed;
    private boolean ended;

    AgentChannel(WireFormat format, Listener listener, DoorMeters meters) {
        this.format = format;
        this.listener = listener;
        this.meters = meters;
    }

    WireFormat format() {
        return format;
    }

    /** From the next frame on. Call on the channel's event loop. */
    void listen(Listener next) {
        listener = next;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = Optional.of(context.channel());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
        switch (frame) {
            case BinaryWebSocketFrame binary -> content(binary, WireFormat.PROTO);
            case TextWebSocketFrame text -> content(text, WireFormat.JSON);
            case PingWebSocketFrame ping ->
                context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
            case CloseWebSocketFrame close -> {
                cleanlyClosed = close.statusCode() == 1000 || close.statusCode() == 1001;
                context.writeAndFlush(close.retain()).addListener(ChannelFutureListener.CLOSE);
            }
            default -> log.trace("Ignored frame {}", frame);
        }
    }

    private void content(WebSocketFrame frame, WireFormat wanted) {
        if (format != wanted) {
            close(CLOSE_UNSUPPORTED_DATA, "sub-protocol " + format.protocol() + " takes no such frames");
            return;
        }
        byte[] content = ByteBufUtil.getBytes(frame.content());
        meters.received(content.length);
        listener.received(this, content);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            listener.writable(this);
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end();
    }

    private void end() {
        if (!ended) {
            ended = true;
            listener.ended(this, cleanlyClosed);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        switch (cause) {
            // The decoder has sent the closing frame with the right code already.
            case CorruptedFrameException broken -> log.debug("Broken WebSocket frame: {}", broken.getMessage());
            case TooLongFrameException tooLong -> close(CLOSE_TOO_BIG, "message too big");
            default -> {
                log.debug("Connection failed: {}", cause.toString());
                context.close();
            }
        }
    }

    boolean isWritable() {
        return channel.map(Channel::isWritable).orElse(false);
    }

    /** Sends the batch as one WebSocket message. */
    void write(EntryBuffer batch) {
        WebSocketFrame frame = switch (format) {
            case PROTO -> new BinaryWebSocketFrame(batch.takeProto());
            case JSON -> new TextWebSocketFrame(batch.takeJson());
        };
        meters.sent(frame.content().readableBytes());
        Channel open = channel.orElseThrow();
        open.writeAndFlush(frame, open.voidPromise());
    }

    /** With the closing handshake's frame; what was written before goes out first. */
    void close(int code, String reason) {
        meters.closed(code);
        channel.ifPresent(open -> open.writeAndFlush(new CloseWebSocketFrame(code, shortened(reason)))
                .addListener(ChannelFutureListener.CLOSE));
    }

    /** A control frame has room for 123 bytes of reason. */
    private static String shortened(String reason) {
        return reason.length() <= 120 ? reason : reason.substring(0, 120);
    }

    Channel channel() {
        return channel.orElseThrow();
    }
}
