package io.signalbox.gateway.agent;

import com.google.protobuf.InvalidProtocolBufferException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.FrameReader;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Error;
import io.signalbox.codecs.proto.Hello;
import io.signalbox.gateway.identity.AuthenticationException;
import io.signalbox.gateway.identity.Authenticator;
import io.signalbox.gateway.identity.Identity;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A connection before its Hello. Confined to the connection's event loop. */
final class Greeting implements AgentChannel.Listener {
    /** "Try again later", in IANA's registry of WebSocket close codes. */
    private static final int CLOSE_TRY_AGAIN_LATER = 1013;

    private final AgentEndpoint endpoint;
    private final Optional<Proof> fromHeader;
    private final Optional<Duration> wait;
    private final Instant deadline;
    private boolean over;

    /** A token, and whose it is. */
    record Proof(String token, Identity identity) {
        static Proof of(String token, Authenticator authenticator) throws AuthenticationException {
            return new Proof(token, authenticator.authenticate(token));
        }

        /** Whether a Hello with this token needs no other proof. */
        boolean covers(String inHello) {
            return inHello.isEmpty() || inHello.equals(token);
        }
    }

    /**
     * @param fromHeader what the token in the HTTP request proved
     * @param wait how long the client is to stay away, for too many connect at once
     */
    Greeting(AgentEndpoint endpoint, Optional<Proof> fromHeader, Optional<Duration> wait) {
        this.endpoint = endpoint;
        this.fromHeader = fromHeader;
        this.wait = wait;
        this.deadline = endpoint.now().plus(endpoint.config().helloTimeout());
    }

    @Override
    public void received(AgentChannel from, byte[] content, int length) {
        if (over) {
            return;
        }
        finish();
        try {
            byte[] frame = from.format().toFrame(content, length, endpoint.maxFrameBytes());
            FrameReader reader = new FrameReader().reset(frame, 0, frame.length);
            if (!reader.next() || reader.kind() != EntryKind.HELLO) {
                refuse(from, Code.UNEXPECTED_ENTRY, Code.CLOSE_PROTOCOL_ERROR, "the first entry must be Hello");
                return;
            }
            Hello hello = Hello.parser().parseFrom(frame, reader.bodyOffset(), reader.bodyLength());
            if (wait.isPresent()) {
                putOff(from, reader.ref(), wait.get());
            } else {
                welcome(from, hello, reader.ref(), frame);
            }
        } catch (CodecException e) {
            refuse(from, e.code(), Code.CLOSE_PROTOCOL_ERROR, e.getMessage());
        } catch (InvalidProtocolBufferException e) {
            refuse(from, Code.MALFORMED, Code.CLOSE_PROTOCOL_ERROR, "the Hello does not parse");
        }
    }

    /** Nothing was verified: in a storm that is what costs most. */
    private void putOff(AgentChannel from, long ref, Duration slot) {
        String message = "too many clients connect at once; come again after the given time";
        endpoint.meters().putOff();
        sendError(from, ref, Code.OVERLOADED, message, slot);
        from.close(CLOSE_TRY_AGAIN_LATER, message);
    }

    private void welcome(AgentChannel from, Hello hello, long ref, byte[] frame) {
        try {
            Optional<Proof> known = fromHeader.filter(proof -> proof.covers(hello.getToken()));
            Proof proof = known.isPresent() ? known.get() : Proof.of(hello.getToken(), endpoint.authenticator());
            endpoint.open(from, proof.identity(), hello.getResumeToken(), ref, frame);
        } catch (AuthenticationException e) {
            sendError(from, ref, e.code(), e.getMessage(), Duration.ZERO);
            from.close(Code.CLOSE_UNAUTHENTICATED.number(), e.getMessage());
        }
    }

    private void refuse(AgentChannel from, Code error, Code close, String message) {
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
        endpoint.greeted(this);
    }

    void checkDeadline(AgentChannel channel, Instant now) {
        if (!over && deadline.isBefore(now)) {
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
