package io.signalbox.load.generator;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.signalbox.load.dialect.Dialects;
import java.util.List;

/** What a generator process is told, one line of JSON each on its standard input. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "order")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Order.Connect.class, name = "connect"),
    @JsonSubTypes.Type(value = Order.Run.class, name = "run"),
    @JsonSubTypes.Type(value = Order.Stall.class, name = "stall"),
    @JsonSubTypes.Type(value = Order.End.class, name = "end")
})
public sealed interface Order {

    /**
     * Connect and stay so: a lost connection is opened again after a random part of {@code reconnectSpreadMs}.
     *
     * @param worker number of this process
     * @param layout of all agents over all processes
     * @param firstConnection of this process; connections follow each other
     * @param sources loopback addresses that connections come from, in turn
     * @param atOnce handshakes under way at once
     * @param keyFile private key that signs the agents' tokens; empty: no tokens
     */
    record Connect(
            int worker,
            Dialects dialect,
            boolean tls,
            Layout layout,
            int firstConnection,
            int connections,
            List<String> sources,
            int atOnce,
            int reconnectSpreadMs,
            String keyFile)
            implements Order {}

    /**
     * Send, from a moment that all processes share.
     *
     * @param rate messages per second of this process; 0: as fast as {@code window} allows
     * @param window messages that are under way all the time, when the rate is 0
     * @param beginNanos in {@link System#nanoTime}
     * @param drainMs how long what is under way may take after the end
     */
    record Run(
            int run,
            Traffic traffic,
            double rate,
            int window,
            int bytes,
            long beginNanos,
            int warmUpMs,
            int millis,
            int drainMs)
            implements Order {}

    /** Let a share of the connections stop reading, or go on. */
    record Stall(double share) implements Order {}

    /** Close all and end. */
    record End() implements Order {}

    /** Who sends what to whom. */
    enum Traffic {
        /** A random agent to a random other agent. */
        PAIRS,
        /** The same, and an answer to each. */
        REQUESTS,
        /** One agent to all. */
        FAN_OUT,
        /** Fifty agents to ten, pipelined. */
        HOT,
        /** Each connection's agents to the next connection's, pipelined. */
        STREAM,
        /** The four populations of the reference fleet, each with its rhythm and its partners. */
        MIXED
    }
}
