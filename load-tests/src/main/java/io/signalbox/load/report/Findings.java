package io.signalbox.load.report;

import java.util.List;
import java.util.Map;

/**
 * What only some scenarios find of a peer.
 *
 * @param connects of a storm: each time that all connected; of a reconnect: each time that all came back
 * @param liveHeap of an idle server: bytes of live objects for all connections; 0: not known
 * @param capacity highest rate that was sustained, messages per second; 0: none was, or none was looked for
 * @param faults of what is tested, in sentences
 */
public record Findings(
        List<Connects> connects, List<SlowPhase> slowPhases, long liveHeap, int capacity, List<String> faults) {
    public static final Findings NONE = new Findings(List.of(), List.of(), 0, 0, List.of());

    /**
     * All connected once.
     *
     * @param readySeconds from the kill until the server took connections again; 0: it was not killed
     * @param seconds until all were connected; from the kill, if there was one
     * @param cpuMicros of the server for each connection; 0: not known
     */
    public record Connects(
            double readySeconds,
            double seconds,
            double handshakeP50Ms,
            double handshakeP99Ms,
            double cpuMicros,
            Map<String, Integer> failures) {}

    /**
     * One phase with slow readers: what was for them, and the server's memory at its end.
     *
     * @param dropped counted by the server, by lane, or as sent while the agent was away
     * @param closed by the server, by code
     * @param unattributed not received and not counted as dropped; below zero when drops were counted that belong to an earlier
     *     phase, as the session of a closed connection ends after its time to resume
     */
    public record SlowPhase(
            String name,
            long sent,
            long received,
            Map<String, Long> dropped,
            Map<String, Long> closed,
            long unattributed,
            double othersP99Ms,
            long othersLost,
            long residentBytes,
            long liveHeapBytes) {}
}
