package io.signalbox.load.benchmark;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.FrameReader;
import io.signalbox.codecs.MessageReader;
import io.signalbox.codecs.UuidV7;
import io.signalbox.gateway.identity.Identity;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A message from the client's frame to the receiver's batch, in the order of the gateway's, on one thread: without network,
 * hand-over and the session's own state.
 */
@State(Scope.Thread)
public class MessagePathBenchmark {
    private static final int FRAMES = 4096;

    private final byte[][] frames = IntStream.range(0, FRAMES)
            .mapToObj(i -> Sample.frame(Sample.message(BusBenchmark.inbox(BusBenchmark.receiver(i)))))
            .toArray(byte[][]::new);
    private final LocalMessageBus bus = BusBenchmark.bus();
    private final Identity identity =
            IdentityBenchmark.granted(List.of("fleet/+/status", "skill/#", "audit/review", "agent/+"));
    private final InstantSource clock = InstantSource.system();
    private final RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    private final FrameReader reader = new FrameReader();
    private final MessageReader messages = new MessageReader();
    private final Connection connection = new Connection();
    private int next;

    public MessagePathBenchmark() {
        BusBenchmark.subscribeInboxes(bus, agent -> connection::add);
    }

    @Benchmark
    public long frameToBatch() throws CodecException {
        byte[] frame = frames[next++ & FRAMES - 1];
        reader.reset(frame, 0, frame.length);
        while (reader.next()) {
            messages.read(frame, reader.bodyOffset(), reader.bodyLength());
            AddressPattern.checkAddress(messages.address());
            if (!identity.mayPublish(messages.address()) || bus.publish(stamped()) != OfferResult.ACCEPTED) {
                throw new IllegalStateException("not published");
            }
        }
        return connection.endTurn();
    }

    private EncodedMessage stamped() {
        Instant now = clock.instant();
        return messages.stamped(
                "agent/monitor-00042",
                EncodedMessage.micros(now),
                UuidV7.high(now.toEpochMilli(), random),
                UuidV7.low(random));
    }
}
