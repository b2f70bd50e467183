package io.signalbox.sdk;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Attached;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Entry.BodyCase;
import io.signalbox.codecs.proto.Error;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Ping;
import io.signalbox.codecs.proto.Receipt;
import io.signalbox.codecs.proto.Settled;
import io.signalbox.codecs.proto.Skill;
import io.signalbox.codecs.proto.Welcome;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** A node that keeps nothing and answers as its test says; else it takes everything. */
final class FakeNode implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;

    /** What a kind of entry is answered with, under the entry's ref and agent; empty: nothing. */
    interface Answer extends Function<Entry, Optional<Entry.Builder>> {}

    private final ServerSocket server;
    private final Map<BodyCase, Answer> answers = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<Entry> received = new LinkedBlockingQueue<>();
    private final AtomicInteger generations = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicReference<FakeNodeSocket> newest = new AtomicReference<>();
    private final Semaphore refused = new Semaphore(0);
    private final Semaphore gone = new Semaphore(0);
    private volatile Optional<String> refusal = Optional.empty();
    private volatile boolean resuming;
    private volatile int heartbeatMs = 1000;
    private volatile boolean pinging = true;
    private volatile boolean hanging;

    FakeNode() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        on(BodyCase.HELLO, this::welcome);
        on(BodyCase.ATTACH, this::attached);
        for (BodyCase kind : List.of(BodyCase.SUBSCRIBE, BodyCase.UNSUBSCRIBE, BodyCase.DETACH, BodyCase.MESSAGE)) {
            on(kind, entry -> Optional.of(Entry.newBuilder().setReceipt(Receipt.getDefaultInstance())));
        }
        for (BodyCase kind : List.of(BodyCase.COMPLETE, BodyCase.FAIL, BodyCase.DECLINE)) {
            on(kind, entry -> Optional.of(Entry.newBuilder().setSettled(Settled.getDefaultInstance())));
        }
        Thread.ofVirtual().start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    void on(BodyCase kind, Answer answer) {
        answers.put(kind, answer);
    }

    /** @return what answered the kind before */
    Answer answering(BodyCase kind, Answer answer) {
        return answers.put(kind, answer);
    }

    /** The kind is answered with errors so many times, then as before. */
    void failing(BodyCase kind, int times, Code code) {
        Answer then = answers.get(kind);
        AtomicInteger left = new AtomicInteger(times);
        on(kind, entry -> left.getAndDecrement() > 0 ? Optional.of(error(code)) : then.apply(entry));
    }

    static Entry.Builder error(Code code) {
        return Entry.newBuilder()
                .setError(Error.newBuilder().setCode(code.number()).setMessage(code.name()));
    }

    /** Clients that come with a resume token get their session back from now on. */
    void resuming() {
        resuming = true;
    }

    /** Says nothing of its own any more, at this interval. */
    void silent(int millis) {
        heartbeatMs = millis;
        pinging = false;
    }

    /** Connections are taken and never answered from now on. */
    void hanging() {
        hanging = true;
    }

    /** Upgrades are answered with this status line and headers from now on. */
    void refusing(String answer) {
        refusal = Optional.of(answer);
    }

    void accepting() {
        refusal = Optional.empty();
    }

    private Optional<Entry.Builder> welcome(Entry hello) {
        return Optional.of(Entry.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setResumed(
                                resuming && !hello.getHello().getResumeToken().isEmpty())
                        .setResumeToken("token-" + connections())
                        .setHeartbeatMs(heartbeatMs)
                        .setMaxFrameBytes(128 * 1024)));
    }

    private Optional<Entry.Builder> attached(Entry attach) {
        List<Skill> skills = attach.getAttach().getSkillsList();
        return Optional.of(Entry.newBuilder()
                .setAttached(Attached.newBuilder()
                        .setId(attach.getAttach().getId())
                        .setGeneration(generations.incrementAndGet())
                        .addAllSkills(skills)));
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            cut();
        }
    }

    private void serve(Socket accepted) {
        try (Socket socket = accepted) {
            if (hanging) {
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                return;
            }
            FakeNodeSocket connection = new FakeNodeSocket(socket);
            if (!connection.upgrade(refusal)) {
                refused.release();
                return;
            }
            connections.incrementAndGet();
            newest.set(connection);
            if (pinging) {
                Thread.ofVirtual().start(() -> ping(connection));
            }
            for (byte[] frame = connection.read(); frame.length > 0; frame = connection.read()) {
                for (Entry entry : Frame.parseFrom(frame).getEntriesList()) {
                    handle(connection, entry);
                }
            }
        } catch (IOException ended) {
            gone.release();
        }
    }

    /**
     * Until the connection is lost. The JDK's WebSocket misses an end now and then that comes right after a message; clients
     * find that out by the pings that stay away.
     */
    private void ping(FakeNodeSocket connection) {
        try {
            while (!connection.awaitEnd(Duration.ofMillis(heartbeatMs / 4))) {
                connection.send(
                        Entry.newBuilder().setPing(Ping.getDefaultInstance()).build());
            }
        } catch (IOException gone) {
            connection.cut();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(FakeNodeSocket connection, Entry entry) throws IOException {
        Optional<Entry.Builder> answer =
                Optional.ofNullable(answers.get(entry.getBodyCase())).flatMap(known -> known.apply(entry));
        received.add(entry);
        if (answer.isPresent()) {
            connection.send(answer.get()
                    .setRef(entry.getRef())
                    .setAgent(entry.getAgent())
                    .build());
        }
    }

    /** The next entry of this kind that came; what came before it is passed over. */
    Entry await(BodyCase kind) throws InterruptedException {
        while (true) {
            Entry entry = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (entry == null) {
                throw new AssertionError("no " + kind + " came");
            }
            if (entry.getBodyCase() == kind) {
                return entry;
            }
        }
    }

    /** Whether an entry of this kind came that nobody waited for. */
    boolean has(BodyCase kind) {
        return received.stream().anyMatch(entry -> entry.getBodyCase() == kind);
    }

    /** Returns when so many upgrades were refused. */
    void awaitRefused(int times) throws InterruptedException {
        acquire(refused, times);
    }

    /** Returns when a client has gone without a closing handshake. */
    void awaitGone() throws InterruptedException {
        acquire(gone, 1);
    }

    private static void acquire(Semaphore events, int times) throws InterruptedException {
        if (!events.tryAcquire(times, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("it did not happen");
        }
    }

    void send(Entry.Builder entry) throws IOException {
        newest.get().send(entry.build());
    }

    void closeWith(int code) throws IOException {
        newest.get().close(code);
    }

    /** Without a closing handshake. */
    void cut() {
        Optional.ofNullable(newest.get()).ifPresent(FakeNodeSocket::cut);
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
