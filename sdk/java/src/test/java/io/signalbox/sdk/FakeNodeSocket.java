package io.signalbox.sdk;

import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** The server's side of a WebSocket (RFC 6455), as much as the tests need. */
final class FakeNodeSocket {
    private static final int BINARY = 2;
    private static final int CLOSE = 8;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final CountDownLatch cut = new CountDownLatch(1);
    private final ReentrantLock writing = new ReentrantLock();

    FakeNodeSocket(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = new DataOutputStream(socket.getOutputStream());
    }

    /** @param refusal status line and headers to answer instead */
    boolean upgrade(Optional<String> refusal) throws IOException {
        String key = "";
        for (String line = line(); !line.isEmpty(); line = line()) {
            if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:")) {
                key = line.substring(line.indexOf(':') + 1).trim();
            }
        }
        String answer = refusal.map(text -> "HTTP/1.1 " + text + "\r\nContent-Length: 0\r\n\r\n")
                .orElse("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Protocol: signalbox.v1.proto\r\nSec-WebSocket-Accept: " + accept(key)
                        + "\r\n\r\n");
        out.write(answer.getBytes(StandardCharsets.US_ASCII));
        out.flush();
        return refusal.isEmpty();
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    private static String accept(String key) {
        try {
            byte[] bytes = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next message; empty: the client closed. */
    byte[] read() throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        while (true) {
            int first = in.readUnsignedByte();
            byte[] payload = payload();
            if ((first & 0xf) == CLOSE) {
                frame(CLOSE, payload);
                return new byte[0];
            }
            message.writeBytes(payload);
            if ((first & 0x80) != 0) {
                return message.toByteArray();
            }
        }
    }

    private byte[] payload() throws IOException {
        int length = in.readUnsignedByte() & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = Math.toIntExact(in.readLong());
        }
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes(length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
        }
        return payload;
    }

    void send(Entry entry) throws IOException {
        frame(BINARY, Frame.newBuilder().addEntries(entry).build().toByteArray());
    }

    void close(int code) throws IOException {
        frame(CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
    }

    private void frame(int opcode, byte[] payload) throws IOException {
        writing.lock();
        try {
            out.writeByte(0x80 | opcode);
            if (payload.length < 126) {
                out.writeByte(payload.length);
            } else {
                out.writeByte(126);
                out.writeShort(payload.length);
            }
            out.write(payload);
            out.flush();
        } finally {
            writing.unlock();
        }
    }

    /** @return whether it was cut here */
    boolean awaitEnd(Duration patience) throws InterruptedException {
        return cut.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    void cut() {
        cut.countDown();
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
