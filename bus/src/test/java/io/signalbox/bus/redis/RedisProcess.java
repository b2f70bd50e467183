package io.signalbox.bus.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** One real server or sentinel, which can be killed, stopped and started again at the same port. */
public final class RedisProcess {
    private static final int READ_MILLIS = 5000;
    private static final Path PROGRAM = unpack();

    private final int port;
    private final List<String> command;
    private final Path log;
    private Process process;

    private RedisProcess(int port, Path directory, List<String> arguments) {
        this.port = port;
        this.command = new ArrayList<>(List.of(PROGRAM.toString()));
        this.command.addAll(arguments);
        this.log = directory.resolve("log");
        start();
    }

    /** A server whose files are synced before each answer. */
    static RedisProcess server(Path directory, String... settings) {
        int port = freePort();
        List<String> arguments = new ArrayList<>(List.of("--port", Integer.toString(port)));
        arguments.addAll(List.of("--bind", "127.0.0.1", "--dir", directory.toString(), "--save", ""));
        arguments.addAll(List.of("--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0"));
        arguments.addAll(List.of(settings));
        return new RedisProcess(port, directory, arguments);
    }

    /** @param configuration besides the port */
    static RedisProcess sentinel(Path directory, String configuration) throws IOException {
        int port = freePort();
        Path file = directory.resolve("sentinel.conf");
        Files.writeString(file, "port " + port + "\nbind 127.0.0.1\ndir \"" + directory + "\"\n" + configuration);
        return new RedisProcess(port, directory, List.of(file.toString(), "--sentinel"));
    }

    private static Path unpack() {
        String machine = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        try (InputStream program = RedisProcess.class.getResourceAsStream("/redis-server-7.0.15-linux-" + machine)) {
            Path file = Files.createTempFile("redis-server", "");
            file.toFile().deleteOnExit();
            Files.write(file, program.readAllBytes());
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Below those that the system gives to outgoing connections: one of these could take it while the server is down. */
    static int freePort() {
        return ThreadLocalRandom.current()
                .ints(15_000, 30_000)
                .filter(RedisProcess::isFree)
                .findFirst()
                .orElseThrow();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return true;
        } catch (IOException occupied) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    /** Completes once it answers. */
    public void start() {
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            Process child = process;
            Runtime.getRuntime().addShutdownHook(new Thread(child::destroyForcibly));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        RedisServers.await(() -> {
            if (!process.isAlive()) {
                throw new AssertionError("Redis did not start: see " + log);
            }
            return answers("PING", "PONG");
        });
    }

    /** Whether the answer has this in it; not when there is none. */
    public boolean answers(String command, String part) {
        try {
            return ask(command).contains(part);
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    /** @param command words, separated by blanks. @return the answer as it came, parts of it on lines of their own */
    public String ask(String command) {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            socket.setSoTimeout(READ_MILLIS);
            socket.getOutputStream().write((command + "\r\n").getBytes());
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code kill -9}. */
    public void kill() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Of a killed one: what it wrote. */
    public void wipe() {
        try (Stream<Path> files = Files.walk(log.resolveSibling("appendonlydir"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It keeps its connections and answers nothing any more. */
    public void suspend() {
        signal("STOP");
    }

    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
