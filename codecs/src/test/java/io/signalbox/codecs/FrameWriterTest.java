package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.proto.Delivery;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Error;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Message;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FrameWriterTest {
    static Stream<Arguments> edges() {
        return Stream.of(0, 1, 127, 128, Integer.MAX_VALUE, -1)
                .flatMap(agent -> Stream.of(0L, 1L, 127L, 128L, Long.MAX_VALUE, -1L)
                        .flatMap(ref -> Stream.of(
                                        0, 1, 100, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 16_383,
                                        16_384)
                                .map(length -> Arguments.of(agent, ref, length))));
    }

    /** The lengths are around those where the entry's or the body's own length takes one byte more. */
    @ParameterizedTest
    @MethodSource("edges")
    void shouldWriteWhatTheGeneratedClassesWrite(int agent, long ref, int length) {
        byte[] text = new byte[length];
        Arrays.fill(text, (byte) 'x');
        Error error =
                Error.newBuilder().setMessageBytes(ByteString.copyFrom(text)).build();
        Entry entry =
                Entry.newBuilder().setAgent(agent).setRef(ref).setError(error).build();

        ByteString written = written(agent, ref, EntryKind.ERROR, error.toByteString());

        assertThat(written)
                .isEqualTo(Frame.newBuilder().addEntries(entry).build().toByteString());
    }

    private static ByteString written(int agent, long ref, int kind, ByteString body) {
        byte[] out = new byte[FrameWriter.MAX_PREFIX + 3];
        int end = FrameWriter.prefix(out, 3, agent, ref, kind, body.size());
        assertThat(out).as("what stands before it stays").startsWith(0, 0, 0);
        return ByteString.copyFrom(out, 3, end - 3).concat(body);
    }

    @Test
    void shouldNeedNoLongerPrefixThanItSays() {
        byte[] out = new byte[FrameWriter.MAX_PREFIX];

        int end = FrameWriter.prefix(out, 0, -1, -1, EntryKind.SETTLED, Integer.MAX_VALUE - 64);

        assertThat(end).isLessThanOrEqualTo(FrameWriter.MAX_PREFIX);
    }

    @Test
    void shouldWriteBatchesThatAreConcatenations() throws Exception {
        ByteString batch = ByteString.EMPTY;
        for (int ref = 1; ref <= 200; ref++) {
            batch = batch.concat(written(ref % 3, ref, EntryKind.PING, ByteString.EMPTY));
        }

        Frame frame = Frame.parseFrom(batch);

        assertThat(frame.getEntriesList())
                .extracting(Entry::getRef)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 200).mapToObj(Long::valueOf).toList());
        assertThat(frame.getEntriesList()).allMatch(entry -> entry.getAgent() == entry.getRef() % 3 && entry.hasPing());
    }

    @Test
    void shouldKnowEveryKindOfBodyAndNoOther() {
        for (int number = -1; number < 200; number++) {
            int wanted = number;
            boolean isBody = Samples.bodies().stream().anyMatch(body -> body.getNumber() == wanted);

            assertThat(EntryKind.isBody(number)).as("field %d", number).isEqualTo(isBody);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 0", "127, 2, 10", "128, 128, 127", "9007199254740993, 2147483647, 20000"})
    void shouldWrapAMessageIntoADelivery(long number, int attempt, int payload) throws Exception {
        Message message = Message.newBuilder()
                .setAddress("agent/a")
                .setPayload(ByteString.copyFrom(new byte[payload]))
                .build();

        assertThat(Delivery.parseFrom(FrameWriter.delivery(number, attempt, message.toByteArray())))
                .isEqualTo(Delivery.newBuilder()
                        .setNumber(number)
                        .setAttempt(attempt)
                        .setMessage(message)
                        .build());
    }
}
