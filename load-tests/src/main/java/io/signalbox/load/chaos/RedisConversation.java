package io.signalbox.load.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Commands to a Redis on this machine, over a connection of their own. Not thread-safe. */
final class RedisConversation implements AutoCloseable {
    private static final int READ_MILLIS = 30_000;

    private final Socket socket;
    private final BufferedReader answers;

    /** @param password empty: none is wanted */
    RedisConversation(int port, String password) throws IOException {
        this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
        this.answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        try {
            socket.setSoTimeout(READ_MILLIS);
            socket.setTcpNoDelay(true);
            if (!password.isEmpty()) {
                tell("AUTH", password);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** A command that is answered with OK. */
    void tell(String... words) throws IOException {
        String answer = ask(words);
        if (!"+OK".equals(answer)) {
            throw new IOException("Redis answers " + answer);
        }
    }

    /** The first line of the answer. */
    String ask(String... words) throws IOException {
        StringBuilder command = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            command.append('$').append(word.length()).append("\r\n");
            command.append(word).append("\r\n");
        }
        // Of what is said here all is ASCII, so a character is a byte.
        socket.getOutputStream().write(command.toString().getBytes(StandardCharsets.US_ASCII));
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("Redis closed the connection");
        }
        return answer;
    }

    /** A text of several lines, such as INFO gives. */
    String text(String... words) throws IOException {
        int length = Integer.parseInt(ask(words).substring(1));
        char[] text = new char[length];
        int read = 0;
        while (read < length) {
            int more = answers.read(text, read, length - read);
            if (more < 0) {
                throw new IOException("Redis closed the connection");
            }
            read += more;
        }
        answers.readLine();
        return new String(text);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
