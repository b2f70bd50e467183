package io.signalbox.sdk;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Detach;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Error;
import io.signalbox.codecs.proto.GoAway;
import io.signalbox.codecs.proto.Hello;
import io.signalbox.codecs.proto.Pong;
import io.signalbox.codecs.proto.Welcome;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/** Keeps a connection to a node over its losses: connects again, to it or to another, resumes or attaches anew. Thread-safe. */
final class Session {
    private static final Logger log = System.getLogger(Session.class.getName());

    private static final String CLIENT = "signalbox-java/"
            + Optional.ofNullable(Session.class.getPackage().getImplementationVersion())
                    .orElse("development");

    /** The node closes a connection that was silent for as many heartbeats; so does the client. */
    private static final int MISSED_HEARTBEATS = 3;

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    /** How long a node that had the session may take to open a connection, when there are others. */
    private static final Duration RESUME_PATIENCE = Duration.ofSeconds(2);

    private record Call(Connection connection, CompletableFuture<Entry> answer) {}

    private sealed interface State {}

    private record Connecting() implements State {}

    /** @param epoch grows whenever agents have to attach anew; handles of an older one are dead */
    record Up(Connection connection, long epoch) implements State {}

    private record Ended(Optional<SignalboxException> failure) implements State {}

    /** What resumes the session, at the node that gave it alone. */
    private record ResumeToken(URI endpoint, String text) {}

    private final ClientOptions options;
    private final Endpoints endpoints;
    private final Map<Integer, Agent> agents = new ConcurrentHashMap<>();
    private final Set<Agent> members = ConcurrentHashMap.newKeySet();
    private final Map<Long, Call> calls = new ConcurrentHashMap<>();
    private final AtomicInteger handles = new AtomicInteger();
    private final AtomicLong refs = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread runner;
    private State state = new Connecting();
    private Optional<ResumeToken> resumeToken = Optional.empty();
    private volatile Optional<Duration> sentAway = Optional.empty();
    private String lastToken = "";
    private volatile long epoch;

    Session(ClientOptions options) {
        this.options = options;
        Backoff backoff = new Backoff(options.reconnectInitial(), options.reconnectMax(), options.random());
        this.endpoints = new Endpoints(options.endpoints(), backoff, options.random());
        this.runner = Thread.ofVirtual().name("signalbox-session").unstarted(this::run);
    }

    void start() {
        runner.start();
    }

    ClientOptions options() {
        return options;
    }

    private void run() {
        try {
            while (!hasEnded()) {
                Thread.sleep(liveOnce());
            }
        } catch (InterruptedException e) {
            end(Optional.empty());
        } catch (RuntimeException e) {
            log.log(Level.ERROR, "The session ends by a fault of the client library", e);
            end(Optional.of(new SignalboxException(Code.UNSUPPORTED, "fault of the client library", e)));
        }
    }

    /** One connection, from opening to loss. Gives the wait before the next. */
    private Duration liveOnce() throws InterruptedException {
        Connection.End end;
        try {
            lastToken = token();
            Connection connection =
                    Connection.open(options, endpoints.current(), openPatience(), lastToken, this::receive);
            connection.end().thenRun(() -> failCallsOf(connection));
            try {
                end = live(connection);
            } finally {
                connection.lost(new IOException("the session went on without this connection"));
            }
        } catch (SignalboxException refusal) {
            return refused(refusal);
        }
        return ended(end);
    }

    private Duration openPatience() {
        boolean quick = endpoints.areSeveral() && resumeText().isPresent();
        return quick && options.requestTimeout().compareTo(RESUME_PATIENCE) > 0
                ? RESUME_PATIENCE
                : options.requestTimeout();
    }

    /** What the node gave that is to be tried now. */
    private Optional<String> resumeText() {
        return resumeToken
                .filter(token -> token.endpoint().equals(endpoints.current()))
                .map(ResumeToken::text);
    }

    private Duration refused(SignalboxException refusal) {
        log.log(Level.DEBUG, "Not connected: {0}", refusal.getMessage());
        boolean forGood = !refusal.code().retry() && !authenticatesAnew(refusal.code());
        Optional<Duration> wait =
                endpoints.refused(forGood, refusal.retryAfter(), options.clock().instant());
        if (wait.isEmpty()) {
            end(Optional.of(refusal));
        }
        return wait.orElse(Duration.ZERO);
    }

    private Duration ended(Connection.End end) {
        if (!mayReconnect(end)) {
            Code code = end.ownCode().orElse(Code.CLOSE_PROTOCOL_ERROR);
            end(Optional.of(new SignalboxException(code, "the node closed with " + end.code() + ": " + end.reason())));
            return Duration.ZERO;
        }
        log.log(Level.DEBUG, "Connection lost with {0}: {1}", end.code(), end.reason());
        boolean leaving = sentAway.isPresent() || end.code() == Code.GOING_AWAY.number();
        return leaving
                ? endpoints.sentAway(
                        sentAway.orElse(Duration.ZERO), options.clock().instant())
                : endpoints.lost();
    }

    private boolean authenticatesAnew(Code code) {
        boolean unauthenticated =
                code == Code.UNAUTHENTICATED || code == Code.TOKEN_EXPIRED || code == Code.CLOSE_UNAUTHENTICATED;
        try {
            return unauthenticated && !token().equals(lastToken);
        } catch (SignalboxException noneNow) {
            return true;
        }
    }

    /** A source of tokens that fails now may have one later. */
    private String token() {
        try {
            return Objects.requireNonNull(options.token().get(), "null for a token");
        } catch (RuntimeException e) {
            throw new SignalboxException(Code.UNAVAILABLE, "no token to connect with: " + e, e);
        }
    }

    private Connection.End live(Connection connection) throws InterruptedException {
        agents.values().forEach(Agent::suspended);
        Welcome welcome = hello(connection);
        Instant since = options.clock().instant();
        connection.limitFrames(welcome.getMaxFrameBytes());
        resumeToken = Optional.of(new ResumeToken(endpoints.current(), welcome.getResumeToken()));
        endpoints.accepted();
        if (welcome.getResumed()) {
            agents.forEach((handle, agent) -> agent.resumed(handle, connection));
            change(new Up(connection, epoch));
        } else {
            epoch++; // by this thread alone
            Up up = new Up(connection, epoch);
            List<Agent> detached = forgetAgents();
            change(up);
            detached.forEach(agent -> agent.attachAnew(up.epoch()));
        }
        Connection.End end = awaitEnd(connection, Duration.ofMillis(Math.max(100, welcome.getHeartbeatMs())));
        change(new Connecting());
        if (Duration.between(since, options.clock().instant()).compareTo(options.reconnectMax()) > 0) {
            endpoints.lasted();
        }
        return end;
    }

    private boolean mayReconnect(Connection.End end) {
        return switch (end.code()) {
            case 1002, 1003, 1007, 1008, 1009, 1010 -> false;
            default ->
                end.ownCode()
                        .map(code -> code.retry() || authenticatesAnew(code))
                        .orElse(true);
        };
    }

    private Welcome hello(Connection connection) throws InterruptedException {
        sentAway = Optional.empty();
        Entry.Builder hello = Entry.newBuilder()
                .setHello(Hello.newBuilder()
                        .setToken(lastToken)
                        .setClient(CLIENT)
                        .setResumeToken(resumeText().orElse("")));
        Entry answer = call(connection, hello, options.requestTimeout());
        if (!answer.hasWelcome()) {
            throw new SignalboxException(Code.CLOSE_PROTOCOL_ERROR, "the node answered Hello with " + answer);
        }
        return answer.getWelcome();
    }

    private List<Agent> forgetAgents() {
        List<Agent> detached = List.copyOf(members);
        agents.clear();
        detached.forEach(Agent::detached);
        return detached;
    }

    private Connection.End awaitEnd(Connection connection, Duration heartbeat) throws InterruptedException {
        while (true) {
            try {
                return connection.end().get(heartbeat.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                long silent = options.clock().millis() - connection.lastHeardMillis();
                if (silent > MISSED_HEARTBEATS * heartbeat.toMillis()) {
                    connection.lost(new TimeoutException("nothing heard for " + silent + " ms"));
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void receive(Entry entry) {
        switch (entry.getBodyCase()) {
            case PING -> answerPing();
            case GO_AWAY -> goAway(entry.getGoAway());
            case WELCOME, ATTACHED, RECEIPT, SETTLED, ERROR -> answered(entry);
            case MESSAGE -> {
                if (entry.getRef() != 0) { // a service's answer
                    answered(entry);
                } else {
                    toAgent(entry);
                }
            }
            case DELIVERY, ASSIGN, CANCEL_ASSIGNMENT -> toAgent(entry);
            case HELLO,
                    ATTACH,
                    DETACH,
                    SUBSCRIBE,
                    UNSUBSCRIBE,
                    CREDIT,
                    ACK,
                    REJECT,
                    PONG,
                    RENEW,
                    PROGRESS,
                    COMPLETE,
                    FAIL,
                    DECLINE,
                    BODY_NOT_SET -> log.log(Level.DEBUG, "Ignored entry {0}", entry.getBodyCase());
        }
    }

    private void toAgent(Entry entry) {
        Optional.ofNullable(agents.get(entry.getAgent())).ifPresent(agent -> agent.receive(entry));
    }

    private void answerPing() {
        Entry pong = Entry.newBuilder().setPong(Pong.getDefaultInstance()).build();
        current().ifPresent(connection -> connection.trySend(pong));
    }

    private void goAway(GoAway goAway) {
        sentAway = Optional.of(Duration.ofMillis(Integer.toUnsignedLong(goAway.getReconnectAfterMs())));
    }

    private void answered(Entry entry) {
        Call call = calls.remove(entry.getRef());
        if (call != null) {
            call.answer().complete(entry);
        } else if (entry.hasAttached() && !agents.containsKey(entry.getAgent())) {
            // Nobody waits for it any more; left attached it would be given tasks that nobody does.
            current().ifPresent(connection -> leave(connection, entry.getAgent()));
        } else if (entry.hasError()) {
            Agent agent = agents.get(entry.getAgent());
            if (entry.getAgent() != 0 && agent != null) {
                agent.reported(exception(entry.getError()));
            } else {
                log.log(Level.DEBUG, "The node reports: {0}", entry.getError().getMessage());
            }
        }
    }

    static SignalboxException exception(Error error) {
        Code code = Code.of(error.getCode()).orElse(Code.UNSUPPORTED);
        return new SignalboxException(
                code, error.getMessage(), Duration.ofMillis(Integer.toUnsignedLong(error.getRetryAfterMs())));
    }

    /** Of {@link Up}, the last or the next. */
    long epoch() {
        return epoch;
    }

    /** A fresh handle for the agent; entries for it go there from now on. */
    int register(Agent agent) {
        int handle = handles.incrementAndGet();
        agents.put(handle, agent);
        return handle;
    }

    void unregister(int handle) {
        agents.remove(handle);
    }

    /** Gives up an attach that the node may have done all the same. */
    void leave(Connection connection, int handle) {
        unregister(handle);
        Entry detach = Entry.newBuilder()
                .setAgent(handle)
                .setDetach(Detach.getDefaultInstance())
                .build();
        connection.trySend(detach);
    }

    /** From now on the agent is attached anew whenever that is needed. */
    void add(Agent agent) {
        members.add(agent);
    }

    void remove(Agent agent) {
        members.remove(agent);
    }

    List<Agent> members() {
        return List.copyOf(members);
    }

    /**
     * Sends and waits for the answer.
     *
     * @throws SignalboxException the node's refusal; {@code UNAVAILABLE}: not sent; {@code TIMEOUT}: whether it was done
     *     is unknown
     */
    Entry call(Connection connection, Entry.Builder entry, Duration timeout) throws InterruptedException {
        long ref = refs.incrementAndGet();
        Call call = new Call(connection, new CompletableFuture<>());
        calls.put(ref, call);
        try {
            connection.send(entry.setRef(ref).build());
            Entry answer = call.answer().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (answer.hasError()) {
                throw exception(answer.getError());
            }
            return answer;
        } catch (TimeoutException e) {
            throw new SignalboxException(Code.TIMEOUT, "no answer within " + timeout);
        } catch (ExecutionException e) {
            throw new SignalboxException(Code.TIMEOUT, "the connection was lost before the answer came");
        } finally {
            calls.remove(ref);
        }
    }

    private void failCallsOf(Connection connection) {
        calls.values().stream()
                .filter(call -> call.connection() == connection)
                .forEach(call -> call.answer().completeExceptionally(new IOException("connection lost")));
    }

    /** The connection, waited for. */
    Up up(Duration timeout) throws InterruptedException {
        long nanos = timeout.toNanos();
        lock.lockInterruptibly();
        try {
            while (true) {
                switch (state) {
                    case Up up -> {
                        return up;
                    }
                    case Ended ended ->
                        throw ended.failure()
                                .map(cause -> new SignalboxException(cause.code(), cause.getMessage(), cause))
                                .orElseGet(() -> new SignalboxException(Code.GOING_AWAY, "the client is closed"));
                    case Connecting ignored -> {
                        if (nanos <= 0) {
                            throw new SignalboxException(
                                    Code.UNAVAILABLE, "not connected to " + addresses() + " within " + timeout);
                        }
                        nanos = changed.awaitNanos(nanos);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private String addresses() {
        return options.endpoints().stream().map(URI::toString).collect(Collectors.joining(", "));
    }

    /** The connection, when there is one right now. */
    Optional<Connection> current() {
        lock.lock();
        try {
            return state instanceof Up up ? Optional.of(up.connection()) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    boolean hasEnded() {
        lock.lock();
        try {
            return state instanceof Ended;
        } finally {
            lock.unlock();
        }
    }

    Optional<SignalboxException> awaitEnd() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!(state instanceof Ended)) {
                changed.await();
            }
            return ((Ended) state).failure();
        } finally {
            lock.unlock();
        }
    }

    private void change(State next) {
        lock.lock();
        try {
            if (!(state instanceof Ended)) {
                state = next;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void end(Optional<SignalboxException> failure) {
        failure.ifPresent(cause -> log.log(Level.WARNING, "Gave up: {0}", cause.getMessage()));
        change(new Ended(failure));
        members.forEach(Agent::ended);
    }

    /** Like the death of the process. */
    void abandon() {
        Optional<Connection> last = current();
        end(Optional.empty());
        last.ifPresent(connection -> connection.lost(new IOException("simulated crash")));
        runner.interrupt();
    }

    void close() throws InterruptedException {
        Optional<Connection> last = current();
        end(Optional.empty());
        if (last.isPresent()) {
            last.get().close(CLOSE_PATIENCE);
        }
        runner.interrupt();
    }
}
