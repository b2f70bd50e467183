package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EntryKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentChannelTest {
    private static final int MAX_MESSAGE = 1_000;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<byte[]> received = new ArrayList<>();
    private final List<Boolean> ends = new ArrayList<>();
    private int writable;
    private AgentChannel agent;
    private EmbeddedChannel channel;
    private ClientFrames client;

    private final AgentChannel.Listener listener = new AgentChannel.Listener() {
        @Override
        public void received(AgentChannel from, byte[] content, int length) {
            received.add(Arrays.copyOf(content, length));
        }

        @Override
        public void writable(AgentChannel which) {
            writable++;
        }

        @Override
        public void ended(AgentChannel which, boolean clean) {
            ends.add(clean);
        }
    };

    /** Takes what is written and never says that it is sent: the peer reads nothing. */
    private static final class Blocked extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
        }
    }

    private static WebSocketReader reader() {
        return new WebSocketReader(MAX_MESSAGE, new WebSocketReader.Scratch());
    }

    private void open(WireFormat format) {
        agent = new AgentChannel(format, listener, new DoorMeters(meters), reader());
        channel = new EmbeddedChannel(agent);
        channel.freezeTime();
        client = new ClientFrames(channel);
    }

    private void openToAPeerThatReadsNothing() {
        agent = new AgentChannel(WireFormat.PROTO, listener, new DoorMeters(meters), reader());
        channel = new EmbeddedChannel(new Blocked(), agent);
        channel.freezeTime();
        client = new ClientFrames(channel);
    }

    @AfterEach
    void release() {
        channel.finishAndReleaseAll();
        client.close();
    }

    private static WebSocketFrame frame(WireFormat format, String content) {
        ByteBuf bytes = Unpooled.copiedBuffer(content, StandardCharsets.UTF_8);
        return format == WireFormat.PROTO ? new BinaryWebSocketFrame(bytes) : new TextWebSocketFrame(bytes);
    }

    private void advance(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runPendingTasks();
    }

    @ParameterizedTest
    @EnumSource
    void shouldPassOnWhatIsOfItsEncoding(WireFormat format) {
        open(format);

        client.send(frame(format, "one"), frame(format, "two"));

        assertThat(received)
                .extracting(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .containsExactly("one", "two");
    }

    @ParameterizedTest
    @EnumSource
    void shouldCloseWhenAFrameIsOfTheOtherEncoding(WireFormat format) {
        open(format);
        WireFormat other = format == WireFormat.PROTO ? WireFormat.JSON : WireFormat.PROTO;

        client.send(frame(other, "one"), frame(format, "after the close"));

        CloseWebSocketFrame close = client.received(CloseWebSocketFrame.class);
        assertThat(close.statusCode()).isEqualTo(1003);
        close.release();
        assertThat(received).isEmpty();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void shouldAnswerAPingWithItsContent() {
        open(WireFormat.PROTO);

        client.send(new PingWebSocketFrame(Unpooled.copiedBuffer("abc", StandardCharsets.UTF_8)));

        PongWebSocketFrame pong = client.received(PongWebSocketFrame.class);
        assertThat(pong.content().toString(StandardCharsets.UTF_8)).isEqualTo("abc");
        pong.release();
        assertThat(received).isEmpty();
    }

    @Test
    void shouldPileUpNoPongsForAPeerThatDoesNotRead() {
        open(WireFormat.PROTO);
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);

        client.send(new PingWebSocketFrame());
        assertThat(client.received()).isEmpty();

        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        channel.runPendingTasks();
        assertThat(writable).isPositive();
        client.send(new PingWebSocketFrame());
        client.received(PongWebSocketFrame.class).release();
    }

    @ParameterizedTest
    @CsvSource({"1000, true", "1001, true", "1002, false", "1011, false", "4000, false"})
    void shouldAnswerTheClosingFrameAndSayWhetherTheClientWasDone(int code, boolean clean) {
        open(WireFormat.PROTO);

        client.send(new CloseWebSocketFrame(code, "bye"));

        CloseWebSocketFrame answer = client.received(CloseWebSocketFrame.class);
        assertThat(answer.statusCode()).isEqualTo(code);
        answer.release();
        assertThat(channel.isOpen()).isFalse();
        assertThat(ends).containsExactly(clean);
    }

    @Test
    void shouldTakeAClosingFrameWithoutACodeAsTheClientsWish() {
        open(WireFormat.JSON);

        client.send(new CloseWebSocketFrame(true, 0, Unpooled.EMPTY_BUFFER));

        assertThat(ends).containsExactly(true);
    }

    @Test
    void shouldTellTheEndOfALostConnectionOnce() {
        open(WireFormat.PROTO);

        channel.close();
        channel.pipeline().fireChannelInactive();

        assertThat(ends).containsExactly(false);
    }

    @Test
    void shouldCloseOnceWithTheFirstReason() {
        open(WireFormat.PROTO);

        agent.close(Code.HEARTBEAT_MISSED.number(), "first");
        agent.close(Code.SLOW_CONSUMER.number(), "second");

        CloseWebSocketFrame close = client.received(CloseWebSocketFrame.class);
        assertThat(close.statusCode()).isEqualTo(Code.HEARTBEAT_MISSED.number());
        assertThat(close.reasonText()).isEqualTo("first");
        close.release();
        assertThat(client.received()).isEmpty();
        assertThat(meters.counter("signalbox.gateway.closed", "code", "HEARTBEAT_MISSED")
                        .count())
                .isEqualTo(1);
        assertThat(meters.find("signalbox.gateway.closed")
                        .tag("code", "SLOW_CONSUMER")
                        .counter())
                .isNull();
    }

    @Test
    void shouldCutAPeerThatDoesNotTakeTheClosingFrame() {
        openToAPeerThatReadsNothing();

        agent.close(Code.SLOW_CONSUMER.number(), "too slow");
        advance(AgentChannel.CLOSE_PATIENCE.toMillis() - 1);
        assertThat(channel.isOpen()).isTrue();
        advance(1);

        assertThat(channel.isOpen()).isFalse();
        assertThat(ends).containsExactly(false);
    }

    @Test
    void shouldCutAPeerThatClosesAndDoesNotTakeTheAnswer() {
        openToAPeerThatReadsNothing();

        client.send(new CloseWebSocketFrame(1000, ""));
        advance(AgentChannel.CLOSE_PATIENCE.toMillis());

        assertThat(channel.isOpen()).isFalse();
        assertThat(ends).containsExactly(true);
    }

    @Test
    void shouldTakeNothingMoreToWriteWhileItCloses() {
        openToAPeerThatReadsNothing();
        assertThat(agent.isWritable()).isTrue();

        agent.close(Code.GOING_AWAY.number(), "");

        assertThat(agent.isWritable()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "é", "家", "\uD83D\uDE00"})
    void shouldShortenAReasonToWholeCharactersThatFit(String character) {
        open(WireFormat.PROTO);

        agent.close(Code.CLOSE_PROTOCOL_ERROR.number(), character.repeat(200));

        CloseWebSocketFrame close = client.received(CloseWebSocketFrame.class);
        byte[] payload = ByteBufUtil.getBytes(close.content());
        int perCharacter = character.getBytes(StandardCharsets.UTF_8).length;
        assertThat(close.reasonText()).isEqualTo(character.repeat(123 / perCharacter));
        assertThat(payload).hasSizeLessThanOrEqualTo(125);
        close.release();
    }

    @Test
    void shouldCloseWithItsCodeWhenAMessageIsTooBig() {
        open(WireFormat.PROTO);

        client.send(frame(WireFormat.PROTO, "x".repeat(MAX_MESSAGE + 1)));

        CloseWebSocketFrame close = client.received(CloseWebSocketFrame.class);
        assertThat(close.statusCode()).isEqualTo(1009);
        close.release();
    }

    @Test
    void shouldEndTheConnectionThatFails() {
        open(WireFormat.PROTO);

        channel.pipeline().fireExceptionCaught(new IOException("reset"));

        assertThat(channel.isOpen()).isFalse();
        assertThat(ends).containsExactly(false);
    }

    @ParameterizedTest
    @EnumSource
    void shouldSendABatchAsOneMessageOfItsEncoding(WireFormat format) {
        open(format);
        EntryBuffer batch = new EntryBuffer(channel.alloc());
        format.append(batch, 1, 2, EntryKind.PONG, new byte[0]);

        agent.write(batch);

        WebSocketFrame frame = client.received(WebSocketFrame.class);
        assertThat(frame)
                .isInstanceOf(format == WireFormat.PROTO ? BinaryWebSocketFrame.class : TextWebSocketFrame.class);
        assertThat(frame.content().readableBytes()).isPositive();
        frame.release();
        assertThat(batch.isEmpty()).isTrue();
    }
}
