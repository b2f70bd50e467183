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
            if (!password.isEmpty()) {
                tell("AUTH " + password);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** @param command words with blanks between; answered with OK */
    void tell(String command) throws IOException {
        String answer = ask(command);
        if (!"+OK".equals(answer)) {
            throw new IOException("Redis answers " + answer);
        }
    }

    /** The first line of the answer. */
    String ask(String command) throws IOException {
        socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("Redis closed the connection");
        }
        return answer;
    }

    /** A text of several lines, such as INFO gives. */
    String text(String command) throws IOException {
        int length = Integer.parseInt(ask(command).substring(1));
        char[] text = new char[length];
        int read = 0;
        // Of what is asked here all is ASCII, so a character is a byte.
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
