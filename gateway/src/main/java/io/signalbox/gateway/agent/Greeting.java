package io.signalbox.gateway.agent;

import com.google.protobuf.InvalidProtocolBufferException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.FrameReader;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Error;
import io.signalbox.codecs.proto.Hello;
import io.signalbox.gateway.agent.ConnectPacer.ComeAgain;
import io.signalbox.gateway.agent.ConnectPacer.Hold;
import io.signalbox.gateway.agent.ConnectPacer.Now;
import io.signalbox.gateway.agent.ConnectPacer.Turn;
import io.signalbox.gateway.identity.AuthenticationException;
import io.signalbox.gateway.identity.Authenticator;
import io.signalbox.gateway.identity.Identity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A connection before its Welcome. Confined to the connection's event loop. */
final class Greeting implements AgentChannel.Listener {
    /** "Try again later", in IANA's registry of WebSocket close codes. */
    private static final int CLOSE_TRY_AGAIN_LATER = 1013;

    /** What is kept of a client that waits for its turn: a Hello with the longest token, and some that follows it. */
    static final int MAX_HELD_BYTES = 32 << 10;

    /** Of a kept frame, beside its content: frames may be empty. */
    private static final int FRAME_BYTES = 64;

    private final AgentEndpoint endpoint;
    private final Bearer bearer;
    private final Turn turn;
    private final long turnAt;
    private final Instant deadline;
    private final List<byte[]> behind = new ArrayList<>(0);
    private Optional<Said> held = Optional.empty();
    private int heldBytes;
    private boolean over;

    /**
     * The token of the HTTP request.
     *
     * @param token empty without one
     * @param proven whose it is, unless it was not looked at yet
     */
    record Bearer(String token, Optional<Identity> proven) {
        static final Bearer NONE = new Bearer("", Optional.empty());

        Bearer proven(Authenticator authenticator) throws AuthenticationException {
            return new Bearer(token, Optional.of(authenticator.authenticate(token)));
        }

        /** Who says a Hello. Its token, when it has one, wins over the request's; none is verified twice. */
        Identity identity(String inHello, Authenticator authenticator) throws AuthenticationException {
            String decisive = inHello.isEmpty() ? token : inHello;
            return proven.isPresent() && decisive.equals(token) ? proven.get() : authenticator.authenticate(decisive);
        }
    }

    /** @param frame whose first entry the Hello is */
    private record Said(Hello hello, long ref, byte[] frame) {}

    Greeting(AgentEndpoint endpoint, Bearer bearer, Turn turn) {
        this.endpoint = endpoint;
        this.bearer = bearer;
        this.turn = turn;
        this.turnAt =
                turn instanceof Hold(Duration wait) ? endpoint.waitingRoom().turnAfter(wait) : 0;
        this.deadline = endpoint.now().plus(endpoint.config().helloTimeout());
    }

    @Override
    public void received(AgentChannel from, byte[] content, int length) {
        if (over) {
            return;
        }
        if (held.isPresent()) {
            keep(from, Arrays.copyOf(content, length));
            return;
        }
        try {
            byte[] frame = from.format().toFrame(content, length, endpoint.maxFrameBytes());
            FrameReader reader = new FrameReader().reset(frame, 0, frame.length);
            if (!reader.next() || reader.kind() != EntryKind.HELLO) {
                refuse(from, Code.UNEXPECTED_ENTRY, Code.CLOSE_PROTOCOL_ERROR, "the first entry must be Hello");
                return;
            }
            Hello hello = Hello.parser().parseFrom(frame, reader.bodyOffset(), reader.bodyLength());
            hear(from, new Said(hello, reader.ref(), frame));
        } catch (CodecException e) {
            refuse(from, e.code(), Code.CLOSE_PROTOCOL_ERROR, e.getMessage());
        } catch (InvalidProtocolBufferException e) {
            refuse(from, Code.MALFORMED, Code.CLOSE_PROTOCOL_ERROR, "the Hello does not parse");
        }
    }

    private void hear(AgentChannel from, Said said) {
        switch (turn) {
            case Now ignored -> welcome(from, said);
            case ComeAgain(Duration wait) -> putOff(from, said.ref(), wait);
            case Hold(Duration wait) -> {
                if (endpoint.waitingRoom().hasCome(turnAt)) {
                    welcome(from, said);
                } else if (said.frame().length > MAX_HELD_BYTES) {
                    putOff(from, said.ref(), wait);
                } else {
                    hold(from, said);
                }
            }
        }
    }

    /** Nothing was verified: in a storm that is what costs most. */
    private void putOff(AgentChannel from, long ref, Duration wait) {
        finish();
        String message = "too many clients connect at once; come again after the given time";
        endpoint.meters().putOff();
        sendError(from, ref, Code.OVERLOADED, message, wait);
        from.close(CLOSE_TRY_AGAIN_LATER, message);
    }

    /** Nothing is verified here either. It is still read from, or nobody would notice when it leaves. */
    private void hold(AgentChannel from, Said said) {
        held = Optional.of(said);
        heldBytes = said.frame().length;
        endpoint.meters().held();
        endpoint.waitingRoom().enter(turnAt, () -> turnCame(from));
    }

    /** What one read from the network brings is kept also beyond the bound; nothing more is read then. */
    private void keep(AgentChannel from, byte[] content) {
        behind.add(content);
        heldBytes += content.length + FRAME_BYTES;
        if (heldBytes > MAX_HELD_BYTES) {
            from.channel().config().setAutoRead(false);
        }
    }

    private void turnCame(AgentChannel from) {
        if (over) {
            return;
        }
        List<byte[]> next = List.copyOf(behind);
        welcome(from, held.orElseThrow());
        next.forEach(content -> from.handOn(content, content.length));
        from.channel().config().setAutoRead(true);
    }

    private void welcome(AgentChannel from, Said said) {
        finish();
        Hello hello = said.hello();
        try {
            Identity identity = bearer.identity(hello.getToken(), endpoint.authenticator());
            endpoint.open(from, identity, hello.getResumeToken(), said.ref(), said.frame());
        } catch (AuthenticationException e) {
            sendError(from, said.ref(), e.code(), e.getMessage(), Duration.ZERO);
            from.close(Code.CLOSE_UNAUTHENTICATED.number(), e.getMessage());
        }
    }

    private void refuse(AgentChannel from, Code error, Code close, String message) {
        finish();
        sendError(from, 0, error, message, Duration.ZERO);
        from.close(close.number(), message);
    }

    private static void sendError(AgentChannel to, long ref, Code code, String message, Duration retryAfter) {
        EntryBuffer batch = new EntryBuffer(to.channel().alloc());
        byte[] body = Error.newBuilder()
                .setCode(code.number())
                .setMessage(message)
                .setRetryAfterMs((int) retryAfter.toMillis())
                .build()
                .toByteArray();
        to.format().append(batch, 0, ref, Entry.ERROR_FIELD_NUMBER, body);
        to.write(batch);
    }

    private void finish() {
        over = true;
        held = Optional.empty();
        behind.clear();
        endpoint.greeted(this);
    }

    void checkDeadline(AgentChannel channel, Instant now) {
        if (!over && held.isEmpty() && deadline.isBefore(now)) {
            finish();
            channel.close(Code.CLOSE_HELLO_TIMEOUT.number(), "no Hello came in time");
        }
    }

    /** Sends the client away unheard. */
    void goAway(AgentChannel channel) {
        finish();
        channel.close(Code.GOING_AWAY.number(), "the node is shutting down");
    }

    @Override
    public void writable(AgentChannel which) {}

    @Override
    public void ended(AgentChannel which, boolean clean) {
        finish();
        endpoint.meters().left();
    }
}
