package io.signalbox.sdk;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.UuidV7;
import io.signalbox.codecs.proto.Assign;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.Attached;
import io.signalbox.codecs.proto.CancelAssignment;
import io.signalbox.codecs.proto.Credit;
import io.signalbox.codecs.proto.Decline;
import io.signalbox.codecs.proto.Detach;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Subscribe;
import io.signalbox.codecs.proto.Unsubscribe;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/** An attached agent. Its methods block; call them from virtual threads. Thread-safe. */
public final class Agent {
    private static final Logger log = System.getLogger(Agent.class.getName());

    /** So long a node may do an attach that was not answered. */
    private static final Duration LATE_ATTACH = Duration.ofSeconds(30);

    private record Subscription(String pattern, String group) {}

    private final Session session;
    private final AgentBuilder.Description description;
    private final Inbox inbox;
    private final Map<String, AssignmentRun> held = new ConcurrentHashMap<>();
    private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
    private final Replies replies = new Replies();
    private final Coordination coordination;
    private final GivenDefinition definition;
    private final ReentrantLock attaching = new ReentrantLock();
    private volatile CompletableFuture<Attachment> attachment = new CompletableFuture<>();
    private volatile int handle;
    private volatile boolean attachedOnce;
    private volatile boolean closing;
    private volatile boolean over;

    /** Till then an attach whose answer was lost may supersede the one that came after it. */
    private volatile Instant doubtUntil = Instant.MIN;

    /** What the node gave at the last attach. */
    private record Attachment(int handle, long generation, long epoch) {}

    Agent(Session session, AgentBuilder.Description description) {
        this.session = session;
        this.description = description;
        this.definition = new GivenDefinition(description.definitionListener());
        this.inbox = new Inbox(description.id(), description.messageHandler(), new Acknowledger(this::tellAs));
        this.coordination = new Coordination(this::call, session.options(), System::nanoTime);
    }

    public String id() {
        return description.id();
    }

    /** {@code name@version} that new assignments are of, as far as it was told; empty: it is of no definition. */
    public String definition() {
        return definition.current();
    }

    /** Grows with every attach of this id; 0 while the agent is not attached. */
    public long generation() {
        CompletableFuture<Attachment> now = attachment;
        return now.isDone() && !now.isCompletedExceptionally() ? now.join().generation() : 0;
    }

    /** Locks, leadership, barriers and documents that it shares with other agents. */
    public Coordination coordination() {
        return coordination;
    }

    /** Tasks under way here. */
    public int assignments() {
        return held.size();
    }

    /** The first attach; tried again while the node is away, for the time that a request may take. */
    void attach() throws InterruptedException {
        ClientOptions options = session.options();
        Backoff backoff = new Backoff(options.reconnectInitial(), options.reconnectMax(), options.random());
        long end = options.clock().millis() + options.requestTimeout().toMillis();
        while (true) {
            try {
                attachFirst(session.up(options.requestTimeout()));
                return;
            } catch (SignalboxException e) {
                Duration wait = backoff.next(e.retryAfter());
                if (over || !e.code().retry() || options.clock().millis() + wait.toMillis() > end) {
                    throw e;
                }
                Thread.sleep(wait);
            }
        }
    }

    private void attachFirst(Session.Up up) throws InterruptedException {
        attaching.lockInterruptibly();
        try {
            attachTo(up);
            attachedOnce = true;
        } finally {
            attaching.unlock();
        }
    }

    /** The session came up without resuming: what was attached is not any more. */
    void detached() {
        attachment = new CompletableFuture<>();
        if (over) {
            ended();
        }
    }

    /** After {@link #detached}; returns at once. Held assignments go along. */
    void attachAnew(long epoch) {
        Thread.ofVirtual().name("signalbox-attach").start(() -> attachUntilItIs(epoch));
    }

    /**
     * Over lost connections too, as long as they are resumed: only a later epoch has a thread of its own for it. Also while the
     * agent is being closed, for what it has under way is to be told.
     */
    private void attachUntilItIs(long epoch) {
        ClientOptions options = session.options();
        Backoff backoff = new Backoff(options.reconnectInitial(), options.reconnectMax(), options.random());
        try {
            while (!over) {
                try {
                    attachIn(epoch, session.up(options.requestTimeout()));
                    return;
                } catch (SignalboxException e) {
                    if (!e.code().retry()) {
                        refused(e);
                        return;
                    }
                    Thread.sleep(backoff.next(e.retryAfter()));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void attachIn(long epoch, Session.Up up) throws InterruptedException {
        attaching.lockInterruptibly();
        try {
            // Whoever called attach() and was cut off tries again.
            if (attachedOnce && up.epoch() == epoch && !attachment.isDone()) {
                attachTo(up);
            }
        } finally {
            attaching.unlock();
        }
    }

    private void attachTo(Session.Up up) throws InterruptedException {
        Connection connection = up.connection();
        CompletableFuture<Attachment> awaited = attachment;
        int fresh = session.register(this);
        handle = fresh;
        boolean attachedNow = false;
        try {
            inbox.suspend();
            Entry answer = session.call(
                    connection,
                    attachEntry(fresh, inbox.open(creditFor(fresh, connection))),
                    session.options().requestTimeout());
            Attached attached = answer.getAttached();
            description.checkHandlers(attached.getSkillsList());
            definition.given(attached.getDefinition());
            for (Subscription subscription : subscriptions) {
                session.call(
                        connection,
                        subscribeEntry(fresh, subscription),
                        session.options().requestTimeout());
            }
            attachedNow = awaited.complete(new Attachment(fresh, attached.getGeneration(), up.epoch()));
            if (!attachedNow) {
                throw gone();
            }
        } catch (SignalboxException e) {
            if (e.code() == Code.TIMEOUT) {
                doubtUntil = session.options().clock().instant().plus(LATE_ATTACH);
            }
            throw e;
        } finally {
            if (!attachedNow) {
                session.leave(connection, fresh);
            }
        }
    }

    private Entry.Builder attachEntry(int handle, OptionalInt credit) {
        Attach.Builder attach = description.attach();
        credit.ifPresent(attach::setCredit);
        attach.setMaxUnacknowledged(description.messageHandler().isPresent() ? Inbox.MAX_UNACKNOWLEDGED : 0);
        held.values().forEach(run -> attach.addHeld(run.held()));
        return Entry.newBuilder().setAgent(handle).setAttach(attach);
    }

    /** On a thread of its own: a connection that is full makes no handler wait, nor the reading of another connection. */
    private IntConsumer creditFor(int handle, Connection connection) {
        return messages -> Thread.ofVirtual().name("signalbox-credit").start(() -> {
            Credit credit = Credit.newBuilder().setMessages(messages).build();
            connection.trySend(
                    Entry.newBuilder().setAgent(handle).setCredit(credit).build());
        });
    }

    /** A connection is about to begin, or to go on with the session: what was granted on the last does not hold. */
    void suspended() {
        inbox.suspend();
    }

    /** The session goes on, with this agent under the handle that it has. */
    void resumed(int handle, Connection connection) {
        IntConsumer granter = creditFor(handle, connection);
        inbox.open(granter).ifPresent(room -> {
            if (room > 0) {
                granter.accept(room);
            }
        });
    }

    private static Entry.Builder subscribeEntry(int handle, Subscription subscription) {
        return Entry.newBuilder()
                .setAgent(handle)
                .setSubscribe(Subscribe.newBuilder()
                        .setPattern(subscription.pattern())
                        .setGroup(subscription.group()));
    }

    /** An error that no call waits for. */
    void reported(SignalboxException error) {
        if (error.code() == Code.STALE_GENERATION) {
            superseded(error);
        } else if (error.code() == Code.KILLED) {
            refused(error);
        } else {
            log.log(Level.DEBUG, "Agent {0}: the node reports: {1}", id(), error.getMessage());
        }
    }

    /** By another process, which has the agent now; or by an attach of this one, which a node that was left did late: once. */
    private void superseded(SignalboxException cause) {
        if (session.options().clock().instant().isBefore(doubtUntil)) {
            doubtUntil = Instant.MIN;
            session.unregister(handle);
            detached();
            attachAnew(session.epoch());
        } else {
            refused(cause);
        }
    }

    /** The node does not take this agent, or not any more: by another attach of its id, say. */
    void refused(SignalboxException cause) {
        log.log(Level.WARNING, "Agent {0} is detached: {1}", id(), cause.getMessage());
        end(cause);
    }

    /** No further assignment or message can come. */
    void ended() {
        end(gone());
    }

    private SignalboxException gone() {
        return new SignalboxException(Code.GOING_AWAY, "agent " + id() + " is detached");
    }

    private void end(SignalboxException why) {
        closing = true;
        over = true;
        CompletableFuture<Attachment> awaited = attachment;
        attachment = CompletableFuture.failedFuture(why);
        awaited.completeExceptionally(why);
        held.values().forEach(run -> run.cancel("agent " + id() + " is detached"));
        replies.fail(why);
        coordination.ended(why);
        inbox.close();
        session.unregister(handle);
        session.remove(this);
    }

    void receive(Entry entry) {
        switch (entry.getBodyCase()) {
            case MESSAGE -> message(new Message(entry.getMessage()));
            case DELIVERY -> inbox.deliver(entry.getAgent(), entry.getDelivery());
            case ASSIGN -> assigned(entry.getAssign());
            case CANCEL_ASSIGNMENT -> cancelled(entry.getCancelAssignment());
            default -> log.log(Level.DEBUG, "Ignored entry {0} for agent {1}", entry.getBodyCase(), id());
        }
    }

    private void message(Message message) {
        if (message.source().equals(Coordination.ADDRESS)) { // which no client's message has; needs no credit
            coordination.noticed(message);
        } else if (replies.take(message) || definition.take(message)) {
            inbox.passedBy();
        } else {
            inbox.offer(message);
        }
    }

    private void assigned(Assign assign) {
        TaskHandler handler = description.handlers().get(assign.getSkill());
        AssignmentRun before = held.get(assign.getTask());
        if (before != null && before.token() >= assign.getToken()) {
            return;
        }
        if (before != null) {
            before.cancel("assigned anew");
        }
        if (closing || handler == null) {
            decline(assign, closing ? "the agent is shutting down" : "no handler for skill " + assign.getSkill());
            return;
        }
        AssignmentRun run = new AssignmentRun(this, assign, handler);
        held.put(assign.getTask(), run);
        run.start();
    }

    private void decline(Assign assign, String reason) {
        Decline decline = Decline.newBuilder()
                .setTask(assign.getTask())
                .setToken(assign.getToken())
                .setReason(reason)
                .build();
        tell(Entry.newBuilder().setDecline(decline));
    }

    private void cancelled(CancelAssignment cancel) {
        AssignmentRun run = held.get(cancel.getTask());
        if (run != null && run.token() == cancel.getToken()) {
            run.cancel(cancel.getMessage());
        }
    }

    void finished(AssignmentRun run) {
        held.remove(run.task(), run);
    }

    /**
     * Publishes as this agent and waits for the node's receipt. A durable message is sent again, over lost connections and
     * stores that are away, until it is safe or {@link ClientOptions#deliveryTimeout} is over; messages of one thread are
     * put into a mailbox in their order.
     *
     * @throws SignalboxException {@code FORBIDDEN}, {@code TOO_LARGE}, {@code OVERLOADED}...; {@code TIMEOUT}: whether it
     *     was published is unknown
     */
    public void publish(Message message) throws InterruptedException {
        if (message.isDurable()) {
            new DurablePublish(session.options(), this::call)
                    .untilSafe(message.id().isPresent() ? message : message.withId(newId()));
        } else {
            call(Entry.newBuilder().setMessage(message.encoded()));
        }
    }

    private UUID newId() {
        return UuidV7.next(session.options().clock().millis(), session.options().random());
    }

    /**
     * Sends a request and waits for the reply to this agent's inbox.
     *
     * @throws SignalboxException like {@link #publish}; {@code TIMEOUT} when no reply came
     */
    public Message request(Message message, Duration timeout) throws InterruptedException {
        UUID id = newId();
        Message request = message.withId(id).withCorrelationId(id.toString()).withReplyTo("agent/" + id());
        return replies.await(request, timeout, this::publish);
    }

    /** Answers a request. */
    public void reply(Message request, Payload payload) throws InterruptedException {
        publish(Message.to(request.replyTo(), payload).withCorrelationId(request.correlationId()));
    }

    /** @param pattern an address, or one with the wildcards {@code +} (one level) and {@code #} (the rest) */
    public void subscribe(String pattern) throws InterruptedException {
        subscribe(pattern, "");
    }

    /** @param group each message goes to one member of the group; empty: to every subscriber */
    public void subscribe(String pattern, String group) throws InterruptedException {
        Subscription subscription = new Subscription(pattern, group);
        long attachedAs;
        do { // again when the agent was attached anew meanwhile, without it
            attachedAs = generation();
            call(subscribeEntry(0, subscription));
            subscriptions.add(subscription);
        } while (generation() != attachedAs);
    }

    public void unsubscribe(String pattern, String group) throws InterruptedException {
        subscriptions.remove(new Subscription(pattern, group));
        call(Entry.newBuilder()
                .setUnsubscribe(Unsubscribe.newBuilder().setPattern(pattern).setGroup(group)));
    }

    private Attachment awaitAttached() throws InterruptedException {
        try {
            return attachment.get(session.options().requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new SignalboxException(Code.UNAVAILABLE, "agent " + id() + " is not attached", e);
        } catch (ExecutionException e) {
            throw SignalboxException.heardBy(e);
        }
    }

    /** Sends as this agent, once it is attached, and waits for the answer. */
    Entry call(Entry.Builder entry) throws InterruptedException {
        Duration timeout = session.options().requestTimeout();
        while (true) {
            Session.Up up = session.up(timeout);
            Attachment now = awaitAttached();
            // Else the agent was attached anew between the two.
            if (up.epoch() == now.epoch()) {
                return session.call(up.connection(), entry.setAgent(now.handle()), timeout);
            }
        }
    }

    /** Sends as this agent if there is a connection, wanting no answer: what is lost here is said again or not needed. */
    void tell(Entry.Builder entry) {
        tellAs(handle, entry);
    }

    private void tellAs(int handle, Entry.Builder entry) {
        session.current()
                .ifPresent(
                        connection -> connection.trySend(entry.setAgent(handle).build()));
    }

    ClientOptions options() {
        return session.options();
    }

    /** Takes no new tasks, waits for those under way, gives back what is not done in time, and leaves the node. */
    public void close(Duration patience) {
        closing = true;
        try {
            awaitDone(patience);
            held.values().forEach(AssignmentRun::giveBack);
            awaitDone(session.options().requestTimeout());
            coordination.leave();
            call(Entry.newBuilder().setDetach(Detach.getDefaultInstance()));
        } catch (SignalboxException e) {
            log.log(Level.DEBUG, "Agent {0} left without a word: {1}", id(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended();
        }
    }

    private void awaitDone(Duration patience) throws InterruptedException {
        long end = session.options().clock().millis() + patience.toMillis();
        for (AssignmentRun run : List.copyOf(held.values())) {
            long left = end - session.options().clock().millis();
            if (left <= 0 || !run.awaitDone(Duration.ofMillis(left))) {
                return;
            }
        }
    }
}
