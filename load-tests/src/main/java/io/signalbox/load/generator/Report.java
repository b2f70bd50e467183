package io.signalbox.load.generator;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Map;

/** What a generator process tells, one line of JSON each on its standard output. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "report")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Report.Progress.class, name = "progress"),
    @JsonSubTypes.Type(value = Report.Prepared.class, name = "prepared"),
    @JsonSubTypes.Type(value = Report.Connected.class, name = "connected"),
    @JsonSubTypes.Type(value = Report.Shut.class, name = "shut"),
    @JsonSubTypes.Type(value = Report.Collected.class, name = "collected"),
    @JsonSubTypes.Type(value = Report.Ran.class, name = "ran"),
    @JsonSubTypes.Type(value = Report.SlowReaders.class, name = "slow-readers"),
    @JsonSubTypes.Type(value = Report.Failed.class, name = "failed")
})
public sealed interface Report {

    /** Each second. Counts are since the begin of the run; latencies of the last second. */
    record Progress(int ready, long sent, long received, double p50Ms, double p99Ms) implements Report {}

    /** The tokens are signed. */
    record Prepared(int tokens) implements Report {}

    /** All connections are cut. */
    record Shut(int connections) implements Report {}

    /**
     * All connections are ready, again or for the first time.
     *
     * @param millis since the order, or since the first connection was lost
     * @param failures how often which, since then
     * @param handshake from opening to ready, microseconds, as an encoded histogram
     */
    record Connected(int connections, double millis, String handshake, long lost, Map<String, Integer> failures)
            implements Report {}

    /** The garbage is gone. */
    record Collected() implements Report {}

    /**
     * A run is over. Of {@link Order.Traffic#SLOW_READERS}: without what was for slow readers.
     *
     * @param received different messages that came in order; of requests: answers; of durable ones: the acknowledged that came
     * @param sent of durable messages: those that were acknowledged to their senders
     * @param delivered messages within the measured time, of any kind, first deliveries or not; of durable ones: acknowledged
     * @param repeated durable messages that came again and said so; {@code duplicated} are those that did not
     * @param latency from the intended time, microseconds; of requests: to the answer; of durable ones: to the
     *     acknowledgement
     * @param lateness of the generator itself, microseconds
     */
    record Ran(
            int run,
            long sent,
            long received,
            long delivered,
            long duplicated,
            long reordered,
            long repeated,
            Map<String, Integer> refused,
            String latency,
            String lateness,
            List<Second> seconds)
            implements Report {}

    /** One second of a run. */
    record Second(int at, long received, double p50Ms, double p99Ms, double maxMs) {}

    /** What this process sent to slow readers in a run, and what came for its own until nothing more did. */
    record SlowReaders(long sent, long received, long duplicated, long reordered) implements Report {}

    /** The process gives up. */
    record Failed(String reason) implements Report {}
}
