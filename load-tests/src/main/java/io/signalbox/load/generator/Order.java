package io.signalbox.load.generator;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.signalbox.load.dialect.Dialects;
import java.util.List;

/** What a generator process is told, one line of JSON each on its standard input. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "order")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Order.Connect.class, name = "connect"),
    @JsonSubTypes.Type(value = Order.Open.class, name = "open"),
    @JsonSubTypes.Type(value = Order.Shut.class, name = "shut"),
    @JsonSubTypes.Type(value = Order.Collect.class, name = "collect"),
    @JsonSubTypes.Type(value = Order.Run.class, name = "run"),
    @JsonSubTypes.Type(value = Order.Stall.class, name = "stall"),
    @JsonSubTypes.Type(value = Order.End.class, name = "end")
})
public sealed interface Order {

    /**
     * What is to be connected. Tokens are signed now, so that {@link Open} measures the server and not the signing. Once
     * open, a connection that is lost is opened again after a random part of {@code reconnectSpreadMs}.
     *
     * @param worker number of this process
     * @param layout of all agents over all processes
     * @param firstConnection of this process; connections follow each other
     * @param sources loopback addresses that connections come from, in turn
     * @param atOnce handshakes under way at once
     * @param keyFile private key that signs the agents' tokens, or configuration of a Redis with its password; empty: no tokens
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

    /** Open all connections. */
    record Open() implements Order {}

    /** Cut all connections; {@link Open} may follow. */
    record Shut() implements Order {}

    /** Collect garbage now, so that no pause of the generator is taken for the server's in what is measured next. */
    record Collect() implements Order {}

    /**
     * Send, from a moment that all processes share.
     *
     * @param rate messages per second of this process; 0: as fast as {@code window} allows
     * @param window messages that are under way all the time, when the rate is 0; durable ones are until they are acknowledged
     *     to their senders and delivered
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

    /** Let the slow readers stop reading; or go on, and tell what came for them in the run that was. */
    record Stall(boolean stalled) implements Order {}

    /** Cut all and end. */
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
        /** As pairs, and much of it to the slow readers, which is counted apart. */
        SLOW_READERS,
        /** The four populations of the reference fleet, each with its rhythm and its partners. */
        MIXED,
        /** As pairs, and each message is durable. */
        DURABLE
    }
}
