package io.signalbox.load.chaos;

import io.signalbox.load.chaos.LinkState.Way;
import io.signalbox.node.process.NodeProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A node of the cluster, and its links to what it needs. One thread at a time does something to its process. */
final class ChaosNode implements AutoCloseable {
    private static final Duration START_PATIENCE = Duration.ofSeconds(120);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** What a node may be cut off from. */
    enum Other {
        PEERS,
        REDIS,
        POSTGRES
    }

    /** @param outward the direction of what this node says */
    private record Link(TcpProxy proxy, Way outward) {}

    private final String name;
    private final NodeProcess process;
    private final Map<Other, List<Link>> links;

    /**
     * @param redis empty: the node's connections to Redis go through none
     * @param dialled proxies through which this node reaches its peers
     * @param dialling those through which its peers reach it
     */
    ChaosNode(
            String name,
            NodeProcess process,
            Collection<TcpProxy> redis,
            TcpProxy postgres,
            Collection<TcpProxy> dialled,
            Collection<TcpProxy> dialling) {
        this.name = name;
        this.process = process;
        this.links = Map.of(
                Other.REDIS,
                        redis.stream()
                                .map(proxy -> new Link(proxy, Way.TO_TARGET))
                                .toList(),
                Other.POSTGRES, List.of(new Link(postgres, Way.TO_TARGET)),
                Other.PEERS,
                        Stream.concat(
                                        dialled.stream().map(proxy -> new Link(proxy, Way.TO_TARGET)),
                                        dialling.stream().map(proxy -> new Link(proxy, Way.FROM_TARGET)))
                                .toList());
    }

    String name() {
        return name;
    }

    String url() {
        return process.url();
    }

    /** Starts it, again when it ends at once: as whoever supervises nodes does. */
    void start(List<String> jvmOptions) throws IOException, InterruptedException {
        long end = System.nanoTime() + START_PATIENCE.toNanos();
        while (true) {
            try {
                process.start(START_PATIENCE, jvmOptions);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > end) {
                    throw new IOException(name + ": " + e.getMessage(), e);
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    void start() throws IOException, InterruptedException {
        start(List.of());
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.kill();
    }

    /** Asks it to drain and end. */
    void terminate() throws IOException, InterruptedException {
        ProcessHandle running = handle();
        CompletableFuture<ProcessHandle> ended = running.onExit();
        running.destroy();
        try {
            ended.get(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(name + " did not end within " + STOP_PATIENCE + " of SIGTERM", e);
        }
    }

    void hang(Duration time) throws IOException, InterruptedException {
        Signals.hang(handle(), time);
    }

    private ProcessHandle handle() throws IOException {
        return ProcessHandle.of(process.pid()).orElseThrow(() -> new IOException(name + " ended by itself"));
    }

    /** All links of this node to these become so, in both directions. */
    void disturb(Collection<Other> others, LinkState state) {
        others.forEach(other -> links.get(other).forEach(link -> link.proxy().become(state)));
    }

    /** @param outward true: the others do not hear this node; false: this node does not hear them */
    void silence(Collection<Other> others, boolean outward) {
        others.forEach(other -> links.get(other).forEach(link -> {
            Way held = outward ? link.outward() : link.outward().opposite();
            link.proxy().become(new LinkState.OneWay(held));
        }));
    }

    void heal(Collection<Other> others) {
        disturb(others, new LinkState.Pass());
    }

    @Override
    public void close() {
        process.close();
    }
}
