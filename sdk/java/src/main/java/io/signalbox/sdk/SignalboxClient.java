package io.signalbox.sdk;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A connection to Signalbox that carries any number of agents. When it is lost it connects again by itself, with jitter,
 * and resumes: agents, subscriptions and assignments stay. Given several nodes it begins with any of them and goes on with
 * another when one is away or shuts down, where its agents attach anew with what they hold. Thread-safe.
 */
public final class SignalboxClient implements AutoCloseable {
    private final Session session;

    private SignalboxClient(Session session) {
        this.session = session;
    }

    /** @param endpoints {@code http://host:port}; several nodes of one cluster are separated by commas */
    public static SignalboxClient connect(String endpoints) throws InterruptedException {
        return connect(ClientOptions.of(endpoints));
    }

    /**
     * Tries for the options' {@code connectTimeout}.
     *
     * @throws SignalboxException when the node refuses or did not answer in time
     */
    public static SignalboxClient connect(ClientOptions options) throws InterruptedException {
        Session session = new Session(options);
        session.start();
        try {
            session.up(options.connectTimeout());
        } catch (SignalboxException | InterruptedException e) {
            session.close();
            throw e;
        }
        return new SignalboxClient(session);
    }

    /** Describes an agent, to be attached with {@link AgentBuilder#attach}. */
    public AgentBuilder agent(String id) {
        return new AgentBuilder(id, this::attach);
    }

    private Agent attach(AgentBuilder.Description description) throws InterruptedException {
        Agent agent = new Agent(session, description);
        session.add(agent);
        try {
            agent.attach();
            return agent;
        } catch (SignalboxException | InterruptedException e) {
            session.remove(agent);
            throw e;
        }
    }

    /** Whether there is a connection right now. */
    public boolean isConnected() {
        return session.current().isPresent();
    }

    /**
     * Returns when the client was closed.
     *
     * @throws SignalboxException when the client gave up, because the node refused it for good
     */
    public void awaitClosed() throws InterruptedException {
        session.awaitEnd().ifPresent(failure -> {
            throw new SignalboxException(failure.code(), failure.getMessage(), failure);
        });
    }

    /** For tests of failures: cuts the connection as a bad network would. The client connects again and resumes. */
    public void simulateConnectionLoss() {
        session.current().ifPresent(connection -> connection.lost(new IOException("simulated loss")));
    }

    /** For tests of failures: ends the client as the death of its process would, without a word to the node. */
    public void simulateCrash() {
        session.abandon();
    }

    /**
     * Takes no new tasks, waits for those under way as long as the options' {@code drainTimeout} says, gives back what is
     * not done by then, and closes. Interrupted it cuts the connection instead. Idempotent.
     */
    @Override
    public void close() {
        try {
            drain();
            session.close();
        } catch (InterruptedException e) {
            session.abandon();
            Thread.currentThread().interrupt();
        }
    }

    private void drain() throws InterruptedException {
        if (session.hasEnded()) {
            return;
        }
        Duration patience = session.options().drainTimeout();
        List<Thread> detaching = new ArrayList<>();
        for (Agent agent : session.members()) {
            detaching.add(Thread.ofVirtual().start(() -> agent.close(patience)));
        }
        for (Thread thread : detaching) {
            thread.join();
        }
    }
}
