package io.signalbox.node.embedded;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one server running: starts it, checks what it answers about its settings, starts it again when it dies, stops it.
 * One thread does all of it, from start to stop. The public methods are thread-safe and idempotent.
 */
final class StoreServer {
    private static final Logger log = LoggerFactory.getLogger(StoreServer.class);

    private static final Duration START_TIME = Duration.ofMinutes(2);
    private static final Duration PROGRESS = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);
    private static final int PORT_TRIALS = 3;
    private static final long NEEDED_BYTES = 256L << 20;

    private final StoreProgram program;
    private final Path folder;
    private final ChildLog childLog;
    private final RandomGenerator random;

    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch stopRequest = new CountDownLatch(1);
    private final Promise<StoreAddress> started = Promise.promise();
    private final Promise<Void> stopped = Promise.promise();
    private volatile boolean ready;
    private volatile Map<String, String> facts = Map.of();

    /** Confined to the supervising thread. */
    private Optional<Process> child = Optional.empty();

    StoreServer(StoreProgram program, Path folder, ChildLog childLog, RandomGenerator random) {
        this.program = program;
        this.folder = folder;
        this.childLog = childLog;
        this.random = random;
    }

    /** Completes when the server takes connections; fails with {@link StoreException}. */
    Future<StoreAddress> start() {
        if (begun.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("embedded-" + program.name()).start(this::run);
        }
        return started.future();
    }

    /** Never fails. */
    Future<Void> stop() {
        stopRequest.countDown();
        if (begun.compareAndSet(false, true)) {
            started.fail(new StoreException(program.name() + " was stopped before it was started"));
            stopped.complete();
        }
        return stopped.future();
    }

    boolean isReady() {
        return ready;
    }

    /** What the running server said last; empty before the start. */
    Map<String, String> facts() {
        return facts;
    }

    private void run() {
        try {
            StoreSettings settings = startFirst();
            started.complete(program.address(settings));
            supervise(settings);
        } catch (StoreException e) {
            started.tryFail(e);
        } catch (IOException | SQLException | RuntimeException e) {
            started.tryFail(new StoreException(program.name() + " cannot be started in " + folder + ": " + e, e));
        } finally {
            ready = false;
            terminate();
            stopped.complete();
        }
    }

    private StoreSettings startFirst() throws IOException, SQLException {
        Files.createDirectories(folder);
        checkSpace();
        StoreSettings settings = StoreSettings.load(folder, random);
        new Orphans(settings.marker()).stop(program.name(), program.stopSteps());
        childLog.open();
        settings.save();
        program.prepare(settings);
        for (int trial = 1; ; trial++) {
            settings = atFreePort(settings);
            try {
                launch(settings);
                return settings;
            } catch (StoreException e) {
                terminate();
                if (trial == PORT_TRIALS || FreePort.isFree(settings.port())) {
                    throw e;
                }
            }
        }
    }

    private void checkSpace() throws IOException {
        long usable = Files.getFileStore(folder).getUsableSpace();
        if (usable < NEEDED_BYTES) {
            throw new StoreException("Only " + (usable >> 20) + " MiB are free for " + program.name() + " in " + folder
                    + ", at least " + (NEEDED_BYTES >> 20) + " MiB are needed. Free space or choose another"
                    + " node.data-directory.");
        }
    }

    private StoreSettings atFreePort(StoreSettings settings) throws IOException {
        if (settings.port() != 0 && FreePort.isFree(settings.port())) {
            return settings;
        }
        StoreSettings moved = settings.atPort(FreePort.find(random));
        if (settings.port() != 0) {
            log.info("Port {} is occupied, {} moves to {}", settings.port(), program.name(), moved.port());
        }
        moved.save();
        return moved;
    }

    /** Starts the server and waits until it answers as it must. */
    private void launch(StoreSettings settings) throws IOException, SQLException {
        Process process = Command.builder(Command.prefixed(ownSession(), program.command(settings)))
                .redirectErrorStream(true)
                .redirectOutput(childLog.appending())
                .start();
        child = Optional.of(process);
        Map<String, String> answered = awaitFacts(process, settings);
        program.demanded().forEach((name, demanded) -> {
            if (!demanded.equals(answered.get(name))) {
                throw new StoreException(
                        name + " is " + answered.get(name) + " in the running server and must be " + demanded);
            }
        });
        facts = Map.copyOf(answered);
        ready = true;
    }

    /** In its own session a server does not get the Ctrl-C of the node's terminal: the node drains first, then stops it. */
    private static List<String> ownSession() {
        return Command.succeeds(List.of("setsid", "true"), Duration.ofSeconds(5)) ? List.of("setsid") : List.of();
    }

    private Map<String, String> awaitFacts(Process process, StoreSettings settings) throws SQLException {
        Deadline deadline = Deadline.in(START_TIME);
        Deadline progress = Deadline.in(PROGRESS);
        while (!deadline.isOver()) {
            if (!process.isAlive()) {
                throw new StoreException(program.name() + " ended with exit code " + process.exitValue()
                        + " while it started" + childLog.ending());
            }
            Optional<Map<String, String>> answered = ask(settings);
            if (answered.isPresent()) {
                return answered.get();
            }
            if (progress.isOver()) {
                log.info("{} is not ready yet, see {}", program.name(), childLog.file());
                progress = Deadline.in(PROGRESS);
            }
            if (stopRequestedWithin(POLL)) {
                throw new StoreException(program.name() + " was stopped while it started");
            }
        }
        throw new StoreException(
                program.name() + " did not get ready within " + START_TIME.toSeconds() + " s" + childLog.ending());
    }

    private Optional<Map<String, String>> ask(StoreSettings settings) throws SQLException {
        try {
            return program.facts(settings);
        } catch (IOException e) {
            log.debug("{} does not answer yet", program.name(), e);
            return Optional.empty();
        }
    }

    private void supervise(StoreSettings settings) {
        while (!stopRequestedBeforeExit()) {
            ready = false;
            log.error(
                    "{} ended unexpectedly with exit code {}; starting it again{}",
                    program.name(),
                    child.map(Process::exitValue).orElse(-1),
                    childLog.ending());
            restart(settings);
        }
    }

    private boolean stopRequestedBeforeExit() {
        CompletableFuture<Process> exit = child.orElseThrow().onExit();
        while (!exit.isDone()) {
            if (stopRequestedWithin(POLL)) {
                return true;
            }
        }
        return false;
    }

    /** Ends when the server is up again, at the same port, or a stop was requested. */
    private void restart(StoreSettings settings) {
        Duration backoff = FIRST_BACKOFF;
        while (!stopRequestedWithin(backoff)) {
            try {
                new Orphans(settings.marker()).stop(program.name(), program.stopSteps());
                program.prepare(settings);
                launch(settings);
                log.info("{} is up again", program.name());
                return;
            } catch (IOException | SQLException | StoreException e) {
                terminate();
                backoff = backoff.multipliedBy(2).compareTo(LONGEST_BACKOFF) < 0
                        ? backoff.multipliedBy(2)
                        : LONGEST_BACKOFF;
                log.error("{} cannot be started again, next trial in {}", program.name(), backoff, e);
            }
        }
    }

    private boolean stopRequestedWithin(Duration time) {
        try {
            return stopRequest.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new StoreException("interrupted", e);
        }
    }

    private void terminate() {
        child.filter(Process::isAlive).ifPresent(process -> {
            for (StopStep step : program.stopSteps()) {
                Command.signal(process.pid(), step.signal());
                if (endsWithin(process, step.patience())) {
                    return;
                }
                log.warn("{} did not end within {} after {}", program.name(), step.patience(), step.signal());
            }
        });
        child = Optional.empty();
    }

    private static boolean endsWithin(Process process, Duration patience) {
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new StoreException("interrupted", e);
        }
    }
}
