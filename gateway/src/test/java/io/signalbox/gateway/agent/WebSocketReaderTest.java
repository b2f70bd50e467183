package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Netty's encoder says what a client would send. */
class WebSocketReaderTest {
    private static final int MAX = 200_000;

    private final WebSocketReader reader = new WebSocketReader(MAX, new WebSocketReader.Scratch());
    private final ClientFrames client = new ClientFrames(new EmbeddedChannel());
    private final List<String> heard = new ArrayList<>();

    private final WebSocketReader.Sink sink = new WebSocketReader.Sink() {
        @Override
        public void message(boolean text, byte[] content, int length) {
            heard.add((text ? "text " : "binary ") + HexFormat.of().formatHex(content, 0, length));
        }

        @Override
        public void ping(byte[] content) {
            heard.add("ping " + HexFormat.of().formatHex(content));
        }

        @Override
        public void close(int code) {
            heard.add("close " + code);
        }
    };

    @AfterEach
    void release() {
        reader.release();
        client.close();
    }

    private void read(byte[] bytes) throws WebSocketReader.Broken {
        ByteBuf in = Unpooled.copiedBuffer(bytes);
        try {
            reader.read(in, sink);
        } finally {
            // A part that is not whole is copied, whole ones are done with: the buffer is given back in any case.
            assertThat(in.refCnt()).isZero();
        }
    }

    private byte[] bytes(WebSocketFrame... frames) {
        ByteBuf all = Unpooled.buffer();
        for (WebSocketFrame frame : frames) {
            ByteBuf one = client.bytes(frame);
            all.writeBytes(one);
            one.release();
        }
        return ByteBufUtil.getBytes(all);
    }

    private static byte[] random(int length, Random random) {
        byte[] content = new byte[length];
        random.nextBytes(content);
        return content;
    }

    private static BinaryWebSocketFrame binary(byte[] content) {
        return new BinaryWebSocketFrame(Unpooled.copiedBuffer(content));
    }

    private static String heardOf(byte[] content) {
        return "binary " + HexFormat.of().formatHex(content);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, MAX})
    void shouldUnmaskMessagesOfEveryLength(int length) throws Exception {
        byte[] content = random(length, new Random(length));

        read(bytes(binary(content)));

        assertThat(heard).containsExactly(heardOf(content));
    }

    @Test
    void shouldReadFramesHoweverTheNetworkCutsThem() throws Exception {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<String> expected = new ArrayList<>();
            List<WebSocketFrame> frames = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                byte[] content = random(random.nextInt(random.nextBoolean() ? 20 : 2_000), random);
                frames.add(binary(content));
                expected.add(heardOf(content));
            }
            byte[] all = bytes(frames.toArray(WebSocketFrame[]::new));
            heard.clear();
            for (int at = 0; at < all.length; ) {
                int next = Math.min(all.length, at + 1 + random.nextInt(random.nextBoolean() ? 3 : 1_500));
                read(Arrays.copyOfRange(all, at, next));
                at = next;
            }
            assertThat(heard).as("seed %d", seed).isEqualTo(expected);
        }
    }

    @Test
    void shouldJoinFragmentsAndHearAPingBetweenThem() throws Exception {
        read(bytes(
                new TextWebSocketFrame(false, 0, "grü"),
                new PingWebSocketFrame(Unpooled.copiedBuffer("x", StandardCharsets.UTF_8)),
                new ContinuationWebSocketFrame(false, 0, ""),
                new ContinuationWebSocketFrame(true, 0, "ße"),
                new TextWebSocketFrame("next")));

        HexFormat hex = HexFormat.of();
        assertThat(heard)
                .containsExactly(
                        "ping 78",
                        "text " + hex.formatHex("grüße".getBytes(StandardCharsets.UTF_8)),
                        "text " + hex.formatHex("next".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void shouldJoinACharacterThatWasCutBetweenFragments() throws Exception {
        byte[] euro = "€".getBytes(StandardCharsets.UTF_8);

        read(bytes(
                new TextWebSocketFrame(false, 0, Unpooled.copiedBuffer(euro, 0, 1)),
                new ContinuationWebSocketFrame(true, 0, Unpooled.copiedBuffer(euro, 1, 2))));

        assertThat(heard).containsExactly("text " + HexFormat.of().formatHex(euro));
    }

    @Test
    void shouldPassOverPongs() throws Exception {
        read(bytes(new PongWebSocketFrame(), binary(new byte[] {1})));

        assertThat(heard).containsExactly("binary 01");
    }

    /** First byte, second byte with the mask's bit, mask, and what is masked with zeros. */
    @ParameterizedTest
    @CsvSource({
        "c2 80 00000000, 1002, no extension",
        "a2 80 00000000, 1002, no extension",
        "92 80 00000000, 1002, no extension",
        "82 00, 1002, masked",
        "83 80 00000000, 1002, opcode 3",
        "8b 80 00000000, 1002, opcode 11",
        "80 80 00000000, 1002, continuation of nothing",
        "09 80 00000000, 1002, fragmented or too long",
        "89 fe 0080 00000000, 1002, fragmented or too long",
        "82 ff 7fffffffffffffff 00000000, 1009, too big",
        "82 ff ffffffffffffffff 00000000, 1009, too big",
        "88 81 00000000 03, 1002, half a code",
        "88 82 00000000 03e7, 1002, code 999",
        "88 82 00000000 03ec, 1002, code 1004",
        "88 82 00000000 03ed, 1002, code 1005",
        "88 82 00000000 03ee, 1002, code 1006",
        "88 82 00000000 03f7, 1002, code 1015",
        "88 82 00000000 07d0, 1002, code 2000",
        "88 82 00000000 1388, 1002, code 5000",
        "88 83 00000000 03e8ff, 1007, UTF-8"
    })
    void shouldRefuseWhatBreaksTheProtocol(String frame, int code, String reason) {
        byte[] bytes = HexFormat.of().parseHex(frame.replace(" ", ""));

        WebSocketReader.Broken broken = catchThrowableOfType(WebSocketReader.Broken.class, () -> read(bytes));

        assertThat(broken.code()).isEqualTo(code);
        assertThat(broken).hasMessageContaining(reason);
        assertThat(heard).isEmpty();
    }

    @Test
    void shouldRefuseAMessageWithinAFragmentedOne() {
        byte[] bytes = bytes(new BinaryWebSocketFrame(false, 0, Unpooled.EMPTY_BUFFER), binary(new byte[0]));

        WebSocketReader.Broken broken = catchThrowableOfType(WebSocketReader.Broken.class, () -> read(bytes));

        assertThat(broken.code()).isEqualTo(1002);
    }

    @Test
    void shouldRefuseAMessageThatIsTooBigBeforeItHasCome() {
        byte[] header = HexFormat.of().parseHex("82ff0000000000030d41");

        WebSocketReader.Broken broken = catchThrowableOfType(WebSocketReader.Broken.class, () -> read(header));

        assertThat(broken.code()).isEqualTo(1009);
    }

    @Test
    void shouldRefuseFragmentsThatAreTooBigTogether() throws Exception {
        byte[] half = new byte[MAX / 2];
        read(bytes(new BinaryWebSocketFrame(false, 0, Unpooled.copiedBuffer(half))));
        read(bytes(new ContinuationWebSocketFrame(false, 0, Unpooled.copiedBuffer(half))));

        WebSocketReader.Broken broken = catchThrowableOfType(
                WebSocketReader.Broken.class,
                () -> read(bytes(new ContinuationWebSocketFrame(true, 0, Unpooled.copiedBuffer(new byte[1])))));

        assertThat(broken.code()).isEqualTo(1009);
    }

    @ParameterizedTest
    @CsvSource({"1000", "1001", "1003", "1014", "3000", "4999"})
    void shouldTellTheCodeOfAClosingFrameAndHearNothingAfterIt(int code) throws Exception {
        read(bytes(new CloseWebSocketFrame(code, "bye"), binary(new byte[] {1})));
        read(bytes(binary(new byte[] {2})));

        assertThat(heard).containsExactly("close " + code);
    }

    @Test
    void shouldTellAClosingFrameWithoutACode() throws Exception {
        read(bytes(new CloseWebSocketFrame(true, 0, Unpooled.EMPTY_BUFFER)));

        assertThat(heard).containsExactly("close " + WebSocketReader.NO_CODE);
    }

    /** Random bytes are refused or wait for more; nothing else is thrown. */
    @Test
    void shouldSurviveAnyBytes() {
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            WebSocketReader each = new WebSocketReader(1_000, new WebSocketReader.Scratch());
            byte[] bytes = random(random.nextInt(60), random);
            try {
                each.read(Unpooled.copiedBuffer(bytes), sink);
            } catch (WebSocketReader.Broken e) {
                assertThat(e.code()).as("seed %d", seed).isIn(1002, 1007, 1009);
            }
            each.release();
        }
    }
}
