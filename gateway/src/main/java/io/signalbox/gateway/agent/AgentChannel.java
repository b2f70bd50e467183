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
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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

    /** How long the peer has to take the closing frame; one that reads nothing would keep the connection for ever. */
    static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    /** A control frame has 125 bytes, two are the code's. */
    private static final int MAX_REASON_BYTES = 123;

    /** 1005: the closing frame named no code, as a browser's {@code close()} does; Netty says -1. */
    private static final Set<Integer> CLEAN = Set.of(1000, 1001, 1005, -1);

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
    private volatile boolean closing;
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
            case PingWebSocketFrame ping -> pong(context, ping);
            case CloseWebSocketFrame close -> {
                cleanlyClosed = CLEAN.contains(close.statusCode());
                sendLast(context.channel(), close.retain());
            }
            default -> log.trace("Ignored frame {}", frame);
        }
    }

    /** Pongs for a peer that does not read would pile up; the last ping is the one to answer anyway. */
    private static void pong(ChannelHandlerContext context, PingWebSocketFrame ping) {
        if (context.channel().isWritable()) {
            context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        }
    }

    private void content(WebSocketFrame frame, WireFormat wanted) {
        if (closing) {
            return;
        }
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

    /** False once it closes: what is for the client waits for its next connection then. */
    boolean isWritable() {
        return !closing && channel.map(Channel::isWritable).orElse(false);
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

    /** With the closing handshake's frame; what was written before goes out first. Only the first call counts. */
    void close(int code, String reason) {
        Channel open = channel.orElseThrow();
        if (open.eventLoop().inEventLoop()) {
            closeOnce(open, code, reason);
        } else {
            open.eventLoop().execute(() -> closeOnce(open, code, reason));
        }
    }

    private void closeOnce(Channel open, int code, String reason) {
        if (!closing) {
            meters.closed(code);
            sendLast(open, new CloseWebSocketFrame(code, shortened(reason)));
        }
    }

    private void sendLast(Channel open, CloseWebSocketFrame frame) {
        closing = true;
        open.writeAndFlush(frame).addListener(ChannelFutureListener.CLOSE);
        Future<?> cut = open.eventLoop().schedule(() -> open.close(), CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        open.closeFuture().addListener(closed -> cut.cancel(false));
    }

    /** Whole characters only: a peer refuses a reason that is not UTF-8. */
    private static String shortened(String reason) {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_REASON_BYTES);
        CharBuffer chars = CharBuffer.wrap(reason);
        StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .encode(chars, bytes, true);
        return reason.substring(0, chars.position());
    }

    Channel channel() {
        return channel.orElseThrow();
    }
}
