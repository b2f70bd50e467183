package io.signalbox.bus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.cluster.ClusterCore.Effect;
import io.signalbox.bus.cluster.ClusterCore.Effect.Deliver;
import io.signalbox.bus.cluster.ClusterCore.Effect.Dropped;
import io.signalbox.bus.cluster.ClusterCore.Effect.Send;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the parts do together; {@link ClusterSimulationTest} has the rest. */
class ClusterCoreTest {
    private static final long OWN = 4;
    private static final long PEER = 3;
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Parcel PARCEL =
            new Parcel(EncodedMessage.of(Message.newBuilder().setAddress("a").build()), Target.PLAIN);

    private final ClusterCore core = new ClusterCore(OWN, new LinkLimits(1_000, 1_000, 100), pattern -> true);

    private List<Effect> bringUp() throws CodecException {
        core.connected("b", NOW);
        return core.received(
                "b", FrameHeader.frame(FrameKind.GREETING, PEER, OWN, 0).flip(), NOW);
    }

    private List<Effect> received(byte[] frame) throws CodecException {
        return core.received("b", ByteBuffer.wrap(frame), NOW);
    }

    private static byte[] status(long grant) {
        return MessageFrames.encode(new LinkFlow.Position(0, 0), grant, PEER, OWN);
    }

    private static List<FrameKind> kinds(List<Effect> effects) {
        return effects.stream()
                .filter(Send.class::isInstance)
                .map(effect -> FrameKind.of(((Send) effect).frame()[5]).orElseThrow())
                .toList();
    }

    @Test
    void shouldGreetThenGrantCreditThenAskForInterestWhenAPeerIsUp() throws Exception {
        assertThat(kinds(bringUp())).containsExactly(FrameKind.GREETING, FrameKind.STATUS, FrameKind.INTEREST_ASK);
    }

    @Test
    void shouldTellWithEachHeartbeatWhatWasSentSoThatALossIsNoticed() throws Exception {
        bringUp();

        assertThat(kinds(core.tick(NOW))).startsWith(FrameKind.GREETING, FrameKind.STATUS);
    }

    @Test
    void shouldLetGoOfWhatWaitsWhenThePeerIsDownAndNotSendItLater() throws Exception {
        bringUp();
        core.offer("b", PARCEL);

        assertThat(core.disconnected("b", NOW)).contains(new Dropped("b", Lane.NORMAL));
        assertThat(core.offer("b", PARCEL)).isFalse();
        bringUp();
        received(status(1_000));

        assertThat(core.nextBatch("b")).isEmpty();
    }

    @Test
    void shouldGrantAnewWhenHalfOfTheWindowWasHandedOver() throws Exception {
        bringUp();
        byte[] small = MessageFrames.encode(new LinkFlow.Batch(0, 0, List.of(PARCEL)), 0, PEER, OWN);
        byte[] large = MessageFrames.encode(
                new LinkFlow.Batch(1, MessageFrames.size(PARCEL), Collections.nCopies(50, PARCEL)), 0, PEER, OWN);

        List<Effect> few = received(small);
        List<Effect> many = received(large);

        assertThat(few).hasSize(1).hasOnlyElementsOfType(Deliver.class);
        assertThat(kinds(many)).containsExactly(FrameKind.STATUS);
        assertThat(received(large)).as("a copy").containsExactly(new Effect.Refused("b"));
    }

    @Test
    void shouldCountAllAnewForANewIncarnationOfThePeer() throws Exception {
        bringUp();
        received(status(1_000));
        core.offer("b", PARCEL);
        assertThat(core.nextBatch("b")).isPresent();

        core.received(
                "b", FrameHeader.frame(FrameKind.GREETING, PEER + 1, OWN, 0).flip(), NOW);
        core.offer("b", PARCEL);

        assertThat(core.nextBatch("b")).as("it has granted nothing yet").isEmpty();
        core.received("b", ByteBuffer.wrap(MessageFrames.encode(new LinkFlow.Position(0, 0), 9, PEER + 1, OWN)), NOW);
        assertThat(core.nextBatch("b"))
                .hasValueSatisfying(frame -> assertThat(ByteBuffer.wrap(frame).getLong(FrameHeader.SIZE))
                        .isZero());
    }
}
