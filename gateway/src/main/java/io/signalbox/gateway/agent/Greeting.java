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
import io.signalbox.gateway.identity.Identity;
import java.time.Instant;
import java.util.Optional;

/** A connection before its Hello. Confined to the connection's event loop. */
final class Greeting implements AgentChannel.Listener {
    private final AgentEndpoint endpoint;
    private final Optional<Identity> fromHeader;
    private final Instant deadline;
    private boolean over;

    /** @param fromHeader what the token in the HTTP request proved */
    Greeting(AgentEndpoint endpoint, Optional<Identity> fromHeader) {
        this.endpoint = endpoint;
        this.fromHeader = fromHeader;
        this.deadline = endpoint.now().plus(endpoint.config().helloTimeout());
    }

    @Override
    public void received(AgentChannel from, byte[] content) {
        if (over) {
            return;
        }
        finish();
        try {
            byte[] frame = from.format()
                    .toFrame(content, (int) endpoint.config().maxFrame().bytes());
            FrameReader reader = new FrameReader().reset(frame, 0, frame.length);
            if (!reader.next() || reader.kind() != EntryKind.HELLO) {
                refuse(from, Code.UNEXPECTED_ENTRY, Code.CLOSE_PROTOCOL_ERROR, "the first entry must be Hello");
                return;
            }
            Hello hello = Hello.parser().parseFrom(frame, reader.bodyOffset(), reader.bodyLength());
            welcome(from, hello, reader.ref(), frame);
        } catch (CodecException e) {
            refuse(from, e.code(), Code.CLOSE_PROTOCOL_ERROR, e.getMessage());
        } catch (InvalidProtocolBufferException e) {
            refuse(from, Code.MALFORMED, Code.CLOSE_PROTOCOL_ERROR, "the Hello does not parse");
        }
    }

    private void welcome(AgentChannel from, Hello hello, long ref, byte[] frame) {
        try {
            Identity identity = hello.getToken().isEmpty() && fromHeader.isPresent()
                    ? fromHeader.get()
                    : endpoint.authenticator().authenticate(hello.getToken());
            endpoint.open(from, identity, hello.getResumeToken(), ref, frame);
        } catch (AuthenticationException e) {
            sendError(from, ref, e.code(), e.getMessage());
            from.close(Code.CLOSE_UNAUTHENTICATED.number(), e.getMessage());
        }
    }

    private void refuse(AgentChannel from, Code error, Code close, String message) {
        sendError(from, 0, error, message);
        from.close(close.number(), message);
    }

    private static void sendError(AgentChannel to, long ref, Code code, String message) {
        EntryBuffer batch = new EntryBuffer(to.channel().alloc());
        byte[] body = Error.newBuilder()
                .setCode(code.number())
                .setMessage(message)
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
