package io.signalbox.bus.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.cluster.InterestFrame.Ask;
import io.signalbox.bus.cluster.InterestFrame.Change;
import io.signalbox.bus.cluster.InterestFrame.Delta;
import io.signalbox.bus.cluster.InterestFrame.Probe;
import io.signalbox.bus.cluster.InterestFrame.Snapshot;
import io.signalbox.bus.cluster.LinkFlow.Batch;
import io.signalbox.bus.cluster.LinkFlow.Position;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The bytes between nodes, as docs/protocol.md has them. */
class FramesTest {
    private static final PatternInterest GROUPS = PatternInterest.of(
            true, List.of(new PatternInterest.Group("läufer", 70_000), new PatternInterest.Group("g", 1)));

    private static EncodedMessage message(String address) {
        return EncodedMessage.of(
                Message.newBuilder().setAddress(address).setPriority(7).build());
    }

    static List<InterestFrame> interest() {
        return List.of(
                new Delta(Long.MAX_VALUE, List.of(new Change("a/+", GROUPS), new Change("ü", PatternInterest.NONE))),
                new Delta(1, List.of()),
                new Ask(7, 3),
                new Snapshot(7, 9, 3, true, List.of(new Change("x", PatternInterest.PLAIN))),
                new Snapshot(7, 9, 0, false, List.of()),
                new Probe(12, -5, 30_000));
    }

    static Stream<byte[]> frames() {
        Batch batch = new Batch(
                5,
                600,
                List.of(
                        new Parcel(message("a"), Target.PLAIN),
                        new Parcel(message("b"), Target.ONE),
                        new Parcel(
                                message("c/d"),
                                Target.of(
                                        true,
                                        List.of(new Target.Group("c/+", "g"), new Target.Group("c/d", "läufer")))),
                        new Parcel(message("c/d"), Target.of(false, List.of(new Target.Group("c/+", "g"))))));
        return Stream.concat(
                Stream.of(
                        FrameHeader.frame(FrameKind.GREETING, 3, 0, 0).array(),
                        MessageFrames.encode(batch, 99, 3, 4),
                        MessageFrames.encode(new Position(8, 1_000), 99, 3, 4)),
                interest().stream().map(frame -> InterestFrames.encode(frame, 3, 4)));
    }

    @ParameterizedTest
    @MethodSource("interest")
    void shouldReadTheInterestThatWasWritten(InterestFrame frame) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(InterestFrames.encode(frame, 3, 4));

        FrameHeader header = FrameHeader.read(bytes);

        assertThat(header).isEqualTo(new FrameHeader(InterestFrames.kind(frame).number(), 3, 4));
        assertThat(InterestFrames.decode(InterestFrames.kind(frame), bytes)).isEqualTo(frame);
        assertThat(bytes.remaining()).isZero();
    }

    @Test
    void shouldReadTheMessagesThatWereWrittenAtAnyPlaceOfAnArray() throws Exception {
        byte[] frame = frames().toList().get(1);
        byte[] larger = new byte[frame.length + 20];
        System.arraycopy(frame, 0, larger, 13, frame.length);
        ByteBuffer bytes = ByteBuffer.wrap(larger, 13, frame.length);

        FrameHeader header = FrameHeader.read(bytes);
        MessageFrames.Status status = MessageFrames.status(bytes);
        List<Parcel> parcels = new MessageFrames().parcels(bytes);
        Arrays.fill(larger, (byte) 0);

        assertThat(header).isEqualTo(new FrameHeader(FrameKind.MESSAGES.number(), 3, 4));
        assertThat(status).isEqualTo(new MessageFrames.Status(new Position(5, 600), 99));
        assertThat(parcels).extracting(parcel -> parcel.message().address()).containsExactly("a", "b", "c/d", "c/d");
        assertThat(parcels)
                .extracting(parcel -> parcel.message().decode().getPriority())
                .containsOnly(7);
        assertThat(parcels)
                .extracting(Parcel::target)
                .containsExactly(
                        Target.PLAIN,
                        Target.ONE,
                        Target.of(true, List.of(new Target.Group("c/+", "g"), new Target.Group("c/d", "läufer"))),
                        Target.of(false, List.of(new Target.Group("c/+", "g"))));
    }

    /** Nodes of one version understand each other only as long as these stay. */
    @Test
    void shouldKeepTheBytesOfVersionOne() {
        Batch batch = new Batch(
                1, 2, List.of(new Parcel(message("a"), Target.of(true, List.of(new Target.Group("+", "g"))))));

        assertThat(hex(FrameHeader.frame(FrameKind.GREETING, 3, 0, 0).array()))
                .isEqualTo("0000001201010000000000000003" + "0000000000000000");
        assertThat(hex(MessageFrames.encode(batch, 5, 3, 4)))
                .isEqualTo("00000040" + "0102" + "0000000000000003" + "0000000000000004"
                        + "0000000000000001" + "0000000000000002" + "0000000000000005" + "00000001"
                        + "01" + "0001" + "0001" + "2b" + "0001" + "67" + "00000005"
                        + "1201613007");
        assertThat(hex(InterestFrames.encode(
                        new Delta(
                                6,
                                List.of(new Change(
                                        "a", PatternInterest.of(true, List.of(new PatternInterest.Group("g", 2)))))),
                        3,
                        4)))
                .isEqualTo("0000002b" + "0104" + "0000000000000003" + "0000000000000004" + "0000000000000006"
                        + "00000001" + "0001" + "61" + "01" + "0001" + "0001" + "67" + "00000002");
        assertThat(new PatternInterest(true, List.of(new PatternInterest.Group("g", 2))).hash("a/b"))
                .as("both ends must compute the same")
                .isEqualTo(-3043007070181201982L);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Whatever comes, it is a {@link CodecException} or a frame. */
    @ParameterizedTest
    @MethodSource("frames")
    void shouldSurviveAnyBytes(byte[] frame) throws Exception {
        Random random = new Random(3);
        for (int i = 0; i < 5_000; i++) {
            byte[] broken = Arrays.copyOf(frame, random.nextInt(4) == 0 ? random.nextInt(frame.length) : frame.length);
            for (int change = random.nextInt(4); change > 0 && broken.length > 0; change--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            if (broken.length > FrameHeader.LENGTH) {
                ByteBuffer.wrap(broken).putInt(broken.length - FrameHeader.LENGTH);
            }
            ClusterCore core = new ClusterCore(4, new LinkLimits(1_000, 1_000, 100), pattern -> true);
            core.connected("a", Instant.EPOCH);
            core.received("a", FrameHeader.frame(FrameKind.GREETING, 3, 4, 0).flip(), Instant.EPOCH);
            try {
                core.received("a", ByteBuffer.wrap(broken), Instant.EPOCH);
            } catch (CodecException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }

    @Test
    void shouldSkipAKindOfALaterVersionAndRefuseAnotherVersion() throws Exception {
        byte[] later = FrameHeader.frame(FrameKind.STATUS, 3, 4, 0).array();
        later[5] = 99;
        byte[] other = later.clone();
        other[4] = 2;
        ClusterCore core = new ClusterCore(4, new LinkLimits(1_000, 1_000, 100), pattern -> true);
        core.connected("a", Instant.EPOCH);
        core.received("a", FrameHeader.frame(FrameKind.GREETING, 3, 4, 0).flip(), Instant.EPOCH);

        assertThat(core.received("a", ByteBuffer.wrap(later), Instant.EPOCH)).isEmpty();
        assertThatThrownBy(() -> core.received("a", ByteBuffer.wrap(other), Instant.EPOCH))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("version 2");
    }
}
