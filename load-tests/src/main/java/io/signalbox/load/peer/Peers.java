package io.signalbox.load.peer;

import io.signalbox.load.dialect.Dialects;
import io.signalbox.load.floor.NettyRouter;
import io.signalbox.load.floor.SockJsBridge;
import io.signalbox.load.floor.TcpEcho;
import io.signalbox.node.process.NodeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What can be under load, by the name on the command line. */
public enum Peers {
    SIGNALBOX,
    NETTY,
    ECHO,
    SOCKJS,
    NATS,
    MOSQUITTO,
    REDIS;

    /** What a router costs at the least: others are measured against it. */
    public static final String FLOOR_NAME = "bare Netty router";

    public static final String NATS_NAME = "NATS";
    public static final String STORE_NAME = "XADD, same Redis";

    private static final String DEFAULT_CONNECTIONS = "2";

    /**
     * @param nodes of Signalbox; the others are always one
     * @param agents that a node must take
     * @param settings of Signalbox's nodes
     * @param tls of Signalbox's nodes
     * @param pin processors, as {@code taskset} takes them; empty: all
     * @param eventLoops of the floors
     */
    public record Wish(
            int nodes, int agents, Map<String, String> settings, boolean tls, String pin, int eventLoops, Path home) {}

    /** Why it cannot be started here; empty: it can. */
    public Optional<String> missing() {
        return switch (this) {
            case SIGNALBOX, NETTY, ECHO, SOCKJS, REDIS -> Optional.empty();
            case NATS -> missing("nats-server");
            case MOSQUITTO -> missing("mosquitto");
        };
    }

    private static Optional<String> missing(String program) {
        return find(program).isPresent()
                ? Optional.empty()
                : Optional.of(program + " is not installed (apt install " + program + ")");
    }

    private static Optional<Path> find(String program) {
        return Stream.concat(
                        Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin", "/sbin"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    public Peer create(Wish wish) {
        return switch (this) {
            case SIGNALBOX ->
                new SignalboxPeer(wish.nodes(), wish.agents(), wish.settings(), wish.tls(), wish.pin(), wish.home());
            case NETTY -> floor(FLOOR_NAME, Dialects.NETTY, NettyRouter.class, wish);
            case ECHO -> floor("bare TCP echo", Dialects.ECHO, TcpEcho.class, wish);
            case SOCKJS -> floor("Vert.x SockJS bridge", Dialects.BRIDGE, SockJsBridge.class, wish);
            case NATS -> program(NATS_NAME, Dialects.NATS, port -> nats(port), wish);
            case MOSQUITTO -> program("Mosquitto", Dialects.MQTT, port -> mosquitto(port, wish.home()), wish);
            case REDIS -> store(wish);
        };
    }

    /** That of the node whose folder is beside this one's. */
    private static Peer store(Wish wish) {
        int connections = Integer.parseInt(wish.settings().getOrDefault("redis.connections", DEFAULT_CONNECTIONS));
        return new StorePeer(
                SignalboxPeer.redisFile(folder(SIGNALBOX, wish.home().getParent())), connections);
    }

    /** Of a peer, below the folder of the whole run. */
    public static Path folder(Peers peer, Path home) {
        return home.resolve(peer.name().toLowerCase(Locale.ROOT));
    }

    private static Peer program(String name, Dialects dialect, ProgramPeer.Program program, Wish wish) {
        return new ProgramPeer(name, dialect, program, wish.pin(), wish.home().resolve("server.log"));
    }

    private static Peer floor(String name, Dialects dialect, Class<?> main, Wish wish) {
        return program(name, dialect, port -> java(main, port, wish.eventLoops()), wish);
    }

    /** With the flags that a node has. */
    private static List<String> java(Class<?> main, int port, int eventLoops) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(NodeProcess.jvmSettings());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(Integer.toString(port), Integer.toString(eventLoops)));
        return command;
    }

    private static List<String> nats(int port) {
        return List.of(find("nats-server").orElseThrow().toString(), "-a", "127.0.0.1", "-p", Integer.toString(port));
    }

    private static List<String> mosquitto(int port, Path home) throws IOException {
        Path file = Files.writeString(home.resolve("mosquitto.conf"), """
                listener %d 127.0.0.1
                allow_anonymous true
                set_tcp_nodelay true
                max_queued_messages 0
                persistence false
                """.formatted(port));
        return List.of(find("mosquitto").orElseThrow().toString(), "-c", file.toString());
    }
}
