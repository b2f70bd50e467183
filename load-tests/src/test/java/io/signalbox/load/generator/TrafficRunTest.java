package io.signalbox.load.generator;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.signalbox.load.dialect.Agents;
import io.signalbox.load.dialect.Dialects;
import io.signalbox.load.dialect.Stamp;
import io.signalbox.load.dialect.Stamp.Kind;
import io.signalbox.load.generator.Order.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A run with one connection that comes back, and a clock that the test turns. */
class TrafficRunTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long BEGIN = 1_000 * SECOND;
    private static final long FROM = BEGIN + SECOND;
    private static final long TO = FROM + 60 * SECOND;
    private static final int RUN = 3;
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<Report> reports = new ArrayList<>();
    private Order.Connect connect = Layouts.order(Layouts.layout(1, 4, 1));
    private final List<Client> clients = new ArrayList<>();
    private long now = BEGIN;
    private int ready = 4;

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    /** A run that measures from a second after its begin for a minute. */
    private TrafficRun run(Traffic traffic, double rate, int window) {
        Order.Run order = new Order.Run(RUN, traffic, rate, window, 64, BEGIN, 1_000, 60_000, 5_000);
        TrafficRun run = new TrafficRun(
                connect,
                order,
                Choice.of(traffic, connect, new SplittableRandom(1)),
                new TrafficRun.Connections() {
                    @Override
                    public int ready() {
                        return ready;
                    }

                    @Override
                    public Client ofConnection(int connection) {
                        return clients.getFirst();
                    }
                },
                channel.eventLoop(),
                reports::add,
                () -> now);
        clients.add(client(run));
        run.begin();
        return run;
    }

    /** One that only receives: nothing is ever due. */
    private TrafficRun run(Traffic traffic) {
        return run(traffic, Double.MIN_VALUE, 0);
    }

    /** A client whose connection is the test's channel; what it receives goes to the run. */
    private Client client(TrafficRun run) {
        Client client = new Client(
                0,
                Dialects.ECHO.create(new Agents(0, 1, false), agent -> ""),
                new Client.Life() {
                    @Override
                    public void ready(Client each) {}

                    @Override
                    public void ended(Client each, String reason) {}
                },
                run,
                Unpooled.buffer(),
                0);
        channel.pipeline().addLast(client);
        client.channelActive(channel.pipeline().context(client));
        channel.releaseOutbound();
        channel.writeInbound(Unpooled.buffer().writeInt(0));
        return client;
    }

    private static byte[] payload(Stamp stamp) {
        byte[] payload = new byte[64];
        stamp.write(payload);
        return payload;
    }

    /** At a moment, a message that was due at another. */
    private void receive(TrafficRun run, Kind kind, long at, long due, int number) {
        now = at;
        run.received(clients.getFirst(), 2, payload(new Stamp(due, 0, RUN, kind, 1, 2, number)), 0);
    }

    private Optional<Report.Ran> ranAt(long moment) {
        now = moment;
        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        channel.runPendingTasks();
        List<Report.Ran> ran = reports.stream()
                .filter(Report.Ran.class::isInstance)
                .map(Report.Ran.class::cast)
                .toList();
        assertThat(ran).hasSizeLessThan(2);
        return ran.stream().findFirst();
    }

    private Report.Ran ran() {
        return ranAt(TO + 60 * SECOND).orElseThrow();
    }

    @Test
    void shouldCountWhatCameOnceInOrderTwiceAndLate() {
        TrafficRun run = run(Traffic.PAIRS);
        for (int number : new int[] {1, 2, 2, 5, 4}) {
            receive(run, Kind.ONE_WAY, FROM, FROM, number);
        }

        Report.Ran ran = ran();

        assertThat(List.of(ran.received(), ran.duplicated(), ran.reordered())).containsExactly(3L, 1L, 1L);
        assertThat(ran.run()).isEqualTo(RUN);
        assertThat(ran.sent()).isZero();
    }

    @Test
    void shouldTakeLatenciesFromTheMomentAtWhichMessagesWereDue() {
        TrafficRun run = run(Traffic.PAIRS);
        receive(run, Kind.ONE_WAY, FROM + 7_000_000, FROM, 1);
        receive(run, Kind.ONE_WAY, TO + 9_000_000, TO - 1_000_000, 2);

        Histogram latency = Latencies.decode(ran().latency());

        assertThat(latency.getMinValue()).isEqualTo(7_000);
        assertThat(latency.valuesAreEquivalent(latency.getMaxValue(), 10_000)).isTrue();
    }

    @Test
    void shouldLeaveOutLatenciesOfWhatWasDueBeforeOrAfterTheMeasuredTime() {
        TrafficRun run = run(Traffic.PAIRS);
        receive(run, Kind.ONE_WAY, FROM, FROM - 1, 1);
        receive(run, Kind.ONE_WAY, TO, TO, 2);

        Report.Ran ran = ran();

        assertThat(Latencies.decode(ran.latency()).getTotalCount()).isZero();
        assertThat(ran.received()).as("they count for the oracle").isEqualTo(2);
    }

    @Test
    void shouldCountDeliveriesWithinTheMeasuredTime() {
        TrafficRun run = run(Traffic.PAIRS);
        receive(run, Kind.ONE_WAY, FROM - 1, BEGIN, 1);
        receive(run, Kind.ONE_WAY, FROM, BEGIN, 2);
        receive(run, Kind.ONE_WAY, TO - 1, BEGIN, 3);
        receive(run, Kind.ONE_WAY, TO, BEGIN, 4);

        assertThat(ran().delivered()).isEqualTo(2);
    }

    @Test
    void shouldTellEachMeasuredSecond() {
        TrafficRun run = run(Traffic.PAIRS);
        receive(run, Kind.ONE_WAY, FROM + SECOND / 2, FROM, 1);
        ranAt(FROM + SECOND - 1);
        assertThat(reports).isEmpty();

        ranAt(FROM + SECOND);

        assertThat(reports).singleElement().isInstanceOf(Report.Progress.class);
        assertThat(ran().seconds()).singleElement().satisfies(second -> {
            assertThat(second.at()).isZero();
            assertThat(second.received()).isOne();
        });
    }

    @Test
    void shouldWaitForStragglersUntilOneSecondIsSilent() {
        TrafficRun run = run(Traffic.PAIRS);
        assertThat(ranAt(TO + SECOND)).isEmpty();
        receive(run, Kind.ONE_WAY, TO + SECOND, TO - 1, 1);

        assertThat(ranAt(TO + 2 * SECOND)).isEmpty();
        assertThat(ranAt(TO + 2 * SECOND + 1))
                .hasValueSatisfying(ran -> assertThat(ran.received()).isOne());
        assertThat(ranAt(TO + 3 * SECOND)).as("told once").isPresent();
    }

    @Test
    void shouldNotWaitForStragglersForever() {
        TrafficRun run = run(Traffic.PAIRS);
        receive(run, Kind.ONE_WAY, TO + 5 * SECOND - 1, TO - 1, 1);

        assertThat(ranAt(TO + 5 * SECOND)).isEmpty();
        assertThat(ranAt(TO + 5 * SECOND + 1)).isPresent();
    }

    @Test
    void shouldNotMixRuns() {
        TrafficRun run = run(Traffic.PAIRS);
        run.received(clients.getFirst(), 2, payload(new Stamp(FROM, 0, RUN - 1, Kind.ONE_WAY, 1, 2, 1)), 0);
        run.refused("BUSY");
        run.refused("BUSY");

        Report.Ran ran = ran();

        assertThat(ran.received()).isZero();
        assertThat(ran.refused()).isEqualTo(Map.of("a message of another run", 1, "BUSY", 2));
    }

    @Test
    void shouldAnswerARequestWithItsMomentAndNumber() {
        run(Traffic.REQUESTS);

        channel.writeInbound(
                Unpooled.buffer().writeInt(64).writeBytes(payload(new Stamp(FROM, 5, RUN, Kind.REQUEST, 1, 0, 17))));

        ByteBuf answer = channel.readOutbound();
        assertThat(answer.readInt()).isEqualTo(64);
        byte[] bytes = new byte[64];
        answer.readBytes(bytes);
        answer.release();
        assertThat(Stamp.read(bytes, 0)).isEqualTo(new Stamp(FROM, 5, RUN, Kind.REPLY, 0, 1, 17));
    }

    @Test
    void shouldCountAnswersOfRequests() {
        TrafficRun run = run(Traffic.REQUESTS);
        receive(run, Kind.REQUEST, FROM, FROM, 1);
        receive(run, Kind.REQUEST, FROM, FROM, 2);
        receive(run, Kind.REPLY, FROM, FROM, 1);

        Report.Ran ran = ran();

        assertThat(ran.received()).isOne();
        assertThat(Latencies.decode(ran.latency()).getTotalCount()).isOne();
    }

    /** What went out since the last look. */
    private List<Stamp> sent() {
        List<Stamp> stamps = new ArrayList<>();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            while (out.isReadable()) {
                byte[] payload = new byte[out.readInt()];
                out.readBytes(payload);
                stamps.add(Stamp.read(payload, 0));
            }
            out.release();
        }
        return stamps;
    }

    @Test
    void shouldSendEachMessageOnceWithTheMomentAtWhichItWasDue() {
        run(Traffic.PAIRS, 100, 0);
        assertThat(ranAt(BEGIN + 50_000_000)).isEmpty();

        List<Stamp> stamps = sent();

        assertThat(stamps).hasSize(5);
        assertThat(stamps.stream().map(Stamp::number)).containsExactly(1, 2, 3, 4, 5);
        assertThat(stamps.stream().map(stamp -> (stamp.intendedNanos() - BEGIN) / 10_000_000))
                .containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(stamps).allMatch(stamp -> stamp.kind() == Kind.ONE_WAY && stamp.run() == RUN);
    }

    @Test
    void shouldSendLateWhatWasDueBeforeTheEnd() {
        run(Traffic.PAIRS, 100, 0);

        assertThat(ranAt(TO + 3 * SECOND)).as("it may still come").isEmpty();

        assertThat(sent()).as("61 seconds").hasSize(6_100);
        Report.Ran ran = ran();
        assertThat(ran.sent()).isEqualTo(6_100);
        Histogram lateness = Latencies.decode(ran.lateness());
        assertThat(lateness.getTotalCount()).as("without the warm-up").isEqualTo(6_000);
        assertThat(lateness.getMinValue()).isBetween(2_998_000L, 3_012_000L);
    }

    @Test
    void shouldKeepTheWindowFull() {
        TrafficRun run = run(Traffic.PAIRS, 0, 8);
        ranAt(FROM);
        assertThat(sent()).hasSize(8);
        ranAt(FROM + 1);
        assertThat(sent()).as("all are under way").isEmpty();

        receive(run, Kind.ONE_WAY, FROM + 2, FROM, 1);
        receive(run, Kind.ONE_WAY, FROM + 2, FROM, 2);
        ranAt(FROM + 3);

        assertThat(sent()).hasSize(2);
        receive(run, Kind.ONE_WAY, TO, FROM, 3);
        ranAt(TO);
        assertThat(sent()).as("after the end").isEmpty();
    }

    @Test
    void shouldKeepTheWindowFullOfRequests() {
        TrafficRun run = run(Traffic.REQUESTS, 0, 4);
        ranAt(FROM);
        assertThat(sent()).hasSize(4).allMatch(stamp -> stamp.kind() == Kind.REQUEST);

        receive(run, Kind.REPLY, FROM + 2, FROM, 1);
        ranAt(FROM + 3);

        assertThat(sent()).singleElement().matches(stamp -> stamp.kind() == Kind.REQUEST);
    }

    private List<Report.SlowReaders> slowReadersAt(long moment) {
        now = moment;
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runPendingTasks();
        return reports.stream()
                .filter(Report.SlowReaders.class::isInstance)
                .map(Report.SlowReaders.class::cast)
                .toList();
    }

    /** Agents 0 and 2 are slow readers; agent 2 receives here. */
    private TrafficRun slowReadersRun(double rate) {
        Layout layout = Layouts.layout(1, 4, 1);
        connect = Layouts.order(new Layout(layout.nodes(), 4, 1, false, 2));
        return run(Traffic.SLOW_READERS, rate, 0);
    }

    @Test
    void shouldCountWhatIsForSlowReadersApart() {
        TrafficRun run = slowReadersRun(100);
        now = TO;
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runPendingTasks();
        receive(run, Kind.ONE_WAY, TO, FROM, 1);
        receive(run, Kind.ONE_WAY, TO, FROM, 2);
        receive(run, Kind.ONE_WAY, TO, FROM, 2);
        receive(run, Kind.ONE_WAY, TO, FROM, 1);

        Report.Ran ran = ranAt(TO + 5 * SECOND).orElseThrow();
        run.drainSlowReaders();
        Report.SlowReaders slow = slowReadersAt(TO + 7 * SECOND).getFirst();

        assertThat(ran.received() + ran.duplicated() + ran.reordered()).isZero();
        assertThat(Latencies.decode(ran.latency()).getTotalCount()).isZero();
        assertThat(slow.received()).isEqualTo(2);
        assertThat(slow.duplicated()).isOne();
        assertThat(slow.reordered()).isOne();
        assertThat(ran.sent() + slow.sent()).as("61 seconds").isEqualTo(6_100);
        assertThat(slow.sent()).as("a fifth").isBetween(1_000L, 1_450L);
    }

    @Test
    void shouldTellOfSlowReadersOnceNothingMoreComesAndAllAreBack() {
        TrafficRun run = slowReadersRun(Double.MIN_VALUE);
        long resumed = TO + 10 * SECOND;
        now = resumed;
        run.drainSlowReaders();

        assertThat(slowReadersAt(resumed + SECOND))
                .as("what waits is still to come")
                .isEmpty();
        receive(run, Kind.ONE_WAY, resumed + SECOND, FROM, 1);
        assertThat(slowReadersAt(resumed + 2 * SECOND)).isEmpty();
        ready = 3;
        assertThat(slowReadersAt(resumed + 4 * SECOND)).as("one is away").isEmpty();
        ready = 4;
        assertThat(slowReadersAt(resumed + 5 * SECOND)).containsExactly(new Report.SlowReaders(0, 1, 0, 0));
    }

    @Test
    void shouldKeepOnlySomeReasonsApart() {
        TrafficRun run = run(Traffic.PAIRS);

        for (int i = 0; i < 8; i++) {
            run.refused("no room for agent " + i);
        }
        run.refused("no room for agent 0");

        assertThat(ranAt(TO + 10 * SECOND).orElseThrow().refused())
                .hasSize(6)
                .containsEntry("no room for agent 0", 2)
                .containsEntry("other reasons", 3);
    }

    /** Sent to the run as its own, with the clock at a moment. */
    private void deliver(TrafficRun run, long at, int number, int attempt) {
        now = at;
        run.delivered(2, payload(new Stamp(0, 0, RUN, Kind.DURABLE, 1, 2, number)), 0, attempt);
    }

    private static long ref(int number) {
        return new Stamp(0, 0, RUN, Kind.DURABLE, 1, 2, number).ref();
    }

    @Test
    void shouldTellWhatBecameOfDurableMessages() {
        TrafficRun run = run(Traffic.DURABLE, 0, 5);
        now = BEGIN;
        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        channel.runPendingTasks();
        now = TO;
        for (int number : new int[] {1, 2, 3}) {
            run.acknowledged(ref(number));
        }
        run.refused(ref(4), "1002 full");
        deliver(run, TO, 1, 1);
        deliver(run, TO, 1, 2);
        deliver(run, TO, 3, 1);
        deliver(run, TO, 2, 1);
        deliver(run, TO, 2, 1);

        assertThat(ranAt(TO + 2 * SECOND)).as("one has no answer yet").isEmpty();
        Report.Ran ran = ran();
        assertThat(List.of(ran.sent(), ran.received(), ran.duplicated(), ran.reordered(), ran.repeated()))
                .containsExactly(3L, 3L, 1L, 1L, 1L);
        assertThat(ran.refused()).isEqualTo(Map.of("1002 full", 1, "not answered", 1));
        assertThat(ran.delivered()).as("in the measured time").isZero();
    }

    @Test
    void shouldLoseAnAcknowledgedMessageThatNeverComes() {
        TrafficRun run = run(Traffic.DURABLE, 0, 1);
        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        channel.runPendingTasks();
        now = TO;
        run.acknowledged(ref(1));

        Report.Ran ran = ran();

        assertThat(ran.sent() - ran.received()).isOne();
    }

    @Test
    void shouldSendTheNextDurableMessageOnceOneIsBothAcknowledgedAndDelivered() {
        TrafficRun run = run(Traffic.DURABLE, 0, 3);
        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        channel.runPendingTasks();
        channel.releaseOutbound();
        now = FROM;

        run.acknowledged(ref(1));
        deliver(run, FROM, 2, 1);
        channel.runPendingTasks();
        assertThat(channel.outboundMessages()).as("both are half done").isEmpty();
        run.acknowledged(ref(2));
        deliver(run, FROM, 1, 1);
        run.refused(ref(3), "no");
        channel.runPendingTasks();

        assertThat(channel.outboundMessages()).as("three in one flush").hasSize(1);
        for (int number : new int[] {4, 5, 6}) {
            run.acknowledged(ref(number));
            deliver(run, TO, number, 1);
        }
        Report.Ran ran = ranAt(TO + 2 * SECOND).orElseThrow();
        assertThat(ran.sent()).isEqualTo(5);
        assertThat(ran.delivered()).as("acknowledged in time").isEqualTo(3);
    }

    @Test
    void shouldTakeTheLatencyOfADurableMessageUpToItsAcknowledgement() {
        TrafficRun run = run(Traffic.DURABLE, 1, 0);
        ranAt(FROM + SECOND + SECOND / 2);
        now = FROM + SECOND + SECOND / 2;

        run.acknowledged(ref(2));
        run.acknowledged(new Stamp(0, 0, RUN + 1, Kind.DURABLE, 1, 2, 1).ref());

        Report.Ran ran = ran();
        Histogram latency = Latencies.decode(ran.latency());
        assertThat(latency.getTotalCount()).isOne();
        assertThat(latency.getMaxValue()).as("due after 2 s").isBetween(500_000L, 501_000L);
        assertThat(ran.refused()).containsEntry("a message of another run", 1);
    }
}
