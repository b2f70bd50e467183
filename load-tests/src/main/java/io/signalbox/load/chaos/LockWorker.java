package io.signalbox.load.chaos;

import io.signalbox.load.chaos.LockHistory.Line;
import io.signalbox.load.chaos.LockHistory.Type;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.Coordination;
import io.signalbox.sdk.HeldLock;
import io.signalbox.sdk.LockOptions;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.SignalboxException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process with one agent whose threads take locks and, under them, raise a counter of {@link CheckedResource}. It does not look whether
 * it has lost a lock: that is what the resource is for.
 */
public final class LockWorker {
    private static final int LONGEST_WORK_MILLIS = 100;

    /** Of numbers of Jepsen's processes: one that does not know what became of an operation goes on under another. */
    private static final int NUMBERS = 1_000_000;

    private final Coordination coordination;
    private final LockHistory history;
    private final int process;
    private final int resourcePort;
    private final int locks;
    private final LockOptions options;
    private final AtomicInteger left;
    private volatile boolean dismissed;

    private LockWorker(Coordination coordination, LockHistory history, String[] arguments) {
        this.coordination = coordination;
        this.history = history;
        this.process = Integer.parseInt(arguments[1]);
        this.resourcePort = Integer.parseInt(arguments[2]);
        this.locks = Integer.parseInt(arguments[4]);
        this.left = new AtomicInteger(Integer.parseInt(arguments[5]));
        this.options = LockOptions.exclusive().withLease(Duration.ofMillis(Long.parseLong(arguments[6])));
    }

    /** Arguments: URLs of nodes, number of the process, port of the resource, threads, locks, acquisitions, lease, file. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        ClientOptions client = ClientOptions.builder(arguments[0])
                .requestTimeout(Duration.ofSeconds(3))
                .reconnect(Duration.ofMillis(50), Duration.ofMillis(500))
                .build();
        try (LockHistory history = new LockHistory(Path.of(arguments[7]));
                SignalboxClient connection = SignalboxClient.connect(client)) {
            Agent agent = connection.agent("locker-" + arguments[1]).attach();
            LockWorker worker = new LockWorker(agent.coordination(), history, arguments);
            Thread.ofVirtual().start(worker::awaitDismissal);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
                int number = i;
                // Not virtual: an interrupt would close the socket that one reads from.
                threads.add(Thread.ofPlatform().start(() -> worker.run(number)));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        System.exit(0);
    }

    /** It goes on until its standard input ends, and until it has taken as many locks as it was to. */
    private void awaitDismissal() {
        try {
            System.in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        dismissed = true;
    }

    private void run(int thread) {
        Random random = new Random(1000L * process + thread);
        long number = (long) process * NUMBERS + thread;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), resourcePort);
                BufferedReader answers =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
            socket.setTcpNoDelay(true);
            while (left.get() > 0 || !dismissed) {
                String lock = "guarded-" + random.nextInt(locks);
                number += acquire(number, lock, taken -> raise(socket, answers, thread, taken, random)) ? 0 : 1000;
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Section {
        void under(Taken taken) throws IOException;
    }

    private record Taken(long number, String lock, long token) {}

    /** False: whether it was done is not known. */
    private boolean acquire(long number, String lock, Section section) throws IOException, InterruptedException {
        say(number, Type.INVOKE, "acquire", lock, "nil");
        try (HeldLock held = coordination.lock(lock, options)) {
            say(number, Type.OK, "acquire", lock, Long.toString(held.token()));
            left.decrementAndGet();
            section.under(new Taken(number, lock, held.token()));
            say(number, Type.INVOKE, "release", lock, Long.toString(held.token()));
            held.close();
            say(number, Type.OK, "release", lock, Long.toString(held.token()));
            return true;
        } catch (SignalboxException e) {
            say(number, Type.INFO, "acquire", lock, "nil");
            return false;
        } catch (InterruptedException e) { // of a lock that was lost just as it was taken
            say(number, Type.INFO, "acquire", lock, "nil");
            return false;
        }
    }

    private void raise(Socket socket, BufferedReader answers, int thread, Taken taken, Random random)
            throws IOException {
        String subject = process + " " + thread + " " + taken.lock() + " " + taken.token();
        String value = ask(socket, answers, "R " + subject);
        if (value.equals("STALE")) {
            return;
        }
        work(random);
        long seen = Long.parseLong(value);
        String change = "[" + seen + " " + (seen + 1) + "]";
        say(taken.number(), Type.INVOKE, "cas", taken.lock(), change);
        boolean done = ask(socket, answers, "W " + subject + " " + seen + " " + (seen + 1))
                .equals("OK");
        say(taken.number(), done ? Type.OK : Type.FAIL, "cas", taken.lock(), change);
    }

    /** A thread that is interrupted because its lock is lost goes on all the same, as one that does not look. */
    private static void work(Random random) {
        try {
            Thread.sleep(random.nextInt(LONGEST_WORK_MILLIS));
        } catch (InterruptedException e) {
            // on purpose
        }
    }

    private static String ask(Socket socket, BufferedReader answers, String question) throws IOException {
        socket.getOutputStream().write((question + "\n").getBytes(StandardCharsets.US_ASCII));
        return answers.readLine();
    }

    private void say(long number, Type type, String f, String lock, String value) {
        history.add(new Line(System.nanoTime(), number, type, f, lock, value));
    }
}
