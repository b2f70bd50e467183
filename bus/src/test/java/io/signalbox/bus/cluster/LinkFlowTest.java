package io.signalbox.bus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.signalbox.bus.cluster.LinkFlow.Batch;
import io.signalbox.bus.cluster.LinkFlow.Position;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinkFlowTest {
    private static final int BOUND = 10_000;
    private static final int WINDOW = 5_000;
    private static final int BATCH = 2_000;

    private final List<Parcel> dropped = new ArrayList<>();
    private final LinkFlow flow = new LinkFlow(new LinkLimits(BOUND, WINDOW, BATCH), dropped::add);

    /** Of 1,000 bytes as the queue counts them. */
    private static Parcel parcel(int priority, Durability durability) {
        Message.Builder message =
                Message.newBuilder().setAddress("a").setPriority(priority).setDurability(durability);
        int without = new Parcel(
                        EncodedMessage.of(message.setPayload(ByteString.copyFrom(new byte[128]))
                                .build()),
                        Target.PLAIN)
                .heapBytes();
        message.setPayload(ByteString.copyFrom(new byte[128 + 1_000 - without]));
        return new Parcel(EncodedMessage.of(message.build()), Target.PLAIN);
    }

    private static Parcel bulk() {
        return parcel(0, Durability.DURABILITY_MEMORY);
    }

    private static Parcel urgent() {
        return parcel(9, Durability.DURABILITY_MEMORY);
    }

    private static Parcel durable() {
        return parcel(0, Durability.DURABILITY_LOCAL);
    }

    private List<Parcel> offered(Parcel... parcels) {
        for (Parcel parcel : parcels) {
            assertThat(flow.offer(parcel)).isTrue();
        }
        return List.of(parcels);
    }

    private List<Parcel> all() {
        List<Parcel> parcels = new ArrayList<>();
        flow.granted(Long.MAX_VALUE);
        flow.next().ifPresent(batch -> parcels.addAll(batch.parcels()));
        while (flow.waitingBytes() > 0) {
            parcels.addAll(flow.next().orElseThrow().parcels());
        }
        return parcels;
    }

    @Test
    void shouldSendNothingThatThePeerHasNotGrantedAndOverdrawByAtMostOneMessage() {
        offered(bulk(), bulk(), bulk());

        assertThat(flow.next()).isEmpty();
        flow.granted(MessageFrames.size(bulk()) + 1);

        assertThat(flow.next())
                .hasValueSatisfying(batch -> assertThat(batch.parcels()).hasSize(2));
        assertThat(flow.next()).as("overdrawn").isEmpty();
        flow.granted(5);
        assertThat(flow.next())
                .as("a grant that came late takes nothing back, and gives nothing")
                .isEmpty();
    }

    @Test
    void shouldFillBatchesUpToTheirBytesAndNumberThem() {
        offered(bulk(), bulk(), bulk(), bulk(), bulk());
        flow.granted(BOUND);
        int size = MessageFrames.size(bulk());

        Batch first = flow.next().orElseThrow();
        Batch second = flow.next().orElseThrow();

        assertThat(first.parcels()).hasSize(Math.ceilDiv(BATCH, size));
        assertThat(second.firstSequence()).isEqualTo(first.parcels().size());
        assertThat(second.firstByte()).isEqualTo((long) size * first.parcels().size());
    }

    @Test
    void shouldDropTheOldestOfTheLowestLaneAtTheBoundButNothingDurable() {
        Parcel kept = durable();
        List<Parcel> first = offered(kept, bulk(), bulk());
        offered(urgent(), urgent(), urgent(), urgent(), urgent(), urgent(), urgent());

        Parcel newer = bulk();
        Parcel more = urgent();
        offered(newer, more);

        assertThat(dropped).isEqualTo(first.subList(1, 3));
        assertThat(all()).hasSize(10).contains(kept, newer, more);
    }

    @Test
    void shouldRefuseWhatNothingMayBeDroppedFor() {
        for (int i = 0; i < 10; i++) {
            offered(durable());
        }

        assertThat(flow.offer(urgent())).isFalse();
        assertThat(flow.offer(durable())).isFalse();
        assertThat(dropped).isEmpty();
        assertThat(flow.waitingBytes()).isEqualTo(BOUND);
    }

    @Test
    void shouldNotDropWhatIsMoreUrgentForWhatIsLess() {
        for (int i = 0; i < 10; i++) {
            offered(urgent());
        }

        assertThat(flow.offer(bulk())).isFalse();
        assertThat(flow.room(Lane.BULK)).isZero();
        assertThat(flow.room(Lane.URGENT)).isEqualTo(BOUND);
        assertThat(dropped).isEmpty();
    }

    @Test
    void shouldTakeOneThatIsLargerThanTheBoundWhenNothingElseWaits() {
        Message large = Message.newBuilder()
                .setAddress("a")
                .setPayload(ByteString.copyFrom(new byte[3 * BOUND]))
                .build();

        offered(new Parcel(EncodedMessage.of(large), Target.PLAIN));

        assertThat(flow.offer(durable())).isFalse();
        assertThat(all()).hasSize(1);
    }

    @Test
    void shouldServeUrgentOnesFirstAndStarveNone() {
        List<Parcel> low = offered(bulk(), bulk());
        offered(urgent(), urgent(), urgent(), urgent(), urgent());

        List<Parcel> served = all();

        assertThat(served.getFirst()).isNotIn(low);
        assertThat(served).filteredOn(low::contains).isEqualTo(low);
    }

    @Test
    void shouldCountWhatIsLostAndRefuseWhatIsLate() {
        assertThat(flow.received(new Position(0, 0), 10, 1_000)).isTrue();

        assertThat(flow.lostUntil(new Position(14, 1_400))).isEqualTo(4);
        assertThat(flow.received(new Position(14, 1_400), 1, 100)).isTrue();

        assertThat(flow.received(new Position(10, 1_000), 4, 400))
                .as("those counted as lost")
                .isFalse();
        assertThat(flow.received(new Position(14, 1_400), 1, 100)).as("a copy").isFalse();
        assertThat(flow.lostUntil(new Position(15, 1_500))).isZero();
    }

    @Test
    void shouldGrantAWindowAheadOfWhatCameAndSayWhenHalfOfItIsNew() {
        assertThat(flow.grant()).isEqualTo(WINDOW);

        flow.received(new Position(0, 0), 1, WINDOW / 2 - 1);
        assertThat(flow.owesGrant()).isFalse();
        flow.received(new Position(1, WINDOW / 2 - 1), 1, 1);
        assertThat(flow.owesGrant()).isTrue();

        assertThat(flow.grant()).isEqualTo(WINDOW + WINDOW / 2);
        assertThat(flow.owesGrant()).isFalse();
        flow.lostUntil(new Position(9, 9_000));
        assertThat(flow.grant()).as("what is lost takes no credit").isEqualTo(9_000 + WINDOW);
    }

    @Test
    void shouldDropWhatWaitsWhenThePeerIsGone() {
        List<Parcel> waiting = offered(durable(), urgent());

        flow.clear();

        assertThat(dropped).containsExactlyInAnyOrderElementsOf(waiting);
        assertThat(flow.waitingBytes()).isZero();
    }

    /** The queue's own lists, held against a list for each lane in which dropping is a search. */
    @Test
    void shouldKeepTheOrderOfEachLaneWhateverIsDroppedInBetween() {
        Random random = new Random(5);
        List<Deque<Parcel>> model =
                List.of(new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>());
        LinkQueue queue = new LinkQueue(BOUND);
        for (int step = 0; step < 20_000; step++) {
            if (random.nextInt(3) > 0 || queue.isEmpty()) {
                Parcel parcel = parcel(
                        List.of(0, 5, 9).get(random.nextInt(3)),
                        random.nextInt(3) == 0 ? Durability.DURABILITY_LOCAL : Durability.DURABILITY_MEMORY);
                boolean fits = queue.add(parcel, gone -> {
                    Parcel oldest = model.get(gone.lane().ordinal()).stream()
                            .filter(each -> !each.isDurable())
                            .findFirst()
                            .orElseThrow();
                    assertThat(gone).isSameAs(oldest);
                    model.get(gone.lane().ordinal()).remove(gone);
                });
                if (fits) {
                    model.get(parcel.lane().ordinal()).add(parcel);
                }
            } else {
                Parcel next = queue.poll();
                assertThat(model.get(next.lane().ordinal()).poll()).isSameAs(next);
            }
            assertThat(queue.bytes())
                    .isEqualTo(1_000L * model.stream().mapToInt(Deque::size).sum())
                    .isLessThanOrEqualTo(BOUND);
        }
    }
}
