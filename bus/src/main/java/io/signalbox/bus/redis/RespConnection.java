package io.signalbox.bus.redis;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import io.vertx.redis.client.impl.ParserHandler;
import io.vertx.redis.client.impl.RESPParser;
import io.vertx.redis.client.impl.RequestImpl;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * One connection to a server, over the encoder and the parser of the Redis client. The client's own connection does not do:
 * what it sends one by one it also writes one by one, and of a batch with one refused command it keeps no answer at all.
 * Confined to its event loop.
 */
final class RespConnection {
    /** Of {@link #tick}: so long may an answer take. */
    static final int PATIENCE_TICKS = 8;

    private static final int MAX_NESTING = 32;
    private static final long MAX_WAITING_BYTES = 32 << 20;
    private static final int SMALL = 100;

    private record Waiting(Completable<Response> answer, int bytes, long tick) {}

    private final ServerAddress address;
    private final NetSocket socket;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private Buffer unwritten = Buffer.buffer();
    private Consumer<String> endHandler = cause -> {};
    private long waitingBytes;
    private long tick;
    private long answeredTick;
    private boolean ended;

    private RespConnection(ServerAddress address, NetSocket socket) {
        this.address = address;
        this.socket = socket;
        socket.handler(new RESPParser(new Answers(), MAX_NESTING))
                .closeHandler(closed -> end("the connection was closed"))
                .exceptionHandler(cause -> end(cause.toString()));
    }

    /** To be called on the event loop that it shall belong to. */
    static Future<RespConnection> connect(NetClient client, ServerAddress address) {
        return client.connect(address.port(), address.host()).map(socket -> new RespConnection(address, socket));
    }

    ServerAddress address() {
        return address;
    }

    /** @param handler gets the cause, before what waits for an answer fails */
    void onEnd(Consumer<String> handler) {
        endHandler = handler;
    }

    boolean hasRoomFor(int bytes) {
        return waitingBytes + bytes <= MAX_WAITING_BYTES;
    }

    /**
     * Goes out with the next {@link #flush}.
     *
     * @param answer an error that Redis answers is an answer too. Fails with {@link Reason#UNKNOWN}
     */
    void send(Request request, int bytes, Completable<Response> answer) {
        if (ended) {
            answer.fail(new RedisFailure(Reason.NOT_SENT, address + ": the connection has ended"));
            return;
        }
        waiting.add(new Waiting(answer, bytes, tick));
        waitingBytes += bytes;
        unwritten.appendBuffer(((RequestImpl) request).encode());
    }

    void flush() {
        if (unwritten.length() > 0) {
            socket.write(unwritten);
            unwritten = Buffer.buffer();
        }
    }

    /** Sends at once; an error is a failure. */
    Future<Response> ask(Request request) {
        Promise<Response> answer = Promise.promise();
        send(request, SMALL, answer);
        flush();
        return answer.future().compose(RespConnection::unlessError);
    }

    private static Future<Response> unlessError(Response response) {
        return isError(response)
                ? Future.failedFuture(new RedisFailure(Reason.REFUSED, response.toString()))
                : Future.succeededFuture(response);
    }

    /** @param response null when Redis answered nil */
    static boolean isError(Response response) {
        return response != null && response.type() == ResponseType.ERROR;
    }

    /**
     * Time passes, by an eighth of what an answer may take. A connection that is silent for longer is given up: an answer
     * that came yet could not be told from the next one. When there is nothing to answer, Redis is asked for something, for
     * a host that vanished sends no end of its connections.
     */
    void tick() {
        tick++;
        if (waiting.isEmpty() && tick - answeredTick >= PATIENCE_TICKS) {
            ask(Request.cmd(Command.PING));
        } else if (!waiting.isEmpty() && tick - waiting.peek().tick() > PATIENCE_TICKS) {
            end("no answer in time");
        }
    }

    void close() {
        end("the connection was given up");
    }

    private void end(String cause) {
        if (ended) {
            return;
        }
        ended = true;
        socket.close();
        endHandler.accept(cause);
        RedisFailure failure = new RedisFailure(Reason.UNKNOWN, address + ": " + cause);
        while (!waiting.isEmpty()) {
            waiting.poll().answer().fail(failure);
        }
    }

    private final class Answers implements ParserHandler {
        @Override
        public void handle(Response response) {
            if (ended || response != null && response.type() == ResponseType.PUSH) {
                return;
            }
            Waiting next = waiting.poll();
            if (next == null) {
                end("an answer to nothing: " + response);
                return;
            }
            waitingBytes -= next.bytes();
            answeredTick = tick;
            next.answer().succeed(response);
        }

        @Override
        public void fail(Throwable cause) {
            end(cause.toString());
        }
    }
}
