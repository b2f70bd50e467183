package io.signalbox.load.generator;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Map;

/** What a generator process tells, one line of JSON each on its standard output. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "report")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Report.Progress.class, name = "progress"),
    @JsonSubTypes.Type(value = Report.Connected.class, name = "connected"),
    @JsonSubTypes.Type(value = Report.Ran.class, name = "ran"),
    @JsonSubTypes.Type(value = Report.Failed.class, name = "failed")
})
public sealed interface Report {

    /** Each second. Counts are since the begin of the run; latencies of the last second. */
    record Progress(int ready, long sent, long received, double p50Ms, double p99Ms) implements Report {}

    /**
     * All connections are ready, again or for the first time.
     *
     * @param millis since the order, or since the first connection was lost
     * @param handshake from opening to ready, microseconds, as an encoded histogram
     */
    record Connected(int connections, double millis, String handshake, long lost, Map<String, Integer> failures)
            implements Report {}

    /**
     * A run is over.
     *
     * @param received different messages that came in order; of requests: answers
     * @param delivered messages within the measured time, of any kind, first deliveries or not
     * @param latency from the intended time, microseconds; of requests: to the answer
     * @param lateness of the generator itself, microseconds
     */
    record Ran(
            int run,
            long sent,
            long received,
            long delivered,
            long duplicated,
            long reordered,
            Map<String, Integer> refused,
            String latency,
            String lateness,
            List<Second> seconds)
            implements Report {}

    /** One second of a run. */
    record Second(int at, long received, double p50Ms, double p99Ms, double maxMs) {}

    /** The process gives up. */
    record Failed(String reason) implements Report {}
}
