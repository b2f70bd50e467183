package io.signalbox.load.link;

import com.google.protobuf.ByteString;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.cluster.LinkLimits;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Message;
import io.signalbox.gateway.tls.SelfSignedCertificate;
import io.signalbox.load.Directories;
import io.signalbox.load.LoadException;
import io.signalbox.load.report.Machine;
import io.signalbox.node.embedded.FreePort;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Messages between two nodes, this process and one that it starts: the highest rate, the latency of a single message, and the
 * memory that the sender needs for a peer that is stopped.
 */
@Command(
        name = "peer-link",
        description = "Send messages between two nodes, then stop the receiving one.",
        mixinStandardHelpOptions = true)
public final class PeerLinkCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LATENCY_MESSAGES = 2_000;
    private static final long LATENCY_INTERVAL = 1_000_000;

    /** Above the bound: what the transport holds, the arrays of queues, and what a JVM does meanwhile. */
    private static final long SLACK = 4 * 1024 * 1024;

    @Spec
    private CommandSpec spec;

    @Option(names = "--seconds", defaultValue = "5", description = "Of each repetition. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(names = "--repetitions", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
    private int repetitions;

    @Option(names = "--payload", defaultValue = "256", description = "Bytes, from 16. Default: ${DEFAULT-VALUE}.")
    private int payload;

    @Option(names = "--bound", defaultValue = "16", description = "MiB that may wait. Default: ${DEFAULT-VALUE}.")
    private int boundMebibytes;

    @Option(
            names = "--link",
            defaultValue = "TCP",
            description = "How the nodes are linked: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private LinkNode.Kind link;

    private long number;
    private boolean good = true;

    @Override
    public Integer call() throws IOException, InterruptedException, TimeoutException, LoadException {
        LinkLimits limits = new LinkLimits(boundMebibytes * 1024L * 1024, 4 * 1024 * 1024, 64 * 1024);
        Path home = Files.createTempDirectory("signalbox-load");
        if (link == LinkNode.Kind.TLS) {
            SelfSignedCertificate.create(home);
        }
        int[] memberPorts = {FreePort.find(ThreadLocalRandom.current()), FreePort.find(ThreadLocalRandom.current())};
        say("%s", Machine.describe());
        try (ReceiverProcess receiver = new ReceiverProcess(link, limits.window(), home, memberPorts);
                LinkNode sender = new LinkNode(LinkReceiver.SENDER, link, limits, home, memberPorts)) {
            sender.link(LinkReceiver.RECEIVER, receiver.port());
            awaitRoute(sender);
            rates(sender, receiver);
            latency(sender, receiver);
            stopped(sender, receiver, limits.maxWaiting());
            hung(sender, receiver);
            killed(sender, receiver);
        }
        if (good) {
            Directories.delete(home);
        }
        return good ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private EncodedMessage message(Durability durability, long sentAt) {
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.max(16, payload)).putLong(++number).putLong(sentAt);
        return EncodedMessage.of(Message.newBuilder()
                .setAddress(LinkReceiver.ADDRESS)
                .setType("load.number")
                .setDurability(durability)
                .setPayload(ByteString.copyFrom(bytes.array()))
                .build());
    }

    private void awaitRoute(LinkNode sender) throws LoadException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        EncodedMessage first = message(Durability.DURABILITY_LOCAL, 0);
        while (sender.bus().publish(first) != OfferResult.ACCEPTED) {
            if (System.nanoTime() > end) {
                throw new LoadException("the two nodes do not find each other");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Durable ones, which are refused at the bound and not dropped: so all that is taken must arrive. */
    private void rates(LinkNode sender, ReceiverProcess receiver) throws IOException, LoadException {
        say("as many as it takes, payload of %d bytes, over %s:", payload, link);
        for (int i = 0; i <= repetitions; i++) {
            long before = receiver.ask().received();
            long begin = System.nanoTime();
            long end = begin + Duration.ofSeconds(seconds).toNanos();
            while (System.nanoTime() < end) {
                EncodedMessage next = message(Durability.DURABILITY_LOCAL, 0);
                while (sender.bus().publish(next) != OfferResult.ACCEPTED) {
                    LockSupport.parkNanos(100_000);
                }
            }
            ReceiverProcess.Answer after = awaitAll(receiver, number);
            double perSecond = (after.received() - before) * 1e9 / (System.nanoTime() - begin);
            say("  %s%,11.0f messages/s", i == 0 ? "warm-up   " : "measured  ", perSecond);
            check(
                    after.outOfOrder() == 0 && after.missing() == 0,
                    "%d out of order, %d missing",
                    after.outOfOrder(),
                    after.missing());
        }
    }

    private ReceiverProcess.Answer awaitAll(ReceiverProcess receiver, long expected) throws IOException, LoadException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        ReceiverProcess.Answer answer = receiver.ask();
        while (answer.received() + answer.missing() < expected && System.nanoTime() < end) {
            LockSupport.parkNanos(2_000_000);
            answer = receiver.ask();
        }
        check(answer.received() + answer.missing() >= expected, "%d of %d arrived", answer.received(), expected);
        return answer;
    }

    private void latency(LinkNode sender, ReceiverProcess receiver) throws IOException, LoadException {
        receiver.ask();
        long due = System.nanoTime();
        for (int i = 0; i < LATENCY_MESSAGES; i++) {
            due += LATENCY_INTERVAL;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            publish(sender, message(Durability.DURABILITY_LOCAL, System.nanoTime()));
        }
        ReceiverProcess.Answer answer = receiver.ask();
        say(
                "one each millisecond, from publish to the other node's subscriber: p50 %.0f us, p99 %.0f us, max %.0f us",
                answer.p50Nanos() / 1e3, answer.p99Nanos() / 1e3, answer.maxNanos() / 1e3);
    }

    private void publish(LinkNode sender, EncodedMessage message) {
        check(sender.bus().publish(message) == OfferResult.ACCEPTED, "a single message was refused");
    }

    /** For less than it takes to be given up: nothing is lost but what is dropped and counted. */
    private void stopped(LinkNode sender, ReceiverProcess receiver, long bound)
            throws IOException, InterruptedException, LoadException {
        long receivedBefore = awaitAll(receiver, number).received();
        double droppedBefore = sender.count("signalbox.bus.peer.dropped");
        long before = usedMemory();
        long numberBefore = number;
        receiver.signal("STOP");
        long refused = 0;
        double mostWaiting = 0;
        long end = System.nanoTime() + Duration.ofMillis(2_500).toNanos();
        while (System.nanoTime() < end) {
            if (sender.bus().publish(message(Durability.DURABILITY_MEMORY, 0)) != OfferResult.ACCEPTED) {
                refused++;
                LockSupport.parkNanos(100_000);
            }
            mostWaiting = Math.max(mostWaiting, sender.waitingBytes());
        }
        long grown = usedMemory() - before;
        receiver.signal("CONT");
        long offered = number - numberBefore - refused;
        long expected = awaitArrived(sender, receiver, receivedBefore, droppedBefore, offered);
        say(
                "receiver stopped (SIGSTOP) for 2.5 s, bound %d MiB: %,d messages published, %,d dropped, %,d refused;"
                        + " at most %.1f MiB waited, memory grew by %.1f MiB",
                bound >> 20,
                offered + refused,
                (long) (sender.count("signalbox.bus.peer.dropped") - droppedBefore),
                refused,
                mostWaiting / (1 << 20),
                grown / (double) (1 << 20));
        check(expected == 0, "%d messages are not accounted for", expected);
        check(mostWaiting <= bound, "more waited than the bound");
        check(grown <= bound + SLACK, "memory grew beyond the bound");
    }

    /** For as long as it takes to be given up, and then let go on. */
    private void hung(LinkNode sender, ReceiverProcess receiver)
            throws IOException, InterruptedException, LoadException {
        receiver.signal("STOP");
        double noticed = secondsUntil(
                () -> sender.bus().publish(message(Durability.DURABILITY_MEMORY, 0)) == OfferResult.NO_ROUTE);
        double letGo = secondsUntil(() -> sender.waitingBytes() == 0);
        receiver.signal("CONT");
        double back = secondsUntil(
                () -> sender.bus().publish(message(Durability.DURABILITY_MEMORY, 0)) == OfferResult.ACCEPTED);
        say(
                "receiver hung: nothing is routed to it after %.1f s, memory let go %.0f ms later;"
                        + " routed again %.1f s after it goes on",
                noticed, letGo * 1e3, back);
    }

    private void killed(LinkNode sender, ReceiverProcess receiver)
            throws IOException, InterruptedException, LoadException {
        receiver.signal("KILL");
        double noticed = secondsUntil(
                () -> sender.bus().publish(message(Durability.DURABILITY_MEMORY, 0)) == OfferResult.NO_ROUTE);
        say("receiver killed (SIGKILL): nothing is routed to it after %.0f ms", noticed * 1e3);
    }

    private double secondsUntil(BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            check(System.nanoTime() - begin < PATIENCE.toNanos(), "not within %s", PATIENCE);
            if (!good) {
                break;
            }
            LockSupport.parkNanos(1_000_000);
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    /** @return how many neither came nor were counted as dropped or lost */
    private static long awaitArrived(
            LinkNode sender, ReceiverProcess receiver, long receivedBefore, double droppedBefore, long offered)
            throws IOException, LoadException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        long missing;
        do {
            LockSupport.parkNanos(20_000_000);
            long dropped = (long) (sender.count("signalbox.bus.peer.dropped") - droppedBefore);
            missing = offered - dropped - (receiver.ask().received() - receivedBefore);
        } while (missing != 0 && System.nanoTime() < end);
        return missing;
    }

    /** Live heap and direct buffers. */
    private static long usedMemory() {
        System.gc();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        long netty = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()
                + UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() + direct + netty;
    }

    private void check(boolean condition, String fault, Object... arguments) {
        if (!condition) {
            good = false;
            say("FAULT: " + fault.formatted(arguments));
        }
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(format.formatted(arguments));
        out.flush();
    }
}
