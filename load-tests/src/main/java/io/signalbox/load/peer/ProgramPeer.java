package io.signalbox.load.peer;

import io.signalbox.load.dialect.Dialects;
import io.signalbox.load.generator.Layout;
import io.signalbox.node.embedded.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** A peer that is one program with a port. */
final class ProgramPeer implements Peer {
    /** Makes the command for a port. */
    interface Program {
        List<String> command(int port) throws IOException;
    }

    private final String name;
    private final Dialects dialect;
    private final Program program;
    private final String pin;
    private final Path log;
    private Optional<ServerProcess> process = Optional.empty();

    ProgramPeer(String name, Dialects dialect, Program program, String pin, Path log) {
        this.name = name;
        this.dialect = dialect;
        this.program = program;
        this.pin = pin;
        this.log = log;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Dialects dialect() {
        return dialect;
    }

    @Override
    public void start() throws IOException, InterruptedException {
        int port = FreePort.find(ThreadLocalRandom.current());
        process = Optional.of(ServerProcess.start(program.command(port), port, pin, log));
    }

    @Override
    public Duration killAndStart() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        ServerProcess old = process.orElseThrow();
        old.kill();
        int port = old.node().port();
        process = Optional.of(ServerProcess.start(program.command(port), port, pin, log));
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Override
    public List<Layout.Node> nodes() {
        return List.of(process.orElseThrow().node());
    }

    @Override
    public List<Long> pids() {
        return List.of(process.orElseThrow().pid());
    }

    @Override
    public void close() {
        process.ifPresent(ServerProcess::close);
    }
}
