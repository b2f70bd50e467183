package io.signalbox.load.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the locks guard: a counter for each, which is read and written over a socket with the token of the lock. It remembers the
 * greatest token that came with either, and refuses lower ones. Thread-safe.
 */
final class CheckedResource implements AutoCloseable {
    private final ServerSocket server;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    /** By process and thread: between its read and its write. */
    private final Map<String, Integer> inside = new ConcurrentHashMap<>();

    private final boolean checking;

    private static final class Counter {
        private final boolean checking;
        private long greatest;
        private long value;
        private long written;
        private long refused;
        private long lostUpdates;

        Counter(boolean checking) {
            this.checking = checking;
        }

        synchronized String read(long token) {
            if (checking && token < greatest) {
                refused++;
                return "STALE";
            }
            greatest = Math.max(greatest, token);
            return Long.toString(value);
        }

        /** Another value than was read, under a token that holds: somebody wrote between, who did not have the lock. */
        synchronized String write(long token, long expected, long next) {
            if (checking && token < greatest) {
                refused++;
                return "STALE";
            }
            greatest = Math.max(greatest, token);
            if (value != expected) {
                lostUpdates++;
            }
            value = next;
            written++;
            return "OK";
        }
    }

    /** @param written and accepted; {@code lostUpdates} of them over a value that the writer had not seen */
    record Sums(long written, long refused, long lostUpdates, long values) {}

    /** @param checking false: it takes whatever comes, to see what tokens are good for */
    CheckedResource(boolean checking) throws IOException {
        this.checking = checking;
        server = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                BufferedReader questions =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
                OutputStream answers = client.getOutputStream()) {
            client.setTcpNoDelay(true);
            for (String line = questions.readLine(); line != null; line = questions.readLine()) {
                answers.write((answer(line.split(" ")) + "\n").getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Read: R process thread lock token. Write: W process thread lock token expected next. */
    private String answer(String[] words) {
        Counter counter = counters.computeIfAbsent(words[3], lock -> new Counter(checking));
        String who = words[1] + "/" + words[2];
        long token = Long.parseLong(words[4]);
        if (words[0].equals("R")) {
            inside.put(who, Integer.parseInt(words[1]));
            return counter.read(token);
        }
        inside.remove(who);
        return counter.write(token, Long.parseLong(words[5]), Long.parseLong(words[6]));
    }

    /** Threads of a process that have read and not yet written. */
    long holders(int process) {
        return inside.values().stream().filter(each -> each == process).count();
    }

    Sums sums() {
        Counter[] all = counters.values().toArray(Counter[]::new);
        return new Sums(
                Arrays.stream(all).mapToLong(counter -> counter.written).sum(),
                Arrays.stream(all).mapToLong(counter -> counter.refused).sum(),
                Arrays.stream(all).mapToLong(counter -> counter.lostUpdates).sum(),
                Arrays.stream(all).mapToLong(counter -> counter.value).sum());
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
