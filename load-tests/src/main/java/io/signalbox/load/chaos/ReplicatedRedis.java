package io.signalbox.load.chaos;

import io.signalbox.node.embedded.EmbeddedStores;
import io.signalbox.node.embedded.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Two servers of Redis, of which one is the primary and the other its replica, and three sentinels that let the replica take
 * over when the primary is dead for a second. Processes of this one. One thread at a time does something to them.
 */
final class ReplicatedRedis implements AutoCloseable {
    /** Name by which the sentinels know the primary. */
    static final String MASTER = "main";

    private static final int SERVERS = 2;
    private static final int SENTINELS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(25);

    /** One process, which can be started again with the same files at the same port. */
    private static final class Member {
        final Path folder;
        final int port;
        final List<String> command;
        Process process;

        Member(Path folder, int port, List<String> command) {
            this.folder = folder;
            this.port = port;
            this.command = command;
        }

        void start() throws IOException {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("log").toFile()))
                    .start();
        }
    }

    private final Path directory;
    private final String password = UUID.randomUUID().toString();
    private final List<Member> servers = new ArrayList<>();
    private final List<Member> sentinels = new ArrayList<>();

    /** @param directory for data and logs */
    ReplicatedRedis(Path directory) {
        this.directory = directory;
    }

    /** Returns when the replica has what the primary has and the sentinels know both. */
    void start(Path programs) throws IOException, InterruptedException {
        Path program = EmbeddedStores.redisProgram(programs);
        for (int i = 0; i < SERVERS; i++) {
            servers.add(member("server-" + i, program, List.of(), this::server));
        }
        servers.getLast().command.addAll(List.of("--replicaof", "127.0.0.1 " + servers.getFirst().port));
        for (Member server : servers) {
            server.start();
        }
        await("the replica follows", () -> replica().isPresent());
        for (int i = 0; i < SENTINELS; i++) {
            sentinels.add(member("sentinel-" + i, program, List.of("--sentinel"), this::sentinel));
            sentinels.getLast().start();
        }
        awaitWhole();
    }

    private interface Configuration {
        String of(Path folder, int port);
    }

    private Member member(String name, Path program, List<String> options, Configuration configuration)
            throws IOException {
        Path folder = Files.createDirectories(directory.resolve(name));
        Path file = folder.resolve("redis.conf");
        int port = FreePort.find(ThreadLocalRandom.current());
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, configuration.of(folder, port));
        List<String> command = new ArrayList<>(List.of(program.toString(), file.toString()));
        command.addAll(options);
        return new Member(folder, port, command);
    }

    private String server(Path folder, int port) {
        return """
                bind 127.0.0.1
                port %d
                requirepass %s
                masterauth %s
                dir "%s"
                appendonly yes
                appendfsync always
                save ""
                maxmemory-policy noeviction
                repl-diskless-sync-delay 0
                """.formatted(port, password, password, folder);
    }

    private String sentinel(Path folder, int port) {
        return """
                bind 127.0.0.1
                port %1$d
                dir "%2$s"
                sentinel monitor %3$s 127.0.0.1 %4$d 2
                sentinel auth-pass %3$s %5$s
                sentinel down-after-milliseconds %3$s 1000
                sentinel failover-timeout %3$s 3000
                """.formatted(port, folder, MASTER, servers.getFirst().port, password);
    }

    /** Of the sentinels, as a list. */
    String urls() {
        return String.join(
                ",",
                sentinels.stream().map(each -> "redis://127.0.0.1:" + each.port).toList());
    }

    String password() {
        return password;
    }

    /** One is the primary, as the sentinels say too, and the other follows it. */
    boolean isWhole() {
        Optional<Member> primary = primary();
        return primary.isPresent()
                && replica().isPresent()
                && sentinels.stream().allMatch(sentinel -> knows(sentinel, primary.get()));
    }

    private static boolean knows(Member sentinel, Member primary) {
        try (RedisConversation conversation = new RedisConversation(sentinel.port, "")) {
            String facts = conversation.text("INFO", "sentinel").toLowerCase(Locale.ROOT);
            return facts.contains("status=ok,address=127.0.0.1:%d,slaves=%d,sentinels=%d"
                    .formatted(primary.port, SERVERS - 1, SENTINELS));
        } catch (IOException notNow) {
            return false;
        }
    }

    /** Of the server that is the primary now. */
    int primaryPort() throws IOException {
        return primary().orElseThrow(() -> new IOException("there is no primary")).port;
    }

    private Optional<Member> primary() {
        return server("role:master");
    }

    private Optional<Member> replica() {
        return server("master_link_status:up");
    }

    private Optional<Member> server(String fact) {
        return servers.stream().filter(each -> isSo(each, fact)).findFirst();
    }

    private boolean isSo(Member server, String fact) {
        try (RedisConversation conversation = new RedisConversation(server.port, password)) {
            return conversation.text("INFO", "replication").contains(fact);
        } catch (IOException notNow) {
            return false;
        }
    }

    /**
     * The replica follows no longer for a time; then the primary dies and the replica takes over without what it has not
     * got. Returns when the former primary was started again; it follows a little later.
     *
     * @param journal told as soon as the primary can acknowledge nothing any more
     */
    void losePrimary(Duration behind, Journal journal) throws IOException, InterruptedException {
        Member primary = primary().orElseThrow(() -> new IOException("there is no primary"));
        Member replica = replica().orElseThrow(() -> new IOException("there is no replica"));
        try (RedisConversation conversation = new RedisConversation(replica.port, password)) {
            // Who cannot log in cannot follow.
            conversation.tell("CONFIG", "SET", "masterauth", "no-longer");
            conversation.ask("CLIENT", "KILL", "TYPE", "master");
            Thread.sleep(behind);
            primary.process.destroyForcibly().waitFor();
            journal.note(new Observation.PrimaryLost());
            conversation.tell("CONFIG", "SET", "masterauth", password);
        }
        await("the replica takes over", () -> isSo(replica, "role:master"));
        primary.start();
    }

    /** Returns when the former primary follows. */
    void awaitWhole() throws IOException, InterruptedException {
        await("it is whole", this::isWhole);
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(String what, Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new IOException("Redis: not so that " + what + " after " + PATIENCE.toSeconds() + " s");
            }
            Thread.sleep(POLL);
        }
    }

    @Override
    public void close() {
        List.of(sentinels, servers)
                .forEach(members -> members.stream()
                        .filter(each -> each.process != null)
                        .forEach(each -> each.process.destroyForcibly()));
    }
}
