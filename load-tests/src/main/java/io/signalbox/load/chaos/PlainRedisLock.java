package io.signalbox.load.chaos;

import io.signalbox.node.embedded.StoreAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** What many take for a lock: {@code SET NX PX}, and a script that deletes what is one's own. Over a connection of its own. */
final class PlainRedisLock implements AutoCloseable {
    private static final String DELETE_OWN =
            "if redis.call('GET',KEYS[1]) == ARGV[1] then return redis.call('DEL',KEYS[1]) end return 0";

    private final Socket socket;
    private final BufferedReader answers;

    PlainRedisLock(StoreAddress redis) throws IOException {
        socket = new Socket(
                InetAddress.getLoopbackAddress(), URI.create(redis.url()).getPort());
        socket.setTcpNoDelay(true);
        answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        if (!ask("AUTH", redis.password().reveal()).equals("+OK")) {
            throw new IOException("Redis refuses the password");
        }
    }

    /** Nobody is told when it becomes free: one that waits asks again and again. */
    boolean tryLock(String name, String owner, long leaseMillis) throws IOException {
        return ask("SET", "plain:" + name, owner, "NX", "PX", Long.toString(leaseMillis))
                .equals("+OK");
    }

    void unlock(String name, String owner) throws IOException {
        ask("EVAL", DELETE_OWN, "1", "plain:" + name, owner);
    }

    private String ask(String... words) throws IOException {
        StringBuilder command = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            command.append('$')
                    .append(word.length())
                    .append("\r\n")
                    .append(word)
                    .append("\r\n");
        }
        socket.getOutputStream().write(command.toString().getBytes(StandardCharsets.US_ASCII));
        return answers.readLine();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
