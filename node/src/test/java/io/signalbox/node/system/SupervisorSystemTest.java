package io.signalbox.node.system;

import static io.signalbox.node.system.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes under a supervisor, real processes that are killed with SIGKILL. */
@Timeout(240)
final class SupervisorSystemTest {
    private static final Pattern URL = Pattern.compile("node-(\\d) +(http://127\\.0\\.0\\.1:\\d+)");

    @TempDir
    Path directory;

    private Path data;

    @BeforeEach
    void unpackOnceForAllTests() throws IOException {
        data = Files.createDirectories(directory.resolve("data"));
        Path programs = Files.createDirectories(Path.of("target", "embedded-programs"));
        Files.createSymbolicLink(data.resolve("bin"), programs.toAbsolutePath());
    }

    private SupervisorProcess supervisor() throws IOException {
        return supervisor(Map.of());
    }

    private SupervisorProcess supervisor(Map<String, String> settings) throws IOException {
        Map<String, String> all = new HashMap<>(Map.of("gateway.port", "0", "cluster.port", "0"));
        all.putAll(settings);
        return new SupervisorProcess(data, all);
    }

    private static Map<String, String> urls(SupervisorProcess supervisor) {
        Matcher urls = URL.matcher(supervisor.output());
        return urls.results().collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
    }

    private static Set<Long> stores(SupervisorProcess supervisor) {
        return supervisor
                .process()
                .children()
                .filter(child -> !child.info().command().orElse("").endsWith("java"))
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }

    private static boolean isReady(String url) {
        try (Http http = new Http(url)) {
            return http.get("/readyz").status() == 200;
        } catch (Exception e) {
            return false;
        }
    }

    /** They said so; but tasks may have got another owner since, and are away for a moment then. */
    private static void awaitBothReady(Map<String, String> urls) throws Exception {
        assertThat(urls).hasSize(2);
        eventually("both are ready", () -> urls.values().stream().allMatch(SupervisorSystemTest::isReady));
    }

    private static String submitted(String url) throws Exception {
        AtomicReference<String> task = new AtomicReference<>("");
        try (Http http = new Http(url)) {
            eventually("a task is accepted", () -> {
                task.set(http.submit("any", "{}"));
                return !task.get().isEmpty();
            });
        }
        return task.get();
    }

    /** And the owner of the tasks. */
    private static boolean listsBothNodes(String url) {
        try (Http http = new Http(url)) {
            JsonNode nodes = http.get("/v1/nodes").json();
            return nodes.path("nodes").findValuesAsText("state").equals(List.of("live", "live"))
                    && nodes.path("unowned").isEmpty();
        } catch (Exception e) {
            return false;
        }
    }

    @Test
    void shouldStartANodeAgainWhereItWasAndLeaveTheStoresAloneWhenItIsKilled() throws Exception {
        try (SupervisorProcess supervisor = supervisor()) {
            supervisor.awaitReady();
            Map<String, String> urls = urls(supervisor);
            Set<Long> stores = stores(supervisor);
            awaitBothReady(urls);
            String task = submitted(urls.get("2"));

            ProcessHandle killed = supervisor.node("node-2");
            ProcessHandle other = supervisor.node("node-1");
            killed.destroyForcibly();
            killed.onExit().join();
            supervisor.awaitOutput("Node node-2 ended unexpectedly with exit code 137, 1 times so far");
            eventually("node-2 is ready again", () -> isReady(urls.get("2")));
            eventually("both list both", () -> urls.values().stream().allMatch(SupervisorSystemTest::listsBothNodes));

            assertThat(other.isAlive()).isTrue();
            assertThat(stores).isNotEmpty().isEqualTo(stores(supervisor));
            try (Http http = new Http(urls.get("2"))) {
                http.awaitState(task, "queued");
            }
            assertThat(supervisor.output()).contains("node-1 | ", "node-2 | ");
        }
    }

    /** A terminal sends its Ctrl-C to the nodes as well. */
    @Test
    void shouldStopNodesBeforeStoresWhenAskedTo() throws Exception {
        try (SupervisorProcess supervisor = supervisor()) {
            supervisor.awaitReady();
            for (String id : urls(supervisor).keySet()) {
                signal("INT", supervisor.node("node-" + id));
            }

            supervisor.process().toHandle().destroy();

            assertThat(supervisor.process().waitFor()).as(supervisor.output()).isZero();
            assertThat(supervisor.running()).isEmpty();
            assertThat(supervisor.wholeOutput())
                    .containsPattern("Node node-1 is stopped(.*\\R)+\\d\\S* INFO .* Stopping embedded stores")
                    .containsPattern("Node node-2 is stopped(.*\\R)+\\d\\S* INFO .* Stopping embedded stores")
                    .containsSubsequence("Stopping nodes", "The supervisor is stopped", "Stopped.")
                    .doesNotContain("ended unexpectedly", "\tat ");
        }
    }

    @Test
    void shouldKillANodeThatHangsWhenHurried() throws Exception {
        try (SupervisorProcess supervisor = supervisor()) {
            supervisor.awaitReady();
            ProcessHandle hanging = supervisor.node("node-1");
            signal("STOP", hanging);

            supervisor.process().toHandle().destroy();
            supervisor.awaitOutput("Node node-2 is stopped");
            assertThat(hanging.isAlive()).isTrue();
            supervisor.process().toHandle().destroy();

            assertThat(supervisor.process().waitFor()).as(supervisor.output()).isZero();
            assertThat(supervisor.running()).isEmpty();
        }
    }

    private static void signal(String name, ProcessHandle process) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    @Test
    void shouldEndItsNodesAndFindItsStoresAgainWhenTheSupervisorIsKilled() throws Exception {
        try (SupervisorProcess killed = supervisor()) {
            killed.awaitReady();
            ProcessHandle node = killed.node("node-1");
            Set<Long> stores = stores(killed);

            killed.process().destroyForcibly().waitFor();
            try (SupervisorProcess next = supervisor()) {
                next.awaitReady();

                assertThat(node.isAlive()).isFalse();
                assertThat(stores)
                        .isNotEmpty()
                        .noneMatch(store -> ProcessHandle.of(store)
                                .filter(ProcessHandle::isAlive)
                                .isPresent());
                assertThat(next.output()).contains("left behind by a node that did not end properly");
                awaitBothReady(urls(next));
            }
        }
    }

    @Test
    void shouldKeepPasswordsFromThoseWhoCanListProcesses() throws Exception {
        try (SupervisorProcess supervisor = supervisor(Map.of("log.format", "json"))) {
            supervisor.awaitReady();

            assertThat(supervisor.commandLines()).contains("node.id=node-1", "node.id=node-2");
            for (String store : Set.of("postgres", "redis")) {
                Properties settings = new Properties();
                settings.load(Files.newBufferedReader(data.resolve(store).resolve("store.properties")));
                assertThat(supervisor.commandLines()).doesNotContain(settings.getProperty("password"));
            }
            assertThat(supervisor.output().lines().filter(line -> line.contains("\"sequenceNumber\"")))
                    .isNotEmpty()
                    .allMatch(line -> line.startsWith("{"));
        }
    }

    @Test
    void shouldGiveUpWithTheNodesLastWordsWhenItNeverGetsReady() throws Exception {
        Path noKey = Files.writeString(directory.resolve("key.pem"), "no key");
        try (SupervisorProcess supervisor = supervisor(Map.of("identity.public-key-file", noKey.toString()))) {
            assertThat(supervisor.process().waitFor()).isEqualTo(1);

            assertThat(supervisor.wholeOutput())
                    .containsPattern("Node node-\\d ended 3 times before it was ready, at last with exit code 1\\."
                            + " The end of its log:\\R(.*\\R)*.*" + noKey + " is no PEM file")
                    .doesNotContain("\tat ", "nodes are ready");
            assertThat(supervisor.running()).isEmpty();
        }
    }

    @Test
    void shouldNameThePortAndTheNodeWhenItIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SupervisorProcess supervisor =
                        supervisor(Map.of("gateway.port", Integer.toString(taken.getLocalPort() - 1)))) {
            assertThat(supervisor.process().waitFor()).isEqualTo(1);
            assertThat(supervisor.wholeOutput())
                    .contains("Node node-2 cannot listen on 127.0.0.1:" + taken.getLocalPort(), "gateway.port")
                    .doesNotContain("\tat ", "PostgreSQL");
        }
    }
}
