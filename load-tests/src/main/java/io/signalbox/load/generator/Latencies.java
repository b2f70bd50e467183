package io.signalbox.load.generator;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** Latencies of a run, whole and by second, in microseconds. Not thread-safe. */
public final class Latencies {
    private static final long HIGHEST = 60_000_000;
    private static final int DIGITS = 3;

    private final Histogram whole = histogram();
    private final Histogram second = histogram();
    private final List<Report.Second> seconds = new ArrayList<>();

    public static Histogram histogram() {
        return new Histogram(HIGHEST, DIGITS);
    }

    void record(long nanos) {
        long micros = Math.clamp(nanos / 1000, 0, HIGHEST);
        whole.recordValue(micros);
        second.recordValue(micros);
    }

    /** Ends the current second. */
    Report.Second turn() {
        Report.Second done = new Report.Second(
                seconds.size(),
                second.getTotalCount(),
                second.getValueAtPercentile(50) / 1000.0,
                second.getValueAtPercentile(99) / 1000.0,
                second.getMaxValue() / 1000.0);
        seconds.add(done);
        second.reset();
        return done;
    }

    Histogram whole() {
        return whole;
    }

    List<Report.Second> seconds() {
        return List.copyOf(seconds);
    }

    /** As text, for a line of JSON. */
    public static String encode(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }

    public static Histogram decode(String text) {
        try {
            return Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0);
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("no histogram", e);
        }
    }
}
