package io.signalbox.node.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** PostgreSQL 18. The cluster lies in {@code <folder>/cluster}; passwords are checked (SCRAM), the locale is C. */
final class PostgresProgram implements StoreProgram {
    static final String MAJOR_VERSION = "18";
    static final String USER = "signalbox";
    static final String DATABASE = "postgres";

    private static final Logger log = LoggerFactory.getLogger(PostgresProgram.class);
    private static final Duration INIT_TIME = Duration.ofSeconds(60);
    private static final String CANNOT_CONNECT_NOW = "57P03";
    private static final String CONNECTION_FAILURE = "08";
    private static final String INVALID_PASSWORD = "28P01";

    /**
     * Given on the command line, where they win over every file. The first three are what "committed" rests on; the rest
     * keeps a server small that the nodes of one machine use.
     */
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("fsync", "on"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("full_page_writes", "on"),
            Map.entry("listen_addresses", "127.0.0.1"),
            Map.entry("unix_socket_directories", ""),
            Map.entry("password_encryption", "scram-sha-256"),
            Map.entry("max_connections", "200"),
            Map.entry("shared_buffers", "128MB"),
            Map.entry("max_wal_size", "1GB"),
            Map.entry("max_worker_processes", "2"),
            Map.entry("max_parallel_workers", "0"),
            Map.entry("jit", "off"),
            Map.entry("logging_collector", "off"),
            Map.entry("log_timezone", "UTC"),
            Map.entry("timezone", "UTC"));

    private final Path folder;
    private final Path cluster;
    private final Binaries binaries;
    private final ChildLog childLog;
    private Path installation = Path.of("");
    private Optional<Account> account = Optional.empty();

    PostgresProgram(Path folder, Binaries binaries, ChildLog childLog) {
        this.folder = folder;
        this.cluster = folder.resolve("cluster");
        this.binaries = binaries;
        this.childLog = childLog;
    }

    @Override
    public String name() {
        return "PostgreSQL";
    }

    @Override
    public void prepare(StoreSettings settings) throws IOException {
        installation = binaries.postgres();
        Account chosen = Account.unprivileged(folder);
        account = Optional.of(chosen);
        if (Files.exists(cluster)) {
            checkVersion();
        } else {
            initialise(chosen, settings);
        }
        chosen.own(cluster);
        removeStaleLock();
    }

    private void checkVersion() throws IOException {
        Path file = cluster.resolve("PG_VERSION");
        String found = Files.exists(file) ? Files.readString(file).strip() : "none";
        if (!found.equals(MAJOR_VERSION)) {
            throw new StoreException(
                    cluster + " was made by PostgreSQL " + found + ", this node brings " + MAJOR_VERSION
                            + ". Start the node version that made it, or dump and restore, or choose another node.data-directory.");
        }
    }

    /** The cluster is made under another name and moved when it is whole, so that a crash meanwhile leaves none. */
    private void initialise(Account owner, StoreSettings settings) throws IOException {
        log.info("Creating a PostgreSQL cluster in {}", cluster);
        Path unfinished = folder.resolve("cluster.unfinished");
        Path passwordFile = folder.resolve("password.unfinished");
        FileTree.delete(unfinished);
        Files.deleteIfExists(passwordFile);
        try {
            Files.createDirectory(unfinished);
            StoreSettings.createPrivate(passwordFile);
            Files.writeString(passwordFile, settings.password().reveal());
            owner.own(unfinished);
            owner.own(passwordFile);
            Command.run(
                    "initdb",
                    Command.prefixed(owner.prefix(), initdb(unfinished, passwordFile, settings.marker())),
                    childLog,
                    INIT_TIME);
            Files.move(unfinished, cluster, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(passwordFile);
        }
    }

    /** With the marker, for it too can outlive its node. */
    private List<String> initdb(Path target, Path passwordFile, String marker) {
        return List.of(
                installation.resolve("bin/initdb").toString(),
                "--pgdata=" + target,
                "--username=" + USER,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--data-checksums",
                "--set=cluster_name=" + marker);
    }

    /**
     * PostgreSQL takes a lock file for valid when any process has its id, which after a restart of the machine or the
     * container may be anybody. Ours are gone when this is called.
     */
    private void removeStaleLock() throws IOException {
        Path lock = cluster.resolve("postmaster.pid");
        if (!Files.exists(lock)) {
            return;
        }
        String pid = Files.readString(lock).lines().findFirst().orElse("").strip();
        if (!pid.isEmpty() && isRunningPostgres(Path.of("/proc", pid))) {
            throw new StoreException("A PostgreSQL that this node did not start (process " + pid + ") uses " + cluster
                    + ". Stop it, then start again.");
        }
        Files.delete(lock);
        log.info("Removed the lock file of a PostgreSQL that is gone (process {})", pid);
    }

    /** A zombie, killed with its node and not yet taken notice of by anybody, has a name still, but no command line. */
    private static boolean isRunningPostgres(Path process) {
        try {
            return Files.readString(process.resolve("comm")).startsWith("postgres")
                    && Files.readAllBytes(process.resolve("cmdline")).length > 0;
        } catch (IOException gone) {
            return false;
        }
    }

    @Override
    public List<String> command(StoreSettings settings) {
        Stream<String> program = Stream.of(
                installation.resolve("bin/postgres").toString(),
                "-D",
                cluster.toString(),
                "-p",
                Integer.toString(settings.port()),
                "-c",
                "cluster_name=" + settings.marker());
        Stream<String> options = SETTINGS.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .flatMap(setting -> Stream.of("-c", setting.getKey() + "=" + setting.getValue()));
        return Command.prefixed(
                account.orElseThrow().prefix(), Stream.concat(program, options).toList());
    }

    @Override
    public Optional<Map<String, String>> facts(StoreSettings settings) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", settings.password().reveal());
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("socketTimeout", "5");
        String url = "jdbc:postgresql://127.0.0.1:" + settings.port() + "/" + DATABASE;
        try (Connection connection = DriverManager.getConnection(url, properties);
                Statement statement = connection.createStatement()) {
            Map<String, String> facts = new LinkedHashMap<>();
            for (String name : List.of("server_version", "fsync", "synchronous_commit", "full_page_writes")) {
                try (ResultSet row = statement.executeQuery("SHOW " + name)) {
                    row.next();
                    facts.put("postgres." + name, row.getString(1));
                }
            }
            return Optional.of(facts);
        } catch (SQLException e) {
            String state = Optional.ofNullable(e.getSQLState()).orElse("");
            if (state.equals(CANNOT_CONNECT_NOW) || state.startsWith(CONNECTION_FAILURE)) {
                return Optional.empty();
            }
            if (state.equals(INVALID_PASSWORD)) {
                throw new StoreException("PostgreSQL refuses the password in " + folder.resolve("store.properties")
                        + ". Restore that file from a copy, or move " + folder + " away to start with an empty store.");
            }
            throw e;
        }
    }

    @Override
    public Map<String, String> demanded() {
        return Map.of("postgres.fsync", "on", "postgres.synchronous_commit", "on", "postgres.full_page_writes", "on");
    }

    /** Fast shutdown, which does not wait for clients; then immediate, which recovers from the log at the next start. */
    @Override
    public List<StopStep> stopSteps() {
        return List.of(
                new StopStep(Signal.INT, Duration.ofSeconds(15)),
                new StopStep(Signal.QUIT, Duration.ofSeconds(5)),
                new StopStep(Signal.KILL, Duration.ofSeconds(5)));
    }

    @Override
    public StoreAddress address(StoreSettings settings) {
        return new StoreAddress(
                "postgresql://127.0.0.1:" + settings.port() + "/" + DATABASE, USER, settings.password());
    }
}
