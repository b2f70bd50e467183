package io.signalbox.load.generator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.signalbox.load.dialect.Dialect;
import io.signalbox.load.dialect.DialectException;
import java.util.Optional;

/** One connection of the generator, from opening to loss. What is published goes out at the next {@link #flush}. Confined to its event loop. */
final class Client extends ChannelInboundHandlerAdapter implements Dialect.Events {
    /** What the peer sends. Called on the event loop. */
    interface Traffic {
        void received(Client client, int agent, byte[] bytes, int offset);

        /** As {@link Dialect.Events#delivered}. */
        void delivered(int agent, byte[] bytes, int offset, int attempt);

        void acknowledged(long ref);

        void refused(long ref, String what);

        void refused(String what);
    }

    /** How the connection fares. Called on the event loop. */
    interface Life {
        void ready(Client client);

        /** Once, whatever ended it. */
        void ended(Client client, String reason);
    }

    private final int connection;
    private final Dialect dialect;
    private final Life life;
    private final Traffic traffic;
    private final ByteBuf answers;
    private final long openedNanos;
    private Optional<Channel> channel = Optional.empty();
    private ByteBuf rest = Unpooled.EMPTY_BUFFER;
    private ByteBuf out = Unpooled.EMPTY_BUFFER;
    private String failure = "connection lost";
    private int retryAfterMs;
    private boolean ready;
    private boolean ended;

    /** @param answers empty, shared by all clients of the event loop */
    Client(int connection, Dialect dialect, Life life, Traffic traffic, ByteBuf answers, long openedNanos) {
        this.connection = connection;
        this.dialect = dialect;
        this.life = life;
        this.traffic = traffic;
        this.answers = answers;
        this.openedNanos = openedNanos;
    }

    int connection() {
        return connection;
    }

    long openedNanos() {
        return openedNanos;
    }

    boolean isReady() {
        return ready && !ended;
    }

    /** Whether it was ever ready. */
    boolean wasReady() {
        return ready;
    }

    /** How long the peer wants the client to stay away, once it ended. */
    int retryAfterMs() {
        return retryAfterMs;
    }

    boolean isWritable() {
        return channel.map(Channel::isWritable).orElse(false);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = Optional.of(context.channel());
        dialect.begin(answers);
        takeAnswers();
        flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = joined((ByteBuf) message);
        try {
            dialect.read(in, answers, this);
            takeAnswers();
        } catch (DialectException e) {
            failure = e.getMessage();
            retryAfterMs = e.retryAfterMs();
            answers.clear();
            context.close();
        }
        keepRest(in);
    }

    private void takeAnswers() {
        if (answers.isReadable() && !ended) {
            out(answers.readableBytes()).writeBytes(answers);
        }
        answers.clear();
    }

    private ByteBuf joined(ByteBuf next) {
        if (!rest.isReadable()) {
            return next;
        }
        ByteBuf whole = next.alloc().buffer(rest.readableBytes() + next.readableBytes());
        whole.writeBytes(rest).writeBytes(next);
        rest.release();
        next.release();
        rest = Unpooled.EMPTY_BUFFER;
        return whole;
    }

    /** A frame that is not whole is kept in a buffer of its own size: read buffers are large. */
    private void keepRest(ByteBuf in) {
        if (in.isReadable() && !ended) {
            rest = in.alloc().buffer(in.readableBytes()).writeBytes(in);
        }
        in.release();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failure = cause.toString();
        context.close();
    }

    /** The connection could not be opened. */
    void failed(Throwable cause) {
        failure = withoutCall(cause.getMessage());
        end();
    }

    /** Netty names the system call and its number before what went wrong. */
    static String withoutCall(String message) {
        return message.replaceFirst("^\\S+ failed with error\\(-\\d+\\): ", "");
    }

    private void end() {
        if (!ended) {
            ended = true;
            rest.release();
            rest = Unpooled.EMPTY_BUFFER;
            out.release();
            out = Unpooled.EMPTY_BUFFER;
            life.ended(this, failure);
        }
    }

    @Override
    public void ready() {
        ready = true;
        life.ready(this);
    }

    @Override
    public void received(int agent, byte[] bytes, int offset, int length) {
        traffic.received(this, agent, bytes, offset);
    }

    @Override
    public void delivered(int agent, byte[] bytes, int offset, int attempt) {
        traffic.delivered(agent, bytes, offset, attempt);
    }

    @Override
    public void acknowledged(long ref) {
        traffic.acknowledged(ref);
    }

    @Override
    public void refused(long ref, String what) {
        traffic.refused(ref, what);
    }

    @Override
    public void refused(String what) {
        traffic.refused(what);
    }

    void publish(int from, int to, byte[] payload) {
        if (isReady()) {
            dialect.publish(out(payload.length + 128), from, to, payload);
        }
    }

    private ByteBuf out(int bytes) {
        if (out == Unpooled.EMPTY_BUFFER) {
            out = channel.orElseThrow().alloc().buffer(Math.max(64, bytes));
        }
        return out;
    }

    void flush() {
        if (channel.isPresent() && out != Unpooled.EMPTY_BUFFER) {
            ByteBuf batch = out;
            out = Unpooled.EMPTY_BUFFER;
            channel.get().writeAndFlush(batch, channel.get().voidPromise());
        }
    }

    /** Stops to read, or goes on. */
    void stall(boolean stalled) {
        channel.ifPresent(open -> open.config().setAutoRead(!stalled));
    }

    void close() {
        channel.ifPresent(Channel::close);
    }
}
