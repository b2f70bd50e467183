package io.signalbox.load.link;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.cluster.LinkLimits;
import io.signalbox.codecs.EncodedMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/**
 * The other end, as a process: counts what comes, and looks whether it comes in order. Each line on standard input is answered
 * with what it counted; it ends with its standard input.
 */
final class LinkReceiver {
    static final String SENDER = "a";
    static final String RECEIVER = "b";
    static final String ADDRESS = "load/numbers";

    private static final long HIGHEST_NANOS = 60_000_000_000L;

    private long received;
    private long outOfOrder;
    private long missing;
    private long last;
    private Histogram latencies = new Histogram(HIGHEST_NANOS, 3);

    private LinkReceiver() {}

    /** Arguments: kind of link, window in bytes, folder with what TLS needs, ports of Hazelcast here and there. */
    public static void main(String[] arguments) throws IOException, TimeoutException {
        LinkLimits limits = new LinkLimits(16 * 1024 * 1024, Long.parseLong(arguments[1]), 64 * 1024);
        int[] memberPorts = {Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4])};
        LinkReceiver receiver = new LinkReceiver();
        try (LinkNode node = new LinkNode(
                        RECEIVER, LinkNode.Kind.valueOf(arguments[0]), limits, Path.of(arguments[2]), memberPorts);
                BufferedReader questions =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            node.bus().subscribe(new AddressPattern(ADDRESS), "", receiver::take);
            node.link(SENDER, 1);
            System.out.println(node.port());
            while (questions.readLine() != null) {
                System.out.println(receiver.answer());
            }
        }
        System.exit(0);
    }

    /** On the cluster's event loop; told on the main thread. */
    private synchronized OfferResult take(EncodedMessage message) {
        ByteBuffer payload = message.payload().asReadOnlyByteBuffer();
        long number = payload.getLong();
        long sentAt = payload.getLong();
        received++;
        if (number <= last) {
            outOfOrder++;
        } else {
            missing += number - last - 1;
            last = number;
        }
        if (sentAt != 0) {
            latencies.recordValue(Math.clamp(System.nanoTime() - sentAt, 0, HIGHEST_NANOS));
        }
        return OfferResult.ACCEPTED;
    }

    private synchronized String answer() {
        String answer = "%d %d %d %d %d %d"
                .formatted(
                        received,
                        outOfOrder,
                        missing,
                        latencies.getValueAtPercentile(50),
                        latencies.getValueAtPercentile(99),
                        latencies.getMaxValue());
        latencies.reset();
        return answer;
    }
}
