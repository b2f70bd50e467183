package io.signalbox.load.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's framing against Netty's codec at the other end. */
class WebSocketFramingTest {
    private final WebSocketFraming framing = new WebSocketFraming();
    private final ByteBuf out = Unpooled.buffer();
    private final List<byte[]> taken = new ArrayList<>();

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return bytes;
    }

    private void read(ByteBuf in) throws DialectException {
        framing.read(in, out, (bytes, offset, length) -> taken.add(Arrays.copyOfRange(bytes, offset, offset + length)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 7, 8, 9, 16, 125, 126, 127, 65_535, 65_536, 70_001})
    void shouldWriteFramesThatAServerUnderstands(int length) {
        byte[] content = random(length);

        framing.binary(out, content.clone(), length);
        framing.text(out, "next".getBytes(StandardCharsets.US_ASCII), 4);

        List<WebSocketFrame> frames = WebSockets.read(out);
        assertThat(frames).hasSize(2);
        assertThat(frames.getFirst()).isInstanceOf(BinaryWebSocketFrame.class);
        assertThat(WebSockets.content(frames.getFirst())).isEqualTo(content);
        assertThat(frames.getLast()).isInstanceOf(TextWebSocketFrame.class);
        assertThat(WebSockets.content(frames.getLast())).asString().isEqualTo("next");
    }

    @Test
    void shouldMaskEachFrameAnew() {
        framing.binary(out, new byte[4], 4);
        framing.binary(out, new byte[4], 4);

        assertThat(out.getInt(2)).as("the mask").isNotZero();
        assertThat(out.getInt(2)).isNotEqualTo(out.getInt(12));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 300, 65_535, 65_536, 70_001})
    void shouldReadFramesThatAServerWrites(int length) throws DialectException {
        byte[] content = random(length);
        ByteBuf in = Unpooled.wrappedBuffer(
                new byte[] {99},
                WebSockets.written(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(content))),
                WebSockets.written(new TextWebSocketFrame("next")));
        in.skipBytes(1);

        read(in);

        assertThat(taken).containsExactly(content, WebSockets.ascii("next"));
        assertThat(in.isReadable()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 125, 126, 65_536})
    void shouldWaitForTheRestWhereverAFrameIsCut(int length) throws DialectException {
        byte[] content = random(length);
        byte[] bytes = WebSockets.written(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(content)));
        // The header at each byte, the content at its begin, middle and end.
        for (int cut : List.of(0, 1, 2, 3, 4, 5, 9, 10, 11, bytes.length / 2, bytes.length - 1)) {
            if (cut < bytes.length) {
                ByteBuf in = Unpooled.buffer().writeBytes(bytes, 0, cut);

                read(in);

                assertThat(taken).as("after %d bytes", cut).isEmpty();
                assertThat(in.readableBytes()).as("left of %d bytes", cut).isEqualTo(cut);
                read(in.writeBytes(bytes, cut, bytes.length - cut));
                assertThat(taken).containsExactly(content);
                taken.clear();
            }
        }
    }

    @Test
    void shouldAnswerAPingWithItsContent() throws DialectException {
        read(Unpooled.wrappedBuffer(WebSockets.written(
                new PingWebSocketFrame(Unpooled.copiedBuffer("still there?", StandardCharsets.US_ASCII)))));

        List<WebSocketFrame> answers = WebSockets.read(out);
        assertThat(answers).singleElement().isInstanceOf(PongWebSocketFrame.class);
        assertThat(WebSockets.content(answers.getFirst())).asString().isEqualTo("still there?");
        assertThat(taken).isEmpty();
    }

    @Test
    void shouldPassOverAPong() throws DialectException {
        read(Unpooled.wrappedBuffer(WebSockets.written(new PongWebSocketFrame())));

        assertThat(taken).isEmpty();
        assertThat(out.isReadable()).isFalse();
    }

    @Test
    void shouldTellWhyTheServerCloses() {
        byte[] close = WebSockets.written(new CloseWebSocketFrame(4008, "too slow"));

        assertThatThrownBy(() -> read(Unpooled.wrappedBuffer(close)))
                .isInstanceOf(DialectException.class)
                .hasMessage("closed with 4008 too slow");
    }

    @Test
    void shouldTellThatTheServerClosesWithoutACode() {
        byte[] close = WebSockets.written(new CloseWebSocketFrame());

        assertThatThrownBy(() -> read(Unpooled.wrappedBuffer(close))).hasMessage("closed with no code");
    }

    @Test
    void shouldRefuseWhatNoPeerSends() {
        byte[] continuation = WebSockets.written(new ContinuationWebSocketFrame(Unpooled.EMPTY_BUFFER));

        assertThatThrownBy(() -> read(Unpooled.wrappedBuffer(continuation)))
                .isInstanceOf(DialectException.class)
                .hasMessage("unexpected frame of kind 0");
    }

    @Test
    void shouldSeeTheUpgradeOnceWhenItsLastByteIsThere() throws DialectException {
        ByteBuf in = Unpooled.buffer();
        for (int i = 0; i < WebSockets.UPGRADED.length - 1; i++) {
            assertThat(framing.upgradeDone(in.writeByte(WebSockets.UPGRADED[i])))
                    .as("byte %d", i)
                    .isFalse();
            assertThat(framing.isUpgraded()).isFalse();
        }

        boolean done = framing.upgradeDone(in.writeByte('\n').writeByte(0x82));

        assertThat(done).isTrue();
        assertThat(framing.isUpgraded()).isTrue();
        assertThat(in.readableBytes()).as("what follows the answer").isEqualTo(1);
        assertThat(framing.upgradeDone(in)).as("a second time").isFalse();
    }

    @Test
    void shouldTellThatTheUpgradeIsRefused() {
        ByteBuf in = Unpooled.copiedBuffer("HTTP/1.1 403 Forbidden\r\nx: y\r\n\r\n", StandardCharsets.US_ASCII);

        assertThatThrownBy(() -> framing.upgradeDone(in)).hasMessage("upgrade refused: HTTP/1.1 403 Forbidden");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "signalbox.v1.proto"})
    void shouldAskForTheUpgrade(String protocol) {
        WebSocketFraming.upgrade(out, "/v1/connect", protocol);

        String request = out.toString(StandardCharsets.US_ASCII);
        assertThat(request).startsWith("GET /v1/connect HTTP/1.1\r\nHost: ").endsWith("\r\n\r\n");
        assertThat(request.contains("Sec-WebSocket-Protocol: " + protocol + "\r\n"))
                .isEqualTo(!protocol.isEmpty());
        assertThat(request.split("\r\n\r\n", -1))
                .as("one empty line, at the end")
                .hasSize(2);
    }
}
