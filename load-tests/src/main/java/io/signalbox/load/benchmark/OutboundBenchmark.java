package io.signalbox.load.benchmark;

import io.signalbox.codecs.EncodedMessage;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Queue and writer of one connection, with the copy of the bytes into the batch. */
@State(Scope.Thread)
public class OutboundBenchmark {
    private static final int BURST = 64;

    private final Connection connection = new Connection();
    private final EncodedMessage message = Sample.message(Sample.ADDRESS);

    /** A batch for each message, as on a connection with little to do. */
    @Benchmark
    public long writeOne() {
        connection.add(message);
        return connection.endTurn();
    }

    /** For each message of a batch. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public long writeBurst() {
        for (int i = 0; i < BURST; i++) {
            connection.add(message);
        }
        return connection.endTurn();
    }
}
