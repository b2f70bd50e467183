package io.signalbox.node.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class EmbeddedStoresTest {
    private static final Path PROGRAMS = Path.of("target", "embedded-programs");

    @TempDir
    Path directory;

    private final List<EmbeddedStores> begun = new ArrayList<>();

    @AfterEach
    void stopAll() throws Exception {
        for (EmbeddedStores stores : begun) {
            get(stores.stop());
        }
    }

    @Test
    void shouldHaveDurableSettingsOnWhenStarted() throws Exception {
        EmbeddedStores stores = stores();

        Map<StoreKind, StoreAddress> addresses = get(stores.start());

        assertThat(stores.facts())
                .containsEntry("postgres.fsync", "on")
                .containsEntry("postgres.synchronous_commit", "on")
                .containsEntry("postgres.full_page_writes", "on")
                .containsEntry("redis.appendonly", "yes")
                .containsEntry("redis.appendfsync", "always");
        assertThat(stores.facts().get("postgres.server_version")).startsWith("18.");
        assertThat(stores.facts().get("redis.version")).startsWith("7.0.");
        assertThat(StoreClient.query(addresses.get(StoreKind.POSTGRES), "SHOW fsync"))
                .isEqualTo("on");
        assertThat(stores.isReady(StoreKind.POSTGRES)).isTrue();
        assertThat(stores.isReady(StoreKind.REDIS)).isTrue();
    }

    @Test
    void shouldKeepDataPortsAndPasswordsWhenStartedAgain() throws Exception {
        EmbeddedStores first = stores();
        Map<StoreKind, StoreAddress> before = get(first.start());
        write(before);
        get(first.stop());

        Map<StoreKind, StoreAddress> after = get(stores().start());

        assertThat(after).isEqualTo(before);
        assertWritten(after);
    }

    @Test
    void shouldLetNobodyInWithoutThePassword() throws Exception {
        Map<StoreKind, StoreAddress> addresses = get(stores().start());

        assertThatThrownBy(() -> StoreClient.connect(addresses.get(StoreKind.POSTGRES), "wrong"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password authentication failed");
        assertThat(StoreClient.redis(addresses.get(StoreKind.REDIS), "", "GET a"))
                .startsWith("-NOAUTH");
        for (String file : List.of("postgres/store.properties", "redis/store.properties", "redis/redis.conf")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file))))
                    .as(file)
                    .isEqualTo("rw-------");
        }
    }

    /** Ctrl-C goes to everything in the session of the terminal; the node drains before its stores end. */
    @Test
    void shouldBeOutOfReachOfTheTerminalWhenRunning() throws Exception {
        get(stores().start());

        long ourSession = session(ProcessHandle.current().pid());
        assertThat(servers())
                .isNotEmpty()
                .allSatisfy(pid -> assertThat(session(pid)).isNotEqualTo(ourSession));
    }

    @Test
    void shouldTakeOverWhenServersOutlivedTheirNode() throws Exception {
        Process node = StoresProcess.launch(directory, PROGRAMS);
        List<Long> orphans;
        try {
            orphans = servers();
        } finally {
            node.destroyForcibly().waitFor();
        }
        // A server that has just started has children that end by themselves.
        assertThat(orphans.stream().filter(pid -> ProcessHandle.of(pid).isPresent()))
                .hasSizeGreaterThanOrEqualTo(2);

        Map<StoreKind, StoreAddress> addresses = get(stores().start());

        write(addresses);
        assertWritten(addresses);
        assertThat(servers()).isNotEmpty().doesNotContainAnyElementsOf(orphans);
    }

    /** Where no init takes notice of orphans, as in many containers, PostgreSQL killed with its node stays a zombie. */
    @Test
    void shouldStartWhenTheLockIsThatOfAZombie() throws Exception {
        get(stores().start());
        get(begun.removeLast().stop());
        Path named = Files.createSymbolicLink(directory.resolve("postgres-zombie"), Path.of("/bin/true"));
        Process parent =
                new ProcessBuilder("sh", "-c", "{ sleep 1; exec " + named + "; } & echo $!; exec sleep 300").start();
        try {
            String zombie = parent.inputReader().readLine();
            Eventually.isTrue("it is a zombie", () -> hasNoCommandLine(zombie));
            Files.writeString(directory.resolve("postgres/cluster/postmaster.pid"), zombie + "\n");

            assertThat(get(stores().start())).containsKey(StoreKind.POSTGRES);
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }

    private static boolean hasNoCommandLine(String pid) {
        try {
            return Files.readAllBytes(Path.of("/proc", pid, "cmdline")).length == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldStartOverWhenTheNodeWasKilledWhileItMadeTheCluster() throws Exception {
        new Binaries(PROGRAMS, Platform.current()).postgres();
        Process node = StoresProcess.begin(directory, PROGRAMS);
        try {
            Path begun = directory.resolve("postgres/cluster.unfinished/base");
            Eventually.isTrue("initdb is at work", () -> Files.exists(begun));
        } finally {
            node.destroyForcibly().waitFor();
        }

        Map<StoreKind, StoreAddress> addresses = get(stores().start());

        write(addresses);
        assertThat(directory.resolve("postgres/cluster.unfinished")).doesNotExist();
    }

    @Test
    void shouldRecoverCommittedDataWhenServersWereKilled() throws Exception {
        EmbeddedStores first = stores();
        Map<StoreKind, StoreAddress> addresses = get(first.start());
        write(addresses);

        servers().forEach(pid -> Command.signal(pid, Signal.KILL));

        Eventually.isTrue("ready again", () -> {
            try {
                assertWritten(addresses);
                return true;
            } catch (Exception notYet) {
                return false;
            }
        });
        Eventually.isTrue("said so", () -> first.isReady(StoreKind.POSTGRES) && first.isReady(StoreKind.REDIS));
    }

    @Test
    void shouldMoveToAnotherPortWhenTheRememberedOneIsOccupied() throws Exception {
        EmbeddedStores first = stores();
        Map<StoreKind, StoreAddress> before = get(first.start());
        write(before);
        get(first.stop());

        try (ServerSocket postgres = occupy(before.get(StoreKind.POSTGRES));
                ServerSocket redis = occupy(before.get(StoreKind.REDIS))) {
            Map<StoreKind, StoreAddress> after = get(stores().start());

            assertThat(URI.create(after.get(StoreKind.POSTGRES).url()).getPort())
                    .isNotEqualTo(postgres.getLocalPort());
            assertThat(URI.create(after.get(StoreKind.REDIS).url()).getPort()).isNotEqualTo(redis.getLocalPort());
            assertWritten(after);
        }
    }

    @Test
    void shouldStartWhenTheLockFileOfPostgresNamesAnotherProcess() throws Exception {
        EmbeddedStores first = stores();
        write(get(first.start()));
        get(first.stop());
        Path lock = directory.resolve("postgres/cluster/postmaster.pid");
        Files.writeString(lock, ProcessHandle.current().pid() + "\n" + lock.getParent() + "\n");

        assertWritten(get(stores().start()));
    }

    @Test
    void shouldSayWhatToDoWhenTheClusterIsOfAnotherVersion() throws Exception {
        Files.createDirectories(directory.resolve("postgres/cluster"));
        Files.writeString(directory.resolve("postgres/cluster/PG_VERSION"), "17\n");

        assertThatThrownBy(() -> get(stores(StoreKind.POSTGRES).start()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("PostgreSQL 17")
                .hasMessageContaining("this node brings 18");
    }

    @Test
    void shouldSayWhatToDoWhenThePasswordIsLost() throws Exception {
        EmbeddedStores first = stores(StoreKind.POSTGRES);
        get(first.start());
        get(first.stop());
        Files.delete(directory.resolve("postgres/store.properties"));

        assertThatThrownBy(() -> get(stores(StoreKind.POSTGRES).start()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("refuses the password");
    }

    @Test
    void shouldShowTheServersLogWhenItCannotStart() throws Exception {
        EmbeddedStores first = stores(StoreKind.POSTGRES);
        get(first.start());
        get(first.stop());
        Files.writeString(directory.resolve("postgres/cluster/postgresql.conf"), "no_such_setting = 1\n");

        assertThatThrownBy(() -> get(stores(StoreKind.POSTGRES).start()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no_such_setting");
    }

    @Test
    void shouldStopTheOtherStoreWhenOneCannotStart() throws Exception {
        Files.createDirectories(directory.resolve("postgres/cluster"));
        Files.writeString(directory.resolve("postgres/cluster/PG_VERSION"), "17\n");
        EmbeddedStores stores = stores();

        assertThatThrownBy(() -> get(stores.start())).isInstanceOf(StoreException.class);

        assertThat(stores.isReady(StoreKind.REDIS)).isFalse();
        assertThat(servers()).isEmpty();
    }

    @Test
    void shouldLeaveNothingRunningWhenStoppedDuringStart() throws Exception {
        EmbeddedStores stores = stores();
        Future<Map<StoreKind, StoreAddress>> start = stores.start();

        get(stores.stop());
        get(stores.stop());

        assertThatThrownBy(() -> get(start)).isInstanceOf(StoreException.class);
        assertThat(servers()).isEmpty();
    }

    @Test
    void shouldNotStartWhenStoppedBefore() throws Exception {
        EmbeddedStores stores = stores();
        get(stores.stop());

        assertThatThrownBy(() -> get(stores.start())).isInstanceOf(StoreException.class);
    }

    private EmbeddedStores stores(StoreKind... kinds) {
        Set<StoreKind> wanted = kinds.length == 0 ? EnumSet.allOf(StoreKind.class) : Set.of(kinds);
        EmbeddedStores stores = new EmbeddedStores(directory, PROGRAMS, wanted, new SecureRandom());
        begun.add(stores);
        return stores;
    }

    /** Processes that carry the markers of this test's data directory. */
    private List<Long> servers() throws IOException {
        List<Long> found = new ArrayList<>();
        for (String folder : List.of("postgres", "redis")) {
            if (StoreSettings.exist(directory.resolve(folder))) {
                String marker = StoreSettings.load(directory.resolve(folder), new SecureRandom())
                        .marker();
                found.addAll(new Orphans(marker).find());
            }
        }
        return found;
    }

    /** The sixth field; the second may hold anything, in parentheses. */
    private static long session(long pid) throws IOException {
        String fields = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        return Long.parseLong(fields.substring(fields.lastIndexOf(')') + 2).split(" ")[3]);
    }

    private static void write(Map<StoreKind, StoreAddress> addresses) throws Exception {
        StoreClient.execute(addresses.get(StoreKind.POSTGRES), "CREATE TABLE kept AS SELECT 'precious' AS what");
        StoreAddress redis = addresses.get(StoreKind.REDIS);
        assertThat(StoreClient.redis(redis, redis.password().reveal(), "SET kept precious"))
                .contains("+OK");
    }

    private static void assertWritten(Map<StoreKind, StoreAddress> addresses) throws Exception {
        assertThat(StoreClient.query(addresses.get(StoreKind.POSTGRES), "SELECT what FROM kept"))
                .isEqualTo("precious");
        StoreAddress redis = addresses.get(StoreKind.REDIS);
        assertThat(StoreClient.redis(redis, redis.password().reveal(), "GET kept"))
                .contains("precious");
    }

    private static ServerSocket occupy(StoreAddress address) throws IOException {
        return new ServerSocket(URI.create(address.url()).getPort(), 1, InetAddress.ofLiteral("127.0.0.1"));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.await(120, TimeUnit.SECONDS);
    }
}
