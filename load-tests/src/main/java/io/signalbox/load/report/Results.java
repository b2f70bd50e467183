package io.signalbox.load.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.signalbox.load.generator.Report;
import java.util.List;
import java.util.Map;

/** What a load test found; written as JSON as it is. */
public record Results(
        String scenario,
        String command,
        String date,
        String machine,
        Settings settings,
        List<String> missingPeers,
        List<PeerResult> peers) {

    /** What the messages of a second are. */
    public String counted() {
        return scenario.equals("durable") ? "acknowledged/s" : "delivered/s";
    }

    /** What was asked for. Sizes in bytes. */
    public record Settings(
            int agents,
            int connections,
            int nodes,
            int payloadBytes,
            List<Integer> rates,
            int warmUpSeconds,
            int seconds,
            int repetitions,
            boolean tls,
            Map<String, String> node) {}

    /** All about one peer, from first connection to last repetition. */
    public record PeerResult(
            String peer, Connecting connecting, Memory memory, List<Repetition> repetitions, Findings findings) {
        public PeerResult(String peer, Connecting connecting, Memory memory, List<Repetition> repetitions) {
            this(peer, connecting, memory, repetitions, Findings.NONE);
        }
    }

    /** @param failures how often which, before all were connected */
    public record Connecting(
            int connections,
            double seconds,
            double handshakeP50Ms,
            double handshakeP99Ms,
            Map<String, Integer> failures) {}

    /**
     * Resident bytes of the server's processes.
     *
     * @param kernel bytes that the kernel holds for both ends of the connections
     */
    public record Memory(long started, long connected, long loaded, long kernel, int connections) {
        /** KiB for each connection, idle. */
        public double idleKib() {
            return (connected - started) / 1024.0 / connections;
        }

        /** KiB for each connection after the load. */
        public double loadedKib() {
            return (loaded - started) / 1024.0 / connections;
        }

        /** KiB of the kernel for each connection, both ends. */
        public double kernelKib() {
            return kernel / 1024.0 / connections;
        }
    }

    /**
     * One run.
     *
     * @param rate that was asked for, messages per second; 0: as many as it takes
     * @param sent of durable messages: acknowledged to their senders
     * @param repeated durable messages that came again and said so
     * @param delivered messages in the measured time; of durable ones: acknowledged
     * @param cpuMicros of the server for each of them
     * @param storeCpuMicros of the store that durable messages are kept in; 0: there is none besides the server
     * @param cores that the server used
     * @param latency encoded histogram, microseconds
     */
    @JsonIgnoreProperties(value = "sound", allowGetters = true)
    public record Repetition(
            int run,
            int rate,
            long sent,
            long received,
            long lost,
            long duplicated,
            long reordered,
            long repeated,
            Map<String, Integer> refused,
            long delivered,
            double deliveredPerSecond,
            double cpuMicros,
            double storeCpuMicros,
            double cores,
            double p50Ms,
            double p90Ms,
            double p99Ms,
            double p999Ms,
            double maxMs,
            double lateP99Ms,
            boolean generatorBound,
            String latency,
            List<Report.Second> seconds) {

        /** Nothing lost, duplicated or out of order. */
        public boolean isSound() {
            return lost == 0 && duplicated == 0 && reordered == 0;
        }
    }
}
