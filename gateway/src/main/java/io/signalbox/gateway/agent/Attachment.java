package io.signalbox.gateway.agent;

import com.google.protobuf.InvalidProtocolBufferException;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.mailbox.MailboxStore;
import io.signalbox.bus.outbound.CreditQueue;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.MailboxPlace;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AgentStanding;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.Standing;
import io.signalbox.codecs.proto.Ack;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Reject;
import io.signalbox.codecs.proto.Skill;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent on a session, or the session's own client under handle 0, with what it is subscribed to. Confined to the
 * session's event loop.
 */
final class Attachment {
    private static final Logger log = LoggerFactory.getLogger(Attachment.class);
    private static final String SKILL_GROUP = "skill";

    private record Key(String pattern, String group) {}

    private final AgentSession session;
    private final int handle;
    private final String source;
    private final String agent;
    private final long generation;
    private final Map<Key, Subscription> subscriptions = new HashMap<>(4);
    private final ReplyPermissions replies = new ReplyPermissions();
    private Optional<CreditQueue> credit = Optional.empty();

    /** Most agents have nothing in their mailboxes, and no feed. */
    private Optional<MailboxFeed> feed = Optional.empty();

    /** Only while something that is retained is to be given. */
    private Optional<RetainedFeed> retained = Optional.empty();

    private OptionalInt maxUnacknowledged = OptionalInt.empty();
    private MailboxStore.Cursor mailboxCompleteUpTo = MailboxStore.Cursor.START;

    /** Hardly any agent has one. */
    private Optional<Restraint> restraint = Optional.empty();

    private Attachment(AgentSession session, int handle, String agent, long generation, String source) {
        this.session = session;
        this.handle = handle;
        this.agent = agent;
        this.generation = generation;
        this.source = source;
    }

    /** The client itself, which is no agent: it may publish and subscribe, but gets no tasks. */
    static Attachment ofClient(AgentSession session) {
        return new Attachment(session, 0, "", 0, "client/" + session.identity().subject());
    }

    static Attachment ofAgent(AgentSession session, int handle, AgentInfo info) {
        Attachment attachment =
                new Attachment(session, handle, info.getId(), info.getGeneration(), "agent/" + info.getId());
        attachment.restrain(info.getStanding());
        return attachment;
    }

    /** The registry says what has become of this very registration. It has ended whom a directive kills. */
    void changed(AgentInfo info) {
        AgentStanding standing = info.getStanding();
        if (standing.getStanding() == Standing.STANDING_KILLED) {
            end(Code.KILLED, "directive " + standing.getDirective() + " ended agent " + agent);
        } else if (info.getPresence() == Presence.PRESENCE_GONE) {
            end(Code.STALE_GENERATION, "this registration of agent " + agent + " is over");
        } else {
            restrain(standing);
        }
    }

    private void end(Code code, String reason) {
        session.detach(this, false);
        session.error(handle, 0, code, reason);
    }

    private void restrain(AgentStanding standing) {
        if (restraint.isEmpty() || !restraint.get().isOf(standing)) {
            restraint = Restraint.of(standing);
        }
    }

    /**
     * A message to {@code address} is about to be sent.
     *
     * @throws ServiceException directives keep the agent from sending it
     */
    void checkRestraint(String address, Instant now) {
        if (restraint.isPresent()) {
            restraint.get().check(mayReply(address), EncodedMessage.micros(now));
        }
    }

    /** The inbox, the skills' addresses, and the way of assignments. */
    void subscribeAsAgent(AgentInfo info) {
        add("agent/" + agent, "");
        for (Skill skill : info.getSkillsList()) {
            add("skill/" + skill.getName(), SKILL_GROUP);
        }
        String posts = "$sys/agent/" + agent + "/" + generation;
        subscriptions.put(
                new Key(posts, ""), session.endpoint().subscribe(new AddressPattern(posts), "", this::deliverEntry));
    }

    /** @param max deliveries that it wants to have unacknowledged; empty: as many as the node lets */
    void openMailbox(OptionalInt max) {
        maxUnacknowledged = max;
        feed().begin();
    }

    /** @param newest the last positions of the mailbox's lanes */
    void lookIntoMailbox(MailboxStore.Cursor newest) {
        feed().look(newest);
    }

    private MailboxFeed feed() {
        if (feed.isEmpty()) {
            MailboxWatch watch = session.endpoint().mailboxWatch();
            MailboxFeed fresh = new MailboxFeed(this, watch.reader(maxUnacknowledged, mailboxCompleteUpTo));
            if (!session.isConnected()) {
                fresh.pause();
            }
            feed = Optional.of(fresh);
            watch.add(this);
        }
        return feed.get();
    }

    void giveUpUnusedFeed() {
        feed.filter(MailboxFeed::isUnused).ifPresent(unused -> {
            mailboxCompleteUpTo = unused.completeUpTo();
            closeFeed();
        });
    }

    private void closeFeed() {
        feed.ifPresent(MailboxFeed::close);
        feed = Optional.empty();
        session.endpoint().mailboxWatch().remove(this);
    }

    void acknowledged(Ack ack) {
        feed.ifPresent(open -> open.acknowledged(ack));
    }

    void rejected(Reject reject) {
        feed.ifPresent(open -> open.rejected(reject));
    }

    void tickMailbox() {
        feed.ifPresent(MailboxFeed::tick);
        giveUpUnusedFeed();
    }

    void pauseMailbox() {
        feed.ifPresent(MailboxFeed::pause);
    }

    /** On another connection. */
    void resumeMailbox() {
        feed.ifPresent(MailboxFeed::begin);
    }

    /** False: there are as many as there may be. */
    boolean subscribe(AddressPattern pattern, String group, int max) {
        if (subscriptions.containsKey(new Key(pattern.text(), group))) {
            return true;
        }
        if (subscriptions.size() >= max) {
            return false;
        }
        add(pattern.text(), group);
        return true;
    }

    /** For a subscription that was made now, or made once more. */
    void giveRetained(AddressPattern pattern) {
        if (retained.isEmpty()) {
            retained = Optional.of(new RetainedFeed(this));
        }
        retained.get().begin(pattern);
    }

    void giveUpUnusedRetained() {
        retained = retained.filter(feed -> !feed.isUnused());
    }

    /** Less than would make anything that is live wait for long. */
    boolean hasRoomForRetained() {
        return session.hasRoomForRetained()
                && credit.map(queue -> queue.available() > 0).orElse(true);
    }

    private void add(String pattern, String group) {
        subscriptions.computeIfAbsent(
                new Key(pattern, group),
                key -> session.endpoint().subscribe(new AddressPattern(pattern), group, this::deliver));
    }

    /** False: there is no such subscription of the client's. */
    boolean unsubscribe(String pattern, String group) {
        Subscription subscription = pattern.startsWith("$") ? null : subscriptions.remove(new Key(pattern, group));
        if (subscription == null) {
            return false;
        }
        subscription.close();
        if (group.isEmpty()) {
            retained.ifPresent(feed -> feed.end(pattern));
        }
        return true;
    }

    private void deliver(EncodedMessage message) {
        if (message.retainedRevision() != 0) {
            retained.ifPresent(feed -> feed.live(message));
        }
        if (message.mailboxPlace() != MailboxPlace.NONE
                && isAgent()
                && message.address().equals(source)) {
            feed().liveCopy(message);
        } else {
            give(message);
        }
    }

    /** As far as the agent's credit goes; the rest waits. */
    void give(EncodedMessage message) {
        if (credit.isPresent()) {
            credit.get().message(message);
        } else {
            pass(message);
        }
    }

    private OfferResult pass(EncodedMessage message) {
        if (!message.replyTo().isEmpty()) {
            replies.grant(message.replyTo(), session.endpoint().now());
        }
        return session.deliver(handle, message);
    }

    /** From the first call on it gets no more messages than it granted. */
    void grantCredit(long messages) {
        if (credit.isEmpty()) {
            AgentEndpoint endpoint = session.endpoint();
            credit = Optional.of(new CreditQueue(
                    handle, endpoint.config().maxWaitingPerAgent().bytes(), endpoint.outboundMeters(), this::pass));
        }
        credit.get().grant(messages, session.endpoint().now());
        retained.ifPresent(RetainedFeed::proceed);
    }

    void revokeCredit() {
        credit.ifPresent(CreditQueue::revoke);
    }

    void oweCredit() {
        credit.ifPresent(CreditQueue::owe);
    }

    /** Called within the writer's work: what waits for the credit goes out later. */
    void giveCreditBack() {
        if (credit.map(CreditQueue::giveBack).orElse(false)) {
            session.endpoint().afterThisTurn().execute(this::releaseCredit);
        }
    }

    private void releaseCredit() {
        credit.ifPresent(queue -> queue.release(session.endpoint().now()));
    }

    private void deliverEntry(EncodedMessage message) {
        try {
            Entry entry = Entry.parseFrom(message.payload());
            switch (entry.getBodyCase()) {
                case ASSIGN -> session.control(handle, 0, EntryKind.ASSIGN, entry.getAssign());
                case CANCEL_ASSIGNMENT ->
                    session.control(handle, 0, EntryKind.CANCEL_ASSIGNMENT, entry.getCancelAssignment());
                // A notice of a service: like the two above it needs no credit, and nothing may be before it.
                case MESSAGE -> session.control(handle, 0, EntryKind.MESSAGE, entry.getMessage());
                default -> log.error("Entry {} is not for agents", entry.getBodyCase());
            }
        } catch (InvalidProtocolBufferException e) {
            log.error("Something for agent {} does not parse", agent, e);
        }
    }

    boolean mayReply(String address) {
        return replies.mayReply(address, session.endpoint().now());
    }

    boolean isAgent() {
        return !agent.isEmpty();
    }

    String agent() {
        return agent;
    }

    long generation() {
        return generation;
    }

    int handle() {
        return handle;
    }

    AgentSession session() {
        return session;
    }

    /** What messages from here are stamped with. */
    String source() {
        return source;
    }

    void close() {
        subscriptions.values().forEach(Subscription::close);
        subscriptions.clear();
        credit.ifPresent(CreditQueue::close);
        retained.ifPresent(RetainedFeed::close);
        closeFeed();
    }
}
