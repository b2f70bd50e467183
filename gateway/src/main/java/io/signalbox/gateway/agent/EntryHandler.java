package io.signalbox.gateway.agent;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.mailbox.Mailboxes;
import io.signalbox.bus.retained.RetainedAddresses;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.FrameReader;
import io.signalbox.codecs.MessageReader;
import io.signalbox.codecs.UuidV7;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AttachAgent;
import io.signalbox.codecs.internal.CoordinationAnswer;
import io.signalbox.codecs.internal.CoordinationRequest;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.FromAgent;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.proto.Ack;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.Attached;
import io.signalbox.codecs.proto.Complete;
import io.signalbox.codecs.proto.Credit;
import io.signalbox.codecs.proto.Decline;
import io.signalbox.codecs.proto.Fail;
import io.signalbox.codecs.proto.Message;
import io.signalbox.codecs.proto.Pong;
import io.signalbox.codecs.proto.Progress;
import io.signalbox.codecs.proto.Receipt;
import io.signalbox.codecs.proto.Reject;
import io.signalbox.codecs.proto.Renew;
import io.signalbox.codecs.proto.Settled;
import io.signalbox.codecs.proto.Subscribe;
import io.signalbox.codecs.proto.Unsubscribe;
import io.signalbox.gateway.identity.Identity;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** Does what a client's entries say, after its Hello. Confined to its session's event loop. */
final class EntryHandler {
    static final String REGISTRY = "$sys/registry";
    private static final String ALLOCATION = "$sys/allocation";

    /** Requests to services and durable messages under way for one session; more are refused. */
    private static final int MAX_CALLS = 1000;

    private final AgentSession session;
    private final AgentEndpoint endpoint;
    private final FrameReader frames;
    private final MessageReader messages;
    private final Set<Integer> attaching = new HashSet<>(0);
    private int calls;

    EntryHandler(AgentSession session) {
        this.session = session;
        this.endpoint = session.endpoint();
        this.frames = endpoint.frames();
        this.messages = endpoint.messages();
    }

    /**
     * Handles the entries of a frame in order. A frame that is broken is told of, what came before the break counts.
     *
     * @param frame read from the start, and not kept
     * @param skip so many entries from the start were handled already
     */
    void handle(byte[] frame, int length, int skip) {
        try {
            frames.reset(frame, 0, length);
            for (int i = 0; frames.next(); i++) {
                if (session.hasEnded()) {
                    return;
                }
                if (i >= skip) {
                    handle(frame, frames.agent(), frames.ref(), frames.kind());
                }
            }
        } catch (CodecException e) {
            session.error(0, 0, e.code(), e.getMessage());
        }
    }

    private void handle(byte[] frame, int agent, long ref, int kind) {
        try {
            switch (kind) {
                case EntryKind.MESSAGE -> publish(frame, agent, ref);
                case EntryKind.ATTACH -> attach(agent, ref, body(frame, Attach.parser()));
                case EntryKind.DETACH -> detach(agent, ref);
                case EntryKind.SUBSCRIBE -> subscribe(agent, ref, body(frame, Subscribe.parser()));
                case EntryKind.UNSUBSCRIBE -> unsubscribe(agent, ref, body(frame, Unsubscribe.parser()));
                case EntryKind.CREDIT -> credit(agent, ref, body(frame, Credit.parser()));
                case EntryKind.ACK -> acknowledge(agent, ref, body(frame, Ack.parser()));
                case EntryKind.REJECT -> reject(agent, ref, body(frame, Reject.parser()));
                case EntryKind.PING -> session.control(0, ref, EntryKind.PONG, Pong.getDefaultInstance());
                case EntryKind.PONG -> {}
                case EntryKind.RENEW -> told(agent, ref, FromAgent.newBuilder().setRenew(body(frame, Renew.parser())));
                case EntryKind.PROGRESS ->
                    told(agent, ref, FromAgent.newBuilder().setProgress(body(frame, Progress.parser())));
                case EntryKind.COMPLETE ->
                    settle(agent, ref, FromAgent.newBuilder().setComplete(checked(body(frame, Complete.parser()))));
                case EntryKind.FAIL -> settle(agent, ref, FromAgent.newBuilder().setFail(body(frame, Fail.parser())));
                case EntryKind.DECLINE ->
                    settle(agent, ref, FromAgent.newBuilder().setDecline(body(frame, Decline.parser())));
                case 0 -> throw new ServiceException(Code.UNEXPECTED_ENTRY, "an entry without a body known here");
                default -> throw new ServiceException(Code.UNEXPECTED_ENTRY, "clients do not send such entries");
            }
        } catch (CodecException e) {
            session.error(agent, ref, e.code(), e.getMessage());
        } catch (ServiceException e) {
            session.error(agent, ref, e.code(), e.getMessage(), e.retryAfter());
        }
    }

    private <T extends MessageLite> T body(byte[] frame, Parser<T> parser) throws CodecException {
        try {
            return parser.parseFrom(frame, frames.bodyOffset(), frames.bodyLength());
        } catch (InvalidProtocolBufferException e) {
            throw new CodecException(Code.MALFORMED, "the entry's body does not parse");
        }
    }

    private Attachment speaker(int handle) {
        if (handle == 0) {
            return session.client();
        }
        return session.attachment(handle)
                .orElseThrow(() -> new ServiceException(
                        Code.UNEXPECTED_ENTRY,
                        "no agent is attached under handle " + Integer.toUnsignedString(handle)));
    }

    private Attachment agent(int handle) {
        Attachment attachment = speaker(handle);
        if (!attachment.isAgent()) {
            throw new ServiceException(Code.UNEXPECTED_ENTRY, "only agents may do that");
        }
        return attachment;
    }

    private void receipt(int agent, long ref) {
        if (ref != 0) {
            session.control(agent, ref, EntryKind.RECEIPT, Receipt.getDefaultInstance());
        }
    }

    private void publish(byte[] frame, int handle, long ref) throws CodecException {
        Attachment from = speaker(handle);
        messages.read(frame, frames.bodyOffset(), frames.bodyLength());
        if (messages.payloadLength() > endpoint.config().maxPayload().bytes()) {
            throw new ServiceException(
                    Code.TOO_LARGE,
                    "a payload of " + messages.payloadLength() + " bytes, allowed are "
                            + endpoint.config().maxPayload().bytes());
        }
        if (messages.hasNodeFields()) {
            throw new ServiceException(Code.MALFORMED, "a field that is for nodes alone");
        }
        AddressPattern.checkAddress(messages.address());
        if (!messages.replyTo().isEmpty()) {
            AddressPattern.checkAddress(messages.replyTo());
        }
        if (messages.address().equals(CoordinationDoor.ADDRESS)) {
            coordinate(frame, from, handle, ref);
            return;
        }
        authorise(from);
        Instant now = endpoint.now();
        from.checkRestraint(messages.address(), now);
        long idHigh = UuidV7.high(now.toEpochMilli(), endpoint.random());
        long idLow = UuidV7.low(endpoint.random());
        EncodedMessage message = messages.stamped(from.source(), EncodedMessage.micros(now), idHigh, idLow);
        endpoint.meters().published();
        if (messages.retain()) {
            retain(handle, ref, message);
            return;
        }
        if (messages.durability() != 0) {
            UUID id = messages.hasId() ? messages.id() : new UUID(idHigh, idLow);
            store(handle, ref, message, id, messages.again());
            return;
        }
        switch (endpoint.bus().publish(message)) {
            case ACCEPTED -> receipt(handle, ref);
            case BACK_PRESSURED ->
                throw new ServiceException(Code.DROPPED, "no receiver at " + messages.address() + " has room");
            case NO_ROUTE, CLOSED -> {
                if (ref != 0) {
                    session.error(handle, ref, Code.NO_ROUTE, "nobody is subscribed to " + messages.address());
                }
            }
        }
    }

    /** A request to the service of locks; the answer is a message with the request's ref. */
    private void coordinate(byte[] frame, Attachment from, int handle, long ref) throws CodecException {
        if (!from.isAgent() || ref == 0 || messages.durability() != 0 || messages.retain()) {
            throw new ServiceException(
                    Code.UNSUPPORTED, "agents ask " + messages.address() + " by plain messages with a ref");
        }
        CoordinationRequest request = CoordinationDoor.request(from, body(frame, Message.parser()));
        String right = CoordinationDoor.right(request);
        if (!right.isEmpty() && !session.identity().mayPublish(right)) {
            throw new ServiceException(Code.FORBIDDEN, from.source() + " may not use " + right);
        }
        call(CoordinationDoor.ADDRESS, request, CoordinationAnswer.parser())
                .onSuccess(answer ->
                        session.control(handle, ref, EntryKind.MESSAGE, CoordinationDoor.answer(from, answer)))
                .onFailure(cause -> refused(handle, ref, cause));
    }

    private void store(int handle, long ref, EncodedMessage message, UUID id, boolean again) {
        if (!Mailboxes.isInbox(message.address())) {
            throw new ServiceException(
                    Code.UNSUPPORTED,
                    "a durable message goes to an agent's inbox, agent/{id}; this goes to " + message.address());
        }
        underWay(() -> endpoint.mailboxes().put(message, id, again))
                .onSuccess(stored -> receipt(handle, ref))
                .onFailure(cause -> refused(handle, ref, cause));
    }

    private void retain(int handle, long ref, EncodedMessage message) {
        if (!RetainedAddresses.mayBeRetained(message.address())) {
            throw new ServiceException(Code.UNSUPPORTED, "nothing is retained at " + message.address());
        }
        underWay(() -> endpoint.retainedReads().messages().publish(message))
                .onSuccess(stored -> receipt(handle, ref))
                .onFailure(cause -> refused(handle, ref, cause));
    }

    private void authorise(Attachment from) {
        String address = messages.address();
        boolean allowed =
                !Permissions.isReserved(address) && (session.identity().mayPublish(address) || from.mayReply(address));
        if (!allowed) {
            throw new ServiceException(Code.FORBIDDEN, from.source() + " may not publish to " + address);
        }
        if (!messages.replyTo().isEmpty() && !mayDirectReplies(from, messages.replyTo())) {
            throw new ServiceException(
                    Code.FORBIDDEN,
                    from.source() + " may not direct replies to " + messages.replyTo() + ", only to its inbox");
        }
    }

    /** An agent's source is the address of its inbox. */
    private boolean mayDirectReplies(Attachment from, String replyTo) {
        return from.isAgent() && replyTo.equals(from.source())
                || session.identity().mayPublish(replyTo);
    }

    private void attach(int handle, long ref, Attach attach) {
        Identity identity = session.identity();
        if (handle <= 0) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "an agent needs a handle from 1 to 2147483647");
        }
        if (session.attachment(handle).isPresent() || !attaching.add(handle)) {
            throw new ServiceException(Code.CONFLICT, "handle " + handle + " is in use");
        }
        try {
            if (!identity.roles().contains(Identity.Role.AGENT) || !identity.mayActAs(attach.getId())) {
                throw new ServiceException(
                        Code.FORBIDDEN, identity.subject() + " may not act as agent " + attach.getId());
            }
            if (endpoint.isDraining()) {
                throw new ServiceException(Code.DRAINING, "the node is shutting down");
            }
            if (session.agents() + attaching.size() > endpoint.config().maxAgentsPerConnection()) {
                throw new ServiceException(Code.OVERLOADED, "no more agents on one connection");
            }
        } catch (ServiceException e) {
            attaching.remove(handle);
            throw e;
        }
        AttachAgent request = AttachAgent.newBuilder()
                .setAttach(attach)
                .setSession(session.id())
                .setNode(endpoint.node())
                .setSubject(identity.subject())
                .build();
        call(REGISTRY, request, AgentInfo.parser())
                .onComplete(answer -> attaching.remove(handle))
                .onSuccess(info -> attached(handle, ref, attach, info))
                .onFailure(cause -> refused(handle, ref, cause));
    }

    private void attached(int handle, long ref, Attach attach, AgentInfo info) {
        Attachment attachment = Attachment.ofAgent(session, handle, info);
        if (session.hasEnded()) {
            endpoint.tellPresence(attachment, Presence.PRESENCE_GONE);
            return;
        }
        if (attach.hasCredit()) {
            attachment.grantCredit(Integer.toUnsignedLong(attach.getCredit()));
        }
        endpoint.attached(attachment);
        session.add(attachment);
        session.control(
                handle,
                ref,
                EntryKind.ATTACHED,
                Attached.newBuilder()
                        .setId(info.getId())
                        .setGeneration(info.getGeneration())
                        .addAllSkills(info.getSkillsList())
                        .setSlots(info.getSlots())
                        .setDefinition(definition(info))
                        .build());
        if (!session.hasEnded()) { // by the entry above, when it was too much for the connection
            attachment.subscribeAsAgent(info);
            attachment.openMailbox(
                    attach.hasMaxUnacknowledged()
                            ? OptionalInt.of(attach.getMaxUnacknowledged())
                            : OptionalInt.empty());
        }
    }

    /** {@code name@version}, also of an agent that follows a channel. */
    private static String definition(AgentInfo info) {
        String reference = info.getDefinition();
        return info.getDefinitionVersion().isEmpty()
                ? reference
                : reference.substring(0, reference.indexOf('@') + 1) + info.getDefinitionVersion();
    }

    private void refused(int handle, long ref, Throwable cause) {
        ServiceException refusal = cause instanceof ServiceException known
                ? known
                : new ServiceException(Code.UNAVAILABLE, "the node could not do that; see its log");
        session.error(handle, ref, refusal.code(), refusal.getMessage(), refusal.retryAfter());
    }

    private void detach(int handle, long ref) {
        session.detach(agent(handle), true);
        receipt(handle, ref);
    }

    private void subscribe(int handle, long ref, Subscribe subscribe) throws CodecException {
        Attachment attachment = speaker(handle);
        AddressPattern pattern = AddressPattern.parse(subscribe.getPattern());
        boolean ownInbox = attachment.isAgent() && pattern.text().equals("agent/" + attachment.agent());
        if (!ownInbox && !Permissions.maySubscribe(session.identity(), pattern)) {
            throw new ServiceException(Code.FORBIDDEN, attachment.source() + " may not subscribe to " + pattern.text());
        }
        if (subscribe.getGroup().length() > AddressPattern.MAX_BYTES) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "the group's name is too long");
        }
        if (!attachment.subscribe(
                pattern, subscribe.getGroup(), endpoint.config().maxSubscriptionsPerAgent())) {
            throw new ServiceException(Code.OVERLOADED, "no more subscriptions for one agent");
        }
        receipt(handle, ref);
        if (subscribe.getGroup().isEmpty() && RetainedAddresses.mayMatch(pattern)) {
            attachment.giveRetained(pattern);
        }
    }

    private void unsubscribe(int handle, long ref, Unsubscribe unsubscribe) {
        if (!speaker(handle).unsubscribe(unsubscribe.getPattern(), unsubscribe.getGroup())) {
            throw new ServiceException(Code.NOT_FOUND, "no subscription to " + unsubscribe.getPattern());
        }
        receipt(handle, ref);
    }

    private void credit(int handle, long ref, Credit credit) {
        Attachment attachment = speaker(handle);
        if (credit.getMessages() == 0) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "credit is for one message at least");
        }
        attachment.grantCredit(Integer.toUnsignedLong(credit.getMessages()));
        receipt(handle, ref);
    }

    private void acknowledge(int handle, long ref, Ack ack) {
        agent(handle).acknowledged(ack);
        receipt(handle, ref);
    }

    private void reject(int handle, long ref, Reject reject) {
        agent(handle).rejected(reject);
        receipt(handle, ref);
    }

    private Complete checked(Complete complete) {
        if (complete.getOutput().size() > endpoint.config().maxPayload().bytes()) {
            throw new ServiceException(
                    Code.TOO_LARGE,
                    "an output of " + complete.getOutput().size() + " bytes, allowed are "
                            + endpoint.config().maxPayload().bytes());
        }
        return complete;
    }

    /** Renew and Progress: a receipt when one is wanted. */
    private void told(int handle, long ref, FromAgent.Builder words) {
        Attachment from = agent(handle);
        call(ALLOCATION, signed(from, words), Done.parser())
                .onSuccess(done -> receipt(handle, ref))
                .onFailure(cause -> refused(handle, ref, cause));
    }

    private void settle(int handle, long ref, FromAgent.Builder words) {
        Attachment from = agent(handle);
        call(ALLOCATION, signed(from, words), Settled.parser())
                .onSuccess(settled -> session.control(handle, ref, EntryKind.SETTLED, settled))
                .onFailure(cause -> refused(handle, ref, cause));
    }

    private static FromAgent signed(Attachment from, FromAgent.Builder words) {
        return words.setAgent(from.agent()).setGeneration(from.generation()).build();
    }

    private <T extends MessageLite> Future<T> call(String service, MessageLite request, Parser<T> answer) {
        return underWay(() -> endpoint.services().call(service, request, answer, endpoint.requestTimeout()));
    }

    private <T> Future<T> underWay(Supplier<Future<T>> work) {
        if (calls >= MAX_CALLS) {
            throw new ServiceException(Code.OVERLOADED, "too many requests of this connection are under way");
        }
        calls++;
        return work.get().onComplete(done -> calls--);
    }
}
