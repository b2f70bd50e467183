package io.signalbox.gateway.agent;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's WebSocket after the upgrade. What comes in goes to its {@link Listener} on the channel's event loop;
 * {@link #write}, {@link #isWritable} and {@link #close} may be called from any thread.
 */
final class AgentChannel extends ChannelInboundHandlerAdapter implements WebSocketReader.Sink {
    private static final Logger log = LoggerFactory.getLogger(AgentChannel.class);

    /** RFC 6455, section 7.4.1. */
    static final int CLOSE_UNSUPPORTED_DATA = 1003;

    /** How long the peer has to take the closing frame; one that reads nothing would keep the connection for ever. */
    static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    /** A control frame has 125 bytes, two are the code's. */
    private static final int MAX_REASON_BYTES = 123;

    /** A browser's {@code close()} names no code. */
    private static final Set<Integer> CLEAN = Set.of(1000, 1001, WebSocketReader.NO_CODE);

    /** Called on the channel's event loop. */
    interface Listener {
        /** @param content up to {@code length}, and only until this returns */
        void received(AgentChannel from, byte[] content, int length);

        void writable(AgentChannel which);

        /** @param clean the client said that it is done */
        void ended(AgentChannel which, boolean clean);
    }

    private final WireFormat format;
    private final DoorMeters meters;
    private final WebSocketReader reader;
    private volatile Listener listener;
    private volatile Optional<Channel> channel = Optional.empty();
    private volatile boolean closing;
    private boolean cleanlyClosed;
    private boolean ended;

    AgentChannel(WireFormat format, Listener listener, DoorMeters meters, WebSocketReader reader) {
        this.format = format;
        this.reader = reader;
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
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            // The end of the upgrade's request, which its decoder may pass on when it is removed.
            ReferenceCountUtil.release(message);
            return;
        }
        try {
            reader.read(bytes, this);
        } catch (WebSocketReader.Broken e) {
            close(e.code(), e.getMessage());
        }
    }

    @Override
    public void message(boolean text, byte[] content, int length) {
        if (closing) {
            return;
        }
        if (text != (format == WireFormat.JSON)) {
            close(CLOSE_UNSUPPORTED_DATA, "sub-protocol " + format.protocol() + " takes no such frames");
            return;
        }
        meters.received(length);
        handOn(content, length);
    }

    /** To whom listens now, also what was kept by who listened before. */
    void handOn(byte[] content, int length) {
        if (!closing) {
            listener.received(this, content, length);
        }
    }

    /** Pongs for a peer that does not read would pile up; the last ping is the one to answer anyway. */
    @Override
    public void ping(byte[] content) {
        Channel open = channel();
        if (open.isWritable() && !closing) {
            open.writeAndFlush(WebSocketFrames.control(open.alloc(), WebSocketFrames.PONG, content));
        }
    }

    @Override
    public void close(int code) {
        cleanlyClosed = CLEAN.contains(code);
        sendLast(channel(), code, "");
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
            reader.release();
            listener.ended(this, cleanlyClosed);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.debug("Connection failed: {}", cause.toString());
        context.close();
    }

    /** False once it closes: what is for the client waits for its next connection then. */
    boolean isWritable() {
        return !closing && channel.isPresent() && channel.get().isWritable();
    }

    /** Sends the batch as one WebSocket message. */
    void write(EntryBuffer batch) {
        ByteBuf frame = switch (format) {
            case PROTO -> batch.takeProto();
            case JSON -> batch.takeJson();
        };
        meters.sent(frame.readableBytes());
        Channel open = channel();
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
            sendLast(open, code, reason);
        }
    }

    private void sendLast(Channel open, int code, String reason) {
        closing = true;
        byte[] content = code == WebSocketReader.NO_CODE ? new byte[0] : closeContent(code, reason);
        open.writeAndFlush(WebSocketFrames.control(open.alloc(), WebSocketFrames.CLOSE, content))
                .addListener(ChannelFutureListener.CLOSE);
        Future<?> cut = open.eventLoop().schedule(() -> open.close(), CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        open.closeFuture().addListener(closed -> cut.cancel(false));
    }

    /** Whole characters only: a peer refuses a reason that is not UTF-8. */
    private static byte[] closeContent(int code, String reason) {
        ByteBuffer bytes = ByteBuffer.allocate(2 + MAX_REASON_BYTES).putShort((short) code);
        StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .encode(CharBuffer.wrap(reason), bytes, true);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    Channel channel() {
        return channel.orElseThrow();
    }
}
