package io.signalbox.load.chaos;

import io.signalbox.node.process.NodeProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Does faults to a node with embedded stores, and waits until it is whole again. Not thread-safe. */
final class Faults {
    private static final Duration START_PATIENCE = Duration.ofSeconds(120);
    private static final Duration STORE_PATIENCE = Duration.ofSeconds(60);
    private static final int LONGEST_STOP_MILLIS = 6000;
    private static final int SHORTEST_STOP_MILLIS = 1000;
    private static final String REDIS = "redis-server";
    private static final String POSTGRES = "/postgres";

    private final NodeProcess node;
    private final RandomGenerator random;

    Faults(NodeProcess node, RandomGenerator random) {
        this.node = node;
        this.random = random;
    }

    void perform(Fault fault) throws IOException, InterruptedException {
        switch (fault) {
            case KILL_NODE -> restart();
            case KILL_REDIS -> killStore(REDIS);
            case KILL_POSTGRES -> killStore(POSTGRES);
            case KILL_ALL -> {
                kill(store(REDIS));
                kill(store(POSTGRES));
                restart();
            }
            case STOP_NODE -> stop(Optional.of(ProcessHandle.of(node.pid()).orElseThrow()));
            case STOP_REDIS -> stop(store(REDIS));
        }
    }

    private void restart() throws IOException, InterruptedException {
        node.kill();
        node.start(START_PATIENCE);
    }

    private void killStore(String program) throws IOException, InterruptedException {
        Optional<ProcessHandle> before = store(program);
        kill(before);
        long end = System.nanoTime() + STORE_PATIENCE.toNanos();
        while (store(program).isEmpty() || store(program).equals(before)) {
            if (System.nanoTime() > end) {
                throw new IOException(program + " was not started again within " + STORE_PATIENCE);
            }
            Thread.sleep(20);
        }
    }

    private void kill(Optional<ProcessHandle> process) throws IOException, InterruptedException {
        if (process.isPresent()) {
            signal("KILL", process.get());
        }
    }

    private void stop(Optional<ProcessHandle> process) throws IOException, InterruptedException {
        if (process.isPresent()) {
            signal("STOP", process.get());
            try {
                Thread.sleep(random.nextInt(SHORTEST_STOP_MILLIS, LONGEST_STOP_MILLIS));
            } finally {
                signal("CONT", process.get());
            }
        }
    }

    /** The store's first process: PostgreSQL's others are its children, and end with it. */
    private Optional<ProcessHandle> store(String program) {
        return ProcessHandle.of(node.pid()).stream()
                .flatMap(ProcessHandle::descendants)
                .filter(process -> runs(process, program))
                .filter(process ->
                        process.parent().filter(parent -> runs(parent, program)).isEmpty())
                .findFirst();
    }

    private static boolean runs(ProcessHandle process, String program) {
        String command = process.info().command().orElse("");
        return program.startsWith("/")
                ? command.endsWith(program)
                : Stream.of(command.split("/"))
                        .reduce((first, last) -> last)
                        .orElse("")
                        .startsWith(program);
    }

    private static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
        List<String> command = List.of("kill", "-" + name, Long.toString(process.pid()));
        int exitCode = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (exitCode != 0 && process.isAlive()) {
            throw new IOException(String.join(" ", command) + " ended with " + exitCode);
        }
    }
}
