package io.signalbox.gateway.agent;

import com.google.protobuf.MessageLite;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.outbound.OutboundWriter;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.proto.Error;
import io.signalbox.codecs.proto.GoAway;
import io.signalbox.codecs.proto.Ping;
import io.signalbox.codecs.proto.Welcome;
import io.signalbox.config.GatewayConfig;
import io.signalbox.gateway.identity.Identity;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client and its agents, over the connections that it has one after the other. Between two of them what comes for the
 * agents waits, within the outbound bound. Stays on the event loop that it began on, also when a later connection is
 * another loop's. Confined to that loop, but for the {@link AgentChannel.Listener} methods, which switch to it.
 */
final class AgentSession implements AgentChannel.Listener {
    private static final Logger log = LoggerFactory.getLogger(AgentSession.class);
    private static final int MISSED_HEARTBEATS = 3;

    private final AgentEndpoint endpoint;
    private final String id;
    private final Map<Integer, Attachment> attachments = new HashMap<>(4);
    private final SessionSink sink;
    private final OutboundWriter writer;
    private final EntryHandler entries;
    private Identity identity;
    private String resumeToken;
    private Optional<AgentChannel> channel = Optional.empty();

    /** Milliseconds since 1970: a primitive, for a new object with each message is a reference that the collector must look at. */
    private long lastHeard;

    private boolean heardSinceCheck;
    private Instant suspendedSince = Instant.MAX;
    private boolean ended;

    AgentSession(AgentEndpoint endpoint, String id, String resumeToken, Identity identity) {
        this.endpoint = endpoint;
        this.id = id;
        this.resumeToken = resumeToken;
        this.identity = identity;
        this.lastHeard = endpoint.clock().millis();
        this.sink = new SessionSink(endpoint.outboundBatch(), this::unsent);
        this.writer = new OutboundWriter(endpoint.afterThisTurn(), sink, endpoint.outboundQueues(), endpoint.clock());
        this.entries = new EntryHandler(this);
    }

    AgentEndpoint endpoint() {
        return endpoint;
    }

    Identity identity() {
        return identity;
    }

    String id() {
        return id;
    }

    String resumeToken() {
        return resumeToken;
    }

    boolean hasEnded() {
        return ended;
    }

    boolean isConnected() {
        return channel.isPresent();
    }

    Collection<Attachment> attachments() {
        return attachments.values();
    }

    Optional<Attachment> attachment(int handle) {
        return Optional.ofNullable(attachments.get(handle));
    }

    void add(Attachment attachment) {
        attachments.put(attachment.handle(), attachment);
    }

    Attachment client() {
        return attachments.computeIfAbsent(0, handle -> Attachment.ofClient(this));
    }

    long agents() {
        return attachments.values().stream().filter(Attachment::isAgent).count();
    }

    /** The first connection. */
    void begin(AgentChannel first, long helloRef, byte[] frame) {
        connect(first, helloRef, false);
        entries.handle(frame, frame.length, 1);
    }

    /**
     * A later connection. Waits for nothing: whoever had the session before is cut off.
     *
     * @param fresh what the client proved now, of the same subject
     */
    void resume(AgentChannel next, Identity fresh, String nextToken, long helloRef, byte[] frame) {
        if (ended) {
            endpoint.resumeFailed(nextToken);
            next.close(Code.GOING_AWAY.number(), "the session is over; connect again");
            return;
        }
        channel.ifPresent(old -> old.close(Code.SESSION_TAKEN_OVER.number(), "resumed on another connection"));
        identity = fresh;
        resumeToken = nextToken;
        endpoint.meters().resumed();
        if (channel.isEmpty()) {
            endpoint.resumed(this);
            tellPresence(Presence.PRESENCE_CONNECTED);
        }
        renewCredit();
        connect(next, helloRef, true);
        attachments.values().forEach(Attachment::resumeMailbox);
        entries.handle(frame, frame.length, 1);
    }

    /**
     * What was granted on the last connection, nobody knows how much of it arrived. What waits in the writer has used credit,
     * and will be the first to use the new.
     */
    private void renewCredit() {
        attachments.values().forEach(Attachment::revokeCredit);
        writer.forEachMessage(handle -> attachment(handle).ifPresent(Attachment::oweCredit));
    }

    private void unsent(int handle) {
        attachment(handle).ifPresent(Attachment::giveCreditBack);
    }

    private void connect(AgentChannel next, long helloRef, boolean resumed) {
        sink.disconnect();
        channel = Optional.of(next);
        sink.connect(next);
        suspendedSince = Instant.MAX;
        lastHeard = endpoint.clock().millis();
        GatewayConfig config = endpoint.config();
        // Past the writer: what waited in it comes after the Welcome.
        sink.control(
                0,
                helloRef,
                EntryKind.WELCOME,
                Welcome.newBuilder()
                        .setNode(endpoint.node())
                        .setSession(id)
                        .setResumeToken(resumeToken)
                        .setResumed(resumed)
                        .setHeartbeatMs((int) config.heartbeat().toMillis())
                        .setMaxFrameBytes((int) config.maxFrame().bytes())
                        .setMaxPayloadBytes((int) config.maxPayload().bytes())
                        .setResumeGraceMs((int) config.resumeGrace().toMillis())
                        .build()
                        .toByteArray());
        sink.flush();
        writer.onWritable();
        endpoint.retainedReads().writable(this);
    }

    @Override
    public void received(AgentChannel from, byte[] content, int length) {
        if (endpoint.context().inThread()) {
            endpoint.context().emit(from, channel -> receive(channel, content, length));
        } else {
            byte[] kept = Arrays.copyOf(content, length);
            endpoint.context().emit(from, channel -> receive(channel, kept, length));
        }
    }

    private void receive(AgentChannel from, byte[] content, int length) {
        if (!isCurrent(from) || ended) {
            return;
        }
        lastHeard = endpoint.clock().millis();
        heardSinceCheck = true;
        try {
            switch (from.format()) {
                case PROTO -> entries.handle(content, length, 0);
                case JSON -> {
                    byte[] frame = from.format().toFrame(content, length, endpoint.maxFrameBytes());
                    entries.handle(frame, frame.length, 0);
                }
            }
        } catch (CodecException e) {
            error(0, 0, e.code(), e.getMessage());
        }
    }

    private boolean isCurrent(AgentChannel which) {
        return channel.isPresent() && channel.get() == which;
    }

    @Override
    public void writable(AgentChannel which) {
        endpoint.context().emit(which, ready -> {
            if (isCurrent(ready)) {
                writer.onWritable();
                endpoint.retainedReads().writable(this);
            }
        });
    }

    @Override
    public void ended(AgentChannel which, boolean clean) {
        endpoint.context().emit(which, gone -> connectionEnded(gone, clean));
    }

    private void connectionEnded(AgentChannel which, boolean clean) {
        endpoint.meters().left();
        if (!isCurrent(which) || ended) {
            return;
        }
        channel = Optional.empty();
        sink.disconnect();
        if (endpoint.isDraining()) {
            forget();
        } else if (clean || endpoint.config().resumeGrace().isZero()) {
            end();
        } else {
            suspendedSince = endpoint.now();
            attachments.values().forEach(Attachment::pauseMailbox);
            writer.removeControls(EntryKind.DELIVERY);
            endpoint.suspended(this);
            tellPresence(Presence.PRESENCE_SUSPENDED);
        }
    }

    /** Whether a message more leaves half of what may wait for what is live. */
    boolean hasRoomForRetained() {
        GatewayConfig config = endpoint.config();
        long with = writer.waitingBytes() + config.maxPayload().bytes();
        return writer.waitingBytes() == 0 || with <= config.maxOutbound().bytes() / 2;
    }

    OfferResult deliver(int handle, EncodedMessage message) {
        OfferResult result = writer.message(handle, message);
        if (result == OfferResult.BACK_PRESSURED) {
            log.debug("Session {} is at its outbound limit", id);
        }
        return result;
    }

    /** Of a mailbox. Waits with the answers, for it must not be dropped; refused at the bound without harm. */
    OfferResult deliver(int handle, int kind, byte[] body) {
        return writer.control(handle, 0, kind, body);
    }

    void control(int handle, long ref, int kind, MessageLite body) {
        if (writer.control(handle, ref, kind, body.toByteArray()) == OfferResult.BACK_PRESSURED) {
            // What must not be dropped has no room: the client is lost, its work is recovered as from any lost client.
            cut(Code.SLOW_CONSUMER, "more waits for this connection than it may");
            end();
        }
    }

    void error(int handle, long ref, Code code, String message) {
        error(handle, ref, code, message, Duration.ZERO);
    }

    void error(int handle, long ref, Code code, String message, Duration retryAfter) {
        control(
                handle,
                ref,
                EntryKind.ERROR,
                Error.newBuilder()
                        .setCode(code.number())
                        .setMessage(message)
                        .setRetryAfterMs((int) retryAfter.toMillis())
                        .build());
    }

    /** Looks at everything that time brings; called about once per heartbeat while connected. */
    void check(Instant now) {
        if (ended || channel.isEmpty()) {
            return;
        }
        Duration silence = silence(now);
        if (silence.compareTo(endpoint.config().heartbeat().multipliedBy(MISSED_HEARTBEATS)) > 0) {
            cut(Code.HEARTBEAT_MISSED, "nothing was heard for " + silence.toSeconds() + " s");
        } else if (writer.isSlow(now)) {
            cut(Code.SLOW_CONSUMER, "the connection was at its outbound limit for too long");
        } else if (identity.expires().map(end -> !end.isAfter(now)).orElse(false)) {
            cut(Code.CLOSE_UNAUTHENTICATED, "the token has expired");
        } else if (!isLively()) {
            control(0, 0, EntryKind.PING, Ping.getDefaultInstance());
        }
        heardSinceCheck = false;
    }

    /** Whether both ends have heard of each other since the last look: then a ping would tell nobody anything. */
    private boolean isLively() {
        return sink.takeWritten() && heardSinceCheck;
    }

    /** Whether the connection was heard lately. */
    boolean isAlive(Instant now) {
        return channel.isPresent()
                && silence(now).compareTo(endpoint.config().heartbeat().multipliedBy(2)) < 0;
    }

    private Duration silence(Instant now) {
        return Duration.ofMillis(now.toEpochMilli() - lastHeard);
    }

    /** Looks whether the time to resume is over; called often while suspended. */
    void checkGrace(Instant now) {
        if (!ended && suspendedSince.plus(endpoint.config().resumeGrace()).isBefore(now)) {
            end();
        }
    }

    /** Closes the connection; the session may be resumed like a lost one. */
    private void cut(Code code, String reason) {
        channel.ifPresent(open -> open.close(code.number(), reason));
    }

    /** Sends the client away; it comes back, here or elsewhere, after the delay. */
    void goAway(Duration reconnectAfter) {
        String message = "the node is shutting down";
        control(
                0,
                0,
                EntryKind.GO_AWAY,
                GoAway.newBuilder()
                        .setCode(Code.DRAINING.number())
                        .setMessage(message)
                        .setReconnectAfterMs((int) reconnectAfter.toMillis())
                        .build());
        endpoint.afterThisTurn().execute(() -> cut(Code.GOING_AWAY, message));
        if (channel.isEmpty()) {
            forget();
        }
    }

    /** Of all its agents. */
    List<Future<Done>> tellPresence(Presence presence) {
        return attachments.values().stream()
                .filter(Attachment::isAgent)
                .map(attachment -> endpoint.tellPresence(attachment, presence))
                .toList();
    }

    /** The agent leaves the session; the registry is told when it does not know yet. */
    void detach(Attachment attachment, boolean tell) {
        attachments.remove(attachment.handle(), attachment);
        attachment.close();
        endpoint.detached(attachment);
        if (tell && attachment.isAgent()) {
            endpoint.tellPresence(attachment, Presence.PRESENCE_GONE);
        }
    }

    /** The session is over: its agents are gone. Idempotent. */
    void end() {
        if (!ended) {
            List.copyOf(attachments.values()).forEach(attachment -> detach(attachment, true));
            forget();
        }
    }

    /** Ends without a word to the registry: the node ends too, and its agents come back with what they hold. */
    private void forget() {
        ended = true;
        List.copyOf(attachments.values()).forEach(attachment -> detach(attachment, false));
        writer.close();
        endpoint.ended(this);
    }
}
