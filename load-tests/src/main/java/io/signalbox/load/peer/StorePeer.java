package io.signalbox.load.peer;

import io.signalbox.load.LoadException;
import io.signalbox.load.dialect.Dialects;
import io.signalbox.load.dialect.RedisFile;
import io.signalbox.load.generator.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The Redis in which the first node of Signalbox keeps its mailboxes, without Signalbox: the node must have started. Not thread-safe. */
final class StorePeer implements Peer {
    private final Path file;
    private final int connections;
    private Optional<RedisFile> server = Optional.empty();

    /**
     * @param file configuration of the Redis
     * @param connections as many as the node has
     */
    StorePeer(Path file, int connections) {
        this.file = file;
        this.connections = connections;
    }

    @Override
    public String name() {
        return Peers.STORE_NAME;
    }

    @Override
    public Dialects dialect() {
        return Dialects.REDIS;
    }

    @Override
    public void start() throws IOException {
        if (!Files.exists(file)) {
            throw new LoadException("the node has no Redis of its own to compare it with: there is no " + file);
        }
        server = Optional.of(RedisFile.read(file));
    }

    @Override
    public List<Layout.Node> nodes() {
        return List.of(new Layout.Node("127.0.0.1", server.orElseThrow().port()));
    }

    @Override
    public List<Long> pids() {
        return pids(file);
    }

    /** Of a Redis, which has its configuration's file in its command line. */
    static List<Long> pids(Path file) {
        return ProcessHandle.allProcesses()
                .filter(process -> Arrays.asList(process.info().arguments().orElse(new String[0]))
                        .contains(file.toString()))
                .map(ProcessHandle::pid)
                .toList();
    }

    @Override
    public OptionalInt connections() {
        return OptionalInt.of(connections);
    }

    @Override
    public Optional<Path> key() {
        return Optional.of(file);
    }

    @Override
    public Duration killAndStart() {
        throw new UnsupportedOperationException("its node starts it");
    }

    @Override
    public void close() {
        // It ends with its node.
    }
}
