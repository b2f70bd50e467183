package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Pong;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntryBufferTest {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final EntryBuffer buffer = new EntryBuffer(allocator);

    /** Without the frame's header, which has two bytes as long as the content is short. */
    private static String text(ByteBuf taken) {
        try {
            return taken.skipBytes(2).toString(StandardCharsets.UTF_8);
        } finally {
            taken.release();
        }
    }

    private long memory() {
        return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    }

    private void appendJson(String entries) {
        for (String entry : entries.split(" ")) {
            buffer.appendJson(entry.getBytes(StandardCharsets.UTF_8));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{} | {}", "{} {} | [{},{}]", "1 2 3 | [1,2,3]"})
    void shouldMakeAnArrayOfSeveralJsonEntriesAndNoneOfOne(String entries, String expected) {
        appendJson(entries);

        assertThat(text(buffer.takeJson())).isEqualTo(expected);
    }

    @Test
    void shouldBeginAnewAfterEachBatch() {
        appendJson("1 2");
        text(buffer.takeJson());

        appendJson("3");

        assertThat(text(buffer.takeJson())).isEqualTo("3");
        assertThat(buffer.isEmpty()).isTrue();
    }

    @Test
    void shouldPutOneProtobufEntryBehindTheOther() throws Exception {
        buffer.appendProto(70_000, 3, EntryKind.PONG, new byte[0]);
        buffer.appendProto(1, 0, EntryKind.PONG, new byte[0]);
        assertThat(buffer.isEmpty()).isFalse();

        ByteBuf taken = buffer.takeProto();
        List<Entry> entries = Frame.parseFrom(taken.skipBytes(2).nioBuffer()).getEntriesList();
        taken.release();

        assertThat(entries)
                .containsExactly(
                        Entry.newBuilder()
                                .setAgent(70_000)
                                .setRef(3)
                                .setPong(Pong.getDefaultInstance())
                                .build(),
                        Entry.newBuilder()
                                .setAgent(1)
                                .setPong(Pong.getDefaultInstance())
                                .build());
    }

    @Test
    void shouldHoldNoMemoryWhileItIsEmpty() {
        assertThat(memory()).isZero();

        appendJson("1 2 3");
        assertThat(memory()).isPositive();
        buffer.release();

        assertThat(memory()).isZero();
        assertThat(buffer.isEmpty()).isTrue();
        buffer.release();
        appendJson("4");
        assertThat(text(buffer.takeJson())).isEqualTo("4");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536, 100_000})
    void shouldMakeAFrameThatClientsRead(int length) {
        byte[] body = "x".repeat(length).getBytes(StandardCharsets.UTF_8);
        buffer.appendJson(body);

        EmbeddedChannel server = new EmbeddedChannel();
        try (ClientFrames client = new ClientFrames(server)) {
            server.writeOutbound(buffer.takeJson());
            TextWebSocketFrame frame = client.received(TextWebSocketFrame.class);
            assertThat(frame.isFinalFragment()).isTrue();
            assertThat(ByteBufUtil.getBytes(frame.content())).isEqualTo(body);
            frame.release();
        }
    }
}
