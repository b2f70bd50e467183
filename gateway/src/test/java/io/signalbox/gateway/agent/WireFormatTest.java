package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Message;
import io.signalbox.codecs.proto.Pong;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WireFormatTest {
    private static final Message MESSAGE = Message.newBuilder().setAddress("a").build();
    private static final Entry PONG =
            Entry.newBuilder().setRef(7).setPong(Pong.getDefaultInstance()).build();
    private static final Entry DELIVERY =
            Entry.newBuilder().setAgent(3).setMessage(MESSAGE).build();

    private final EntryBuffer buffer = new EntryBuffer(UnpooledByteBufAllocator.DEFAULT);

    private static byte[] taken(WireFormat format, EntryBuffer buffer) {
        ByteBuf batch = format == WireFormat.JSON ? buffer.takeJson() : buffer.takeProto();
        try {
            int header = batch.getByte(batch.readerIndex() + 1) == 126 ? 4 : 2;
            return ByteBufUtil.getBytes(batch.skipBytes(header));
        } finally {
            batch.release();
        }
    }

    /** From the front of an array that holds more. */
    private static byte[] frame(WireFormat format, byte[] content, int maxFrameBytes) throws CodecException {
        return format.toFrame(Arrays.copyOf(content, content.length + 3), content.length, maxFrameBytes);
    }

    private List<Entry> read(WireFormat format) throws Exception {
        return Frame.parseFrom(frame(format, taken(format, buffer), 10_000)).getEntriesList();
    }

    @ParameterizedTest
    @EnumSource
    void shouldWriteOneEntryAndABatchOfThem(WireFormat format) throws Exception {
        format.append(buffer, 0, 7, EntryKind.PONG, new byte[0]);
        assertThat(read(format)).containsExactly(PONG);

        format.append(buffer, 3, EncodedMessage.of(MESSAGE));
        format.append(buffer, 0, 7, EntryKind.PONG, new byte[0]);
        format.append(buffer, 3, EncodedMessage.of(MESSAGE));
        assertThat(read(format)).containsExactly(DELIVERY, PONG, DELIVERY);
        assertThat(buffer.isEmpty()).isTrue();
    }

    @Test
    void shouldTakeTheClientsFirstChoiceThatThereIs() {
        assertThat(WireFormat.chosen(List.of("mqtt", "signalbox.v1.json", "signalbox.v1.proto")))
                .contains(WireFormat.JSON);
        assertThat(WireFormat.chosen(List.of("mqtt"))).isEmpty();
        assertThat(WireFormat.chosen(List.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIGNALBOX.V1.JSON", "signalbox.v1", "signalbox.v1.json2", "", "signalbox.v2.json"})
    void shouldKnowSubprotocolsByTheirExactName(String offered) {
        assertThat(WireFormat.chosen(List.of(offered))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryTheLargestHandleAndRefUnharmed(WireFormat format) throws Exception {
        format.append(buffer, Integer.MAX_VALUE, -1L, EntryKind.PONG, new byte[0]);

        Entry entry = read(format).getFirst();

        assertThat(entry.getAgent()).isEqualTo(Integer.MAX_VALUE);
        assertThat(entry.getRef()).isEqualTo(-1L);
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadNothingFromAnEmptyFrame(WireFormat format) throws Exception {
        byte[] empty = format == WireFormat.JSON ? new byte[] {'[', ']'} : new byte[0];

        assertThat(frame(format, empty, 100)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"{, MALFORMED", "'{\"pong\":{}}', TOO_LARGE"})
    void shouldRefuseATextThatIsBrokenOrLargerThanAFrame(String text, Code code) {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> frame(WireFormat.JSON, content, 1))
                .isInstanceOfSatisfying(
                        CodecException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    /** The gateway checks a frame's parts, not the frame. */
    @Test
    void shouldLeaveAProtobufFrameAsItIs() throws Exception {
        byte[] content = {1, 2, 3};

        assertThat(frame(WireFormat.PROTO, content, 1)).isEqualTo(content);
    }
}
