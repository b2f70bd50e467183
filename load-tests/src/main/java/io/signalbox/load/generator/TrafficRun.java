package io.signalbox.load.generator;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.signalbox.load.dialect.Stamp;
import io.signalbox.load.dialect.Stamp.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * One run of a generator process. With a rate it is an open loop, and a latency counts from when its message was due. With
 * a window it is a closed loop that looks for the highest rate. Confined to its event loop.
 */
final class TrafficRun implements Client.Traffic {
    /** What messages go out through. */
    interface Connections {
        /** How many are ready. */
        int ready();

        /** By its number over all processes. */
        Client ofConnection(int connection);
    }

    /** After so long without any message nothing more will come. */
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Fills a slow reader's bound within seconds. */
    private static final int SLOW_BYTES = 16 * 1024;

    private static final int LOOK_MS = 100;
    private static final int MOST_REASONS = 5;
    private static final String OTHER_REASONS = "other reasons";

    private final Order.Connect connect;
    private final Order.Run order;
    private final Choice choice;
    private final Connections connections;
    private final EventLoop eventLoop;
    private final Consumer<Report> reports;
    private final LongSupplier clock;
    private final Oracle oneWay = new Oracle();
    private final Oracle replies = new Oracle();
    private final Oracle slowReaders = new Oracle();
    private final DurableLedger durables;
    private final Latencies latencies = new Latencies();
    private final Histogram lateness = Latencies.histogram();
    private final Map<String, Integer> refused = new TreeMap<>();
    private final List<Client> dirty = new ArrayList<>();
    private final byte[] payload;
    private final byte[] slowPayload;
    private final long measureFrom;
    private final long measureTo;
    private final boolean answers;
    private final boolean durable;
    private final OpenLoop openLoop;
    private final boolean slowApart;
    private Future<?> ticks;
    private int returned;
    private long sent;
    private long sentToSlow;
    private int number;
    private long delivered;
    private long lastTraffic;
    private long nextSecond;
    private boolean over;

    /** @param clock nanoseconds, the one of the order's begin */
    TrafficRun(
            Order.Connect connect,
            Order.Run order,
            Choice choice,
            Connections connections,
            EventLoop eventLoop,
            Consumer<Report> reports,
            LongSupplier clock) {
        this.connect = connect;
        this.order = order;
        this.choice = choice;
        this.connections = connections;
        this.eventLoop = eventLoop;
        this.reports = reports;
        this.clock = clock;
        this.payload = new byte[Math.max(Stamp.BYTES, order.bytes())];
        this.slowPayload = new byte[SLOW_BYTES];
        this.measureFrom = order.beginNanos() + TimeUnit.MILLISECONDS.toNanos(order.warmUpMs());
        this.measureTo = measureFrom + TimeUnit.MILLISECONDS.toNanos(order.millis());
        this.answers = order.traffic() == Order.Traffic.REQUESTS;
        this.durable = order.traffic() == Order.Traffic.DURABLE;
        this.durables = new DurableLedger(connect.dialect().delivers());
        this.openLoop = new OpenLoop(order.beginNanos(), measureTo, order.rate());
        this.slowApart = order.traffic() == Order.Traffic.SLOW_READERS;
        this.nextSecond = measureFrom + TimeUnit.SECONDS.toNanos(1);
        this.lastTraffic = order.beginNanos();
    }

    void begin() {
        long wait = Math.max(0, order.beginNanos() - clock.getAsLong());
        ticks = eventLoop.scheduleAtFixedRate(this::tick, wait, OpenLoop.GROUP_NANOS, TimeUnit.NANOSECONDS);
    }

    private void tick() {
        long now = clock.getAsLong();
        if (now >= nextSecond && now < measureTo + TimeUnit.SECONDS.toNanos(1)) {
            nextSecond += TimeUnit.SECONDS.toNanos(1);
            tellProgress();
        }
        if (order.rate() > 0) {
            // After the end too: what was due before it and is late counts as late.
            sendDue(now);
        } else if (now < measureTo && sent == 0) {
            fillWindow();
        }
        if (now >= measureTo && isDrained(now)) {
            finish();
        }
    }

    private void tellProgress() {
        Report.Second second = latencies.turn();
        reports.accept(new Report.Progress(
                connections.ready(),
                sent,
                oneWay.received() + replies.received() + durables.acknowledged(),
                second.p50Ms(),
                second.p99Ms()));
    }

    private void sendDue(long now) {
        while (openLoop.next(now)) {
            if (openLoop.messages() > 0 && openLoop.at() >= measureFrom) {
                lateness.recordValue(Math.min(60_000_000, (now - openLoop.at()) / 1000));
            }
            for (long i = openLoop.messages(); i > 0; i--) {
                choice.next();
                send(choice.from(), choice.to(), openLoop.at());
                lastTraffic = now;
            }
        }
        flush();
    }

    private void fillWindow() {
        for (int i = 0; i < order.window(); i++) {
            choice.next();
            send(choice.from(), choice.to(), clock.getAsLong());
        }
        flush();
    }

    private void send(int from, int to, long intended) {
        sent++;
        number++;
        if (durable) {
            durables.sent(number, intended);
        }
        Kind kind = durable ? Kind.DURABLE : answers ? Kind.REQUEST : Kind.ONE_WAY;
        send(new Stamp(intended, connect.worker(), order.run(), kind, from, to, number));
    }

    private void send(Stamp stamp) {
        byte[] content = payload;
        if (isForSlow(stamp.to())) {
            content = slowPayload;
            sentToSlow++;
        }
        stamp.write(content);
        Client client = connections.ofConnection(connect.layout().connectionOf(stamp.from()));
        client.publish(stamp.from(), stamp.to(), content);
        dirty.add(client);
    }

    private boolean isForSlow(int agent) {
        return slowApart && connect.layout().isSlow(connect.layout().connectionOf(agent));
    }

    private void flush() {
        dirty.forEach(Client::flush);
        dirty.clear();
    }

    @Override
    public void received(Client client, int agent, byte[] bytes, int offset) {
        Stamp stamp = Stamp.read(bytes, offset);
        if (isOfAnother(stamp.run())) {
            return;
        }
        long now = clock.getAsLong();
        lastTraffic = now;
        if (now >= measureFrom && now < measureTo) {
            delivered++;
        }
        switch (stamp.kind()) {
            case ONE_WAY -> {
                if (isForSlow(agent)) {
                    slowReaders.received(stamp, agent);
                    return;
                }
                oneWay.received(stamp, agent);
                ended(stamp, now);
            }
            case REQUEST -> {
                oneWay.received(stamp, agent);
                // The answer goes out with what else this read brings.
                new Stamp(
                                stamp.intendedNanos(),
                                stamp.worker(),
                                stamp.run(),
                                Kind.REPLY,
                                agent,
                                stamp.from(),
                                stamp.number())
                        .write(payload);
                client.publish(agent, stamp.from(), payload);
            }
            case REPLY -> {
                replies.received(stamp, agent);
                ended(stamp, now);
            }
            case DURABLE -> refused("a durable message that came as a live one");
        }
    }

    private boolean isOfAnother(int run) {
        if (run != order.run()) {
            refused("a message of another run");
        }
        return run != order.run();
    }

    @Override
    public void delivered(int agent, byte[] bytes, int offset, int attempt) {
        Stamp stamp = Stamp.read(bytes, offset);
        if (isOfAnother(stamp.run())) {
            return;
        }
        lastTraffic = clock.getAsLong();
        if (durables.delivered(stamp, agent, attempt)) {
            goOnAfter(stamp.number());
        }
    }

    @Override
    public void acknowledged(long ref) {
        int answered = Stamp.number(ref);
        if (isOfAnother(Stamp.run(ref)) || !durables.acknowledged(answered)) {
            return;
        }
        long now = clock.getAsLong();
        lastTraffic = now;
        if (now >= measureFrom && now < measureTo) {
            delivered++;
        }
        latency(durables.due(answered), now);
        goOnAfter(answered);
    }

    @Override
    public void refused(long ref, String what) {
        refused(what);
        if (!durable || isOfAnother(Stamp.run(ref))) {
            return;
        }
        lastTraffic = clock.getAsLong();
        if (durables.refused(Stamp.number(ref))) {
            goOnAfter(Stamp.number(ref));
        }
    }

    private void goOnAfter(int durableNumber) {
        if (order.rate() == 0 && clock.getAsLong() < measureTo && durables.isOver(durableNumber)) {
            goOn();
        }
    }

    private void latency(long intended, long now) {
        if (intended >= measureFrom && intended < measureTo) {
            latencies.record(now - intended);
        }
    }

    /** All that one message takes has come; in a closed loop another one follows. */
    private void ended(Stamp stamp, long now) {
        latency(stamp.intendedNanos(), now);
        if (order.rate() == 0 && now < measureTo) {
            goOn();
        }
    }

    /** As many as came in this turn of the event loop go out after it. */
    private void goOn() {
        if (returned++ == 0) {
            eventLoop.execute(this::sendReturned);
        }
    }

    private void sendReturned() {
        long now = clock.getAsLong();
        for (; returned > 0; returned--) {
            choice.next();
            send(choice.from(), choice.to(), now);
        }
        flush();
    }

    /** The slow readers read again: tells what came for them once nothing more does and all who were cut off are back. */
    void drainSlowReaders() {
        lastTraffic = clock.getAsLong();
        tellSlowReadersOnceDrained();
    }

    private void tellSlowReadersOnceDrained() {
        boolean silent = clock.getAsLong() - lastTraffic > SILENCE_NANOS;
        if (silent && connections.ready() == connect.connections()) {
            reports.accept(new Report.SlowReaders(
                    sentToSlow, slowReaders.received(), slowReaders.duplicated(), slowReaders.reordered()));
        } else {
            eventLoop.schedule(this::tellSlowReadersOnceDrained, LOOK_MS, TimeUnit.MILLISECONDS);
        }
    }

    /** What other processes sent comes here too, so silence is what tells that all came. */
    private boolean isDrained(long now) {
        boolean silent = now - Math.max(measureTo, lastTraffic) > SILENCE_NANOS;
        return silent && durables.isSettled() || now > measureTo + TimeUnit.MILLISECONDS.toNanos(order.drainMs());
    }

    private void finish() {
        if (over) {
            return;
        }
        over = true;
        ticks.cancel(false);
        if (durable) {
            note(durables.unanswered(), "not answered");
            note(durables.stray(), "an answer or delivery that belongs to nothing");
        }
        long acknowledged = durables.acknowledged();
        reports.accept(new Report.Ran(
                order.run(),
                durable ? acknowledged : sent - sentToSlow,
                durable ? acknowledged - durables.undelivered() : answers ? replies.received() : oneWay.received(),
                delivered,
                oneWay.duplicated() + replies.duplicated() + durables.unflagged(),
                oneWay.reordered() + replies.reordered() + durables.reordered(),
                durables.repeated(),
                Map.copyOf(refused),
                Latencies.encode(latencies.whole()),
                Latencies.encode(lateness),
                latencies.seconds()));
    }

    private void note(long count, String what) {
        if (count > 0) {
            refused.put(what, Math.toIntExact(count));
        }
    }

    /** A reason may name an address: only so many are kept apart. */
    @Override
    public void refused(String what) {
        boolean known = refused.containsKey(what) || refused.size() < MOST_REASONS;
        refused.merge(known ? what : OTHER_REASONS, 1, Integer::sum);
    }
}
