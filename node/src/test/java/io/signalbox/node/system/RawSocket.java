package io.signalbox.node.system;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection that says exactly what it is told to, right or wrong: HTTP by hand, and WebSocket frames (RFC 6455). */
final class RawSocket implements AutoCloseable {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;
    static final int FIN = 0x80;

    private static final byte[] MASK = {1, 2, 3, 4};

    /** @param opcode with the bits of FIN and extensions */
    record Frame(int opcode, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        int closeCode() {
            return (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    RawSocket(RunningNode node) throws IOException {
        socket = new Socket();
        socket.setReceiveBufferSize(4096); // what is not read soon stays with the node
        socket.setSoTimeout(20_000);
        socket.connect(new InetSocketAddress("127.0.0.1", node.port()));
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    /** Upgraded to a WebSocket, and past Hello. */
    static RawSocket welcomed(RunningNode node) throws IOException {
        RawSocket socket = new RawSocket(node);
        socket.send(("GET /v1/connect HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "Sec-WebSocket-Protocol: signalbox.v1.json\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        String answer = socket.head();
        // The example of RFC 6455, section 1.3.
        if (!answer.startsWith("HTTP/1.1 101 ") || !answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
            throw new AssertionError("not upgraded: " + answer);
        }
        socket.frame(FIN | TEXT, "{\"hello\":{}}");
        socket.frame();
        return socket;
    }

    static byte[] masked(int opcode, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(opcode);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else {
            frame.write(0x80 | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        }
        frame.writeBytes(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ MASK[i % 4]);
        }
        return frame.toByteArray();
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    void frame(int opcode, String payload) throws IOException {
        send(masked(opcode, payload.getBytes(StandardCharsets.UTF_8)));
    }

    /** The next frame that is no entry's ping. */
    Frame frame() throws IOException {
        while (true) {
            int opcode = in.readUnsignedByte();
            int length = in.readUnsignedByte();
            if (length == 126) {
                length = in.readUnsignedShort();
            }
            Frame frame = new Frame(opcode, in.readNBytes(length));
            if (!frame.text().equals("{\"ping\":{}}")) {
                return frame;
            }
        }
    }

    /** Status line and headers of the next answer. */
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    /** Everything until the node closes. */
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
