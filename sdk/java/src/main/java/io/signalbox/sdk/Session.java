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

/** Keeps a connection to the node over its losses: connects again, resumes or attaches anew. Thread-safe. */
final class Session {
    private static final Logger log = System.getLogger(Session.class.getName());

    private static final String CLIENT = "signalbox-java/"
            + Optional.ofNullable(Session.class.getPackage().getImplementationVersion())
                    .orElse("development");

    /** The node closes a connection that was silent for as many heartbeats; so does the client. */
    private static final int MISSED_HEARTBEATS = 3;

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    private record Call(Connection connection, CompletableFuture<Entry> answer) {}

    private sealed interface State {}

    private record Connecting() implements State {}

    /** @param epoch grows whenever agents have to attach anew; handles of an older one are dead */
    record Up(Connection connection, long epoch) implements State {}

    private record Ended(Optional<SignalboxException> failure) implements State {}

    private final ClientOptions options;
    private final Backoff backoff;
    private final Map<Integer, Agent> agents = new ConcurrentHashMap<>();
    private final Set<Agent> members = ConcurrentHashMap.newKeySet();
    private final Map<Long, Call> calls = new ConcurrentHashMap<>();
    private final AtomicInteger handles = new AtomicInteger();
    private final AtomicLong refs = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread runner;
    private State state = new Connecting();
    private volatile String resumeToken = "";
    private volatile Duration reconnectAfter = Duration.ZERO;
    private String lastToken = "";
    private long epoch;

    Session(ClientOptions options) {
        this.options = options;
        this.backoff = new Backoff(options.reconnectInitial(), options.reconnectMax(), options.random());
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
        try {
            lastToken = token();
            Connection connection = Connection.open(options, lastToken, this::receive);
            try {
                return live(connection);
            } finally {
                connection.lost(new IOException("the session went on without this connection"));
                failCallsOf(connection);
            }
        } catch (SignalboxException refused) {
            boolean retry = refused.code().retry() || authenticatesAnew(refused.code());
            if (!retry) {
                end(Optional.of(refused));
                return Duration.ZERO;
            }
            log.log(Level.DEBUG, "Not connected: {0}", refused.getMessage());
            return backoff.next(refused.retryAfter());
        }
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

    private Duration live(Connection connection) throws InterruptedException {
        agents.values().forEach(Agent::suspended);
        Welcome welcome = hello(connection);
        Instant since = options.clock().instant();
        connection.limitFrames(welcome.getMaxFrameBytes());
        resumeToken = welcome.getResumeToken();
        reconnectAfter = Duration.ZERO;
        if (welcome.getResumed()) {
            agents.forEach((handle, agent) -> agent.resumed(handle, connection));
            change(new Up(connection, epoch));
        } else {
            Up up = new Up(connection, ++epoch);
            List<Agent> detached = forgetAgents();
            change(up);
            detached.forEach(agent -> agent.attachAnew(up.epoch()));
        }
        Connection.End end = awaitEnd(connection, Duration.ofMillis(Math.max(100, welcome.getHeartbeatMs())));
        change(new Connecting());
        if (Duration.between(since, options.clock().instant()).compareTo(options.reconnectMax()) > 0) {
            backoff.reset();
        }
        if (!mayReconnect(end)) {
            Code code = Code.of(end.code()).orElse(Code.CLOSE_PROTOCOL_ERROR);
            throw new SignalboxException(code, "the node closed with " + end.code() + ": " + end.reason());
        }
        log.log(Level.DEBUG, "Connection lost with {0}: {1}", end.code(), end.reason());
        return backoff.next(reconnectAfter);
    }

    private boolean mayReconnect(Connection.End end) {
        return switch (end.code()) {
            case 1002, 1003, 1007, 1008, 1009, 1010 -> false;
            default ->
                Code.of(end.code())
                        .map(code -> code.retry() || authenticatesAnew(code))
                        .orElse(true);
        };
    }

    private Welcome hello(Connection connection) throws InterruptedException {
        Entry.Builder hello = Entry.newBuilder()
                .setHello(
                        Hello.newBuilder().setToken(lastToken).setClient(CLIENT).setResumeToken(resumeToken));
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
            case MESSAGE, DELIVERY, ASSIGN, CANCEL_ASSIGNMENT ->
                Optional.ofNullable(agents.get(entry.getAgent())).ifPresent(agent -> agent.receive(entry));
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

    private void answerPing() {
        try {
            current().ifPresent(connection -> {
                try {
                    connection.send(Entry.newBuilder()
                            .setPong(Pong.getDefaultInstance())
                            .build());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        } catch (SignalboxException e) {
            log.log(Level.DEBUG, "No pong: {0}", e.getMessage());
        }
    }

    private void goAway(GoAway goAway) {
        reconnectAfter = Duration.ofMillis(Integer.toUnsignedLong(goAway.getReconnectAfterMs()));
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
        try {
            connection.send(detach);
        } catch (SignalboxException e) {
            log.log(Level.DEBUG, "Not sent: {0}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
                                    Code.UNAVAILABLE, "not connected to " + options.endpoint() + " within " + timeout);
                        }
                        nanos = changed.awaitNanos(nanos);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
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
