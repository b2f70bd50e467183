package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code signalbox} with a JDK and a Maven that only say how they were called. */
@Timeout(60)
class LauncherTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

    /** All that the scripts may use besides the shell; there is no java and no mvn among them. */
    private static final List<String> TOOLS = List.of(
            "cat",
            "dirname",
            "find",
            "flock",
            "head",
            "ls",
            "mkdir",
            "mv",
            "readlink",
            "rm",
            "sed",
            "sleep",
            "sort",
            "tail",
            "touch",
            "tr");

    @TempDir
    Path directory;

    private Path root;
    private Path jdks;
    private Path tools;

    @BeforeEach
    void install() throws IOException {
        root = Files.createDirectories(directory.resolve("a folder/with spaces"));
        jdks = Files.createDirectories(directory.resolve("all jdks"));
        tools = Files.createDirectories(directory.resolve("tools"));
        for (String script : List.of("signalbox", "mvnw")) {
            Files.copy(REPOSITORY.resolve(script), root.resolve(script));
        }
        for (String tool : TOOLS) {
            Path found = Stream.of("/usr/bin", "/bin")
                    .map(folder -> Path.of(folder, tool))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + tool));
            script(tools.resolve(tool), "exec " + found + " \"$@\"");
        }
    }

    @Test
    void shouldSayHowToGetAJdkWhenThereIsNone() throws Exception {
        Run run = run("up");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("Signalbox needs a JDK 25", "JAVA_HOME", "sdk install java 25")
                .doesNotContain("of other versions");
    }

    @Test
    void shouldNameTheOthersWhenThereAreOnlyOtherJdks() throws Exception {
        Path old = jdk("jdk-17", "17.0.9");
        jdk("jdk-250", "250.1");
        Files.delete(jdk("a-jre-25", "25").resolve("bin/javac"));

        Run run = run("up");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("Java 17.0.9 in " + old).doesNotContain("a-jre-25");
    }

    @Test
    void shouldRunTheJarWithTheJdkItFinds() throws Exception {
        jdk("jdk-17", "17.0.9");
        Path found = jdk("jdk-25 new", "25.0.1");
        Path jar = jar("node");

        Run run = run("task", "list", "--skill", "two words");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(42);
        assertThat(run.arguments())
                .startsWith(found + "/bin/java")
                .containsSubsequence("-jar", jar.toString(), "task", "list", "--skill", "two words")
                .contains("-XX:+UseSerialGC", "-Dsignalbox.terminal=false");
    }

    @Test
    void shouldPreferJavaHomeWhenItIsOfTheRightVersion() throws Exception {
        jdk("jdk-25", "25.0.1");
        Path chosen = jdk("chosen", "25-ea");
        jar("node");

        assertThat(launcher("--version").javaHome(chosen).run().arguments()).startsWith(chosen + "/bin/java");
        assertThat(launcher("--version").javaHome(jdk("old", "17")).run().exitCode())
                .isEqualTo(42);
    }

    @Test
    void shouldFindTheJdkOfTheJavaOnThePath() throws Exception {
        Path home = jdk("elsewhere/jdk", "25.0.1");
        Files.move(jdks, directory.resolve("hidden"));
        Path moved = directory.resolve("hidden").resolve(jdks.relativize(home));
        Files.createSymbolicLink(tools.resolve("java"), moved.resolve("bin/java"));
        jar("node");

        assertThat(run("--version").arguments()).startsWith(moved + "/bin/java");
    }

    @Test
    void shouldFindItsFolderWhenCalledThroughLinks() throws Exception {
        jdk("jdk-25", "25.0.1");
        Path jar = jar("node");
        Path first = Files.createSymbolicLink(directory.resolve("first"), root.resolve("signalbox"));
        Path folder = Files.createDirectories(directory.resolve("bin"));
        Path second = Files.createSymbolicLink(folder.resolve("second"), Path.of("../" + first.getFileName()));

        assertThat(launcher("--version").script(second).run().arguments()).contains(jar.toString());
    }

    @Test
    void shouldUseTheWholeMachineWhenANodeIsStarted() throws Exception {
        jdk("jdk-25", "25.0.1");
        jar("node");

        Run run = launcher("up").with("SIGNALBOX_JAVA_OPTS", "-Xmx3g -Dx=y").run();

        assertThat(run.arguments())
                .contains("-XX:+UseCompactObjectHeaders", "--enable-native-access=ALL-UNNAMED", "-Xmx3g", "-Dx=y")
                .doesNotContain("-XX:+UseSerialGC");
    }

    @ParameterizedTest
    @ValueSource(strings = {"up --nodes 3", "up --set a=b --nodes=16"})
    void shouldLeaveTheMachineToTheNodesWhenThereAreSeveral(String arguments) throws Exception {
        jdk("jdk-25", "25.0.1");
        jar("node");

        Run run = launcher(arguments.split(" "))
                .with("SIGNALBOX_JAVA_OPTS", "-Xmx3g -Dx=y")
                .run();

        assertThat(run.arguments()).contains("-Xmx64m").doesNotContain("-Xmx3g", "-Dx=y", "-XX:+UseG1GC");
        assertThat(run.arguments())
                .filteredOn(argument -> argument.startsWith("-Dsignalbox.node-jvm-options="))
                .singleElement(InstanceOfAssertFactories.STRING)
                .contains(" -XX:+UseG1GC ")
                .endsWith(" -Xmx3g -Dx=y");
    }

    @ParameterizedTest
    @ValueSource(strings = {"up --nodes 1", "up --nodes=1", "up --set x=--nodes=3"})
    void shouldGiveOneNodeTheWholeMachineWhenThereAreNoOthers(String arguments) throws Exception {
        jdk("jdk-25", "25.0.1");
        jar("node");

        assertThat(run(arguments.split(" ")).arguments())
                .contains("-XX:+UseG1GC")
                .doesNotContain("-Xmx64m");
    }

    @Test
    void shouldTakeLittleMemoryOnAnEdgeMachine() throws Exception {
        jdk("jdk-25", "25.0.1");
        jar("node");

        Run run = launcher("up").with("SIGNALBOX_PROFILE", "edge").run();

        assertThat(run.arguments()).contains("-XX:+UseCompactObjectHeaders", "-XX:+UseG1GC", "-Xmx128m");
    }

    @Test
    void shouldRefuseAProfileThatThereIsNot() throws Exception {
        jdk("jdk-25", "25.0.1");
        jar("node");

        Run run = launcher("up").with("SIGNALBOX_PROFILE", "tiny").run();

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).isEqualTo("SIGNALBOX_PROFILE is tiny; it may be server or edge.\n");
    }

    @Test
    void shouldRunAProgramInOneFileWithTheSdk() throws Exception {
        jdk("jdk-25", "25.0.1");
        Path jar = jar("node");
        Files.createFile(directory.resolve("My Agent.java"));

        assertThat(run("java", "My Agent.java", "a b").arguments())
                .containsSubsequence("-cp", jar + ":" + root + "/node/target/lib/*", "My Agent.java", "a b");
    }

    @Test
    void shouldSayHowAProgramIsRunWhenThereIsNone() throws Exception {
        jdk("jdk-25", "25.0.1");
        jar("node");

        Run missing = run("java", "Nobody.java");

        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.err()).isEqualTo("There is no file Nobody.java.\n");
        assertThat(run("java").exitCode()).isEqualTo(2);
        assertThat(run("java").err()).startsWith("Usage: signalbox java FILE");
        assertThat(run("java", "--help").exitCode()).isZero();
        assertThat(run("java", "--help").out()).startsWith("Usage: signalbox java FILE");
    }

    @Test
    void shouldSayWhichJdkItFoundWithoutBuildingAnything() throws Exception {
        Path home = jdk("jdk-25", "25.0.3");
        sources();
        maven("exit 1");

        Run run = run("jdk");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualTo(home + "\n");
        assertThat(builds()).isZero();
    }

    @Test
    void shouldRunTheLoadTests() throws Exception {
        jdk("jdk-25", "25.0.1");
        jar("node");
        Path jar = jar("load-tests");

        assertThat(run("load", "--agents", "7").arguments())
                .containsSubsequence(
                        "-cp",
                        jar + ":" + root + "/load-tests/target/lib/*",
                        "io.signalbox.load.LoadCommand",
                        "--agents",
                        "7");
    }

    @Test
    void shouldSaySoWhenThereIsNeitherJarNorSource() throws Exception {
        jdk("jdk-25", "25.0.1");

        Run run = run("up");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("no source to build it from");
    }

    @Test
    void shouldBuildWhenNothingIsBuiltAndWhenSourcesAreNewer() throws Exception {
        jdk("jdk-25", "25.0.1");
        sources();
        maven("exit 0");

        assertThat(run("--version").exitCode()).isEqualTo(42);
        assertThat(builds()).isEqualTo(1);
        assertThat(run("--version").err()).isEmpty();
        assertThat(builds()).isEqualTo(1);

        Path stamp = root.resolve("target/launcher/node.built");
        Files.setLastModifiedTime(
                root.resolve("node/src/main/A.java"),
                FileTime.from(Files.getLastModifiedTime(stamp).toInstant().plus(Duration.ofSeconds(1))));

        assertThat(run("--version").err()).contains("Building node");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void shouldShowTheEndOfTheLogWhenTheBuildFails() throws Exception {
        jdk("jdk-25", "25.0.1");
        sources();
        maven("echo 'A.java: cannot find symbol'; exit 1");

        Run run = run("--version");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("The build failed", "build.log", "A.java: cannot find symbol");
        assertThat(run("--version").err()).contains("The build failed");
    }

    @Test
    void shouldSayHowToGetMavenWhenThereIsNone() throws Exception {
        jdk("jdk-25", "25.0.1");
        sources();

        assertThat(run("--version").err()).contains("Maven 3.8.7 or later is needed");
    }

    @Test
    void shouldBuildOnceWhenStartedTwice() throws Exception {
        jdk("jdk-25", "25.0.1");
        sources();
        // Holds the first build until the second launcher waits for it.
        maven("while [ ! -e '" + directory + "/second-waits' ]; do sleep 0.05; done; exit 0");

        Process first = launcher("--version").start();
        while (builds() == 0) {
            assertThat(first.isAlive()).isTrue();
            TimeUnit.MILLISECONDS.sleep(20);
        }
        Process second = launcher("--version").start();
        String waiting = second.errorReader().readLine();
        Files.createFile(directory.resolve("second-waits"));

        assertThat(waiting).contains("Another build is under way");
        assertThat(first.waitFor()).isEqualTo(42);
        assertThat(second.waitFor()).isEqualTo(42);
        assertThat(builds()).isEqualTo(1);
    }

    private Run run(String... arguments) throws Exception {
        return launcher(arguments).run();
    }

    private Launcher launcher(String... arguments) {
        return new Launcher(arguments);
    }

    /** One whose {@code java} prints what it is called with, a line each, and exits with 42. */
    private Path jdk(String name, String version) throws IOException {
        Path home = Files.createDirectories(jdks.resolve(name));
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        script(home.resolve("bin/java"), "printf '%s\\n' \"$0\" \"$@\"; exit 42");
        script(home.resolve("bin/javac"), "exit 0");
        return home;
    }

    private Path jar(String module) throws IOException {
        Path target = Files.createDirectories(root.resolve(module).resolve("target"));
        return Files.createFile(target.resolve("signalbox-" + module + "-1.jar"));
    }

    private void sources() throws IOException {
        Files.createFile(root.resolve("pom.xml"));
        Files.createDirectories(root.resolve("node/src/main"));
        Files.createFile(root.resolve("node/src/main/A.java"));
        Files.createFile(root.resolve("node/pom.xml"));
    }

    /** One that counts its calls, makes a jar and ends as told. */
    private void maven(String end) throws IOException {
        script(
                tools.resolve("mvn"),
                "echo build >> '" + directory + "/builds'; mkdir -p '" + root + "/node/target';" + " touch '" + root
                        + "/node/target/signalbox-node-1.jar'; " + end);
    }

    private int builds() throws IOException {
        Path file = directory.resolve("builds");
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private final class Launcher {
        private final ProcessBuilder builder;

        private Launcher(String... arguments) {
            List<String> command =
                    new ArrayList<>(List.of(root.resolve("signalbox").toString()));
            command.addAll(List.of(arguments));
            builder = new ProcessBuilder(command).directory(directory.toFile());
            builder.environment().clear();
            builder.environment().put("PATH", tools.toString());
            builder.environment().put("HOME", directory.toString());
            builder.environment().put("SIGNALBOX_JDK_DIRS", jdks.toString());
        }

        private Launcher script(Path script) {
            builder.command().set(0, script.toString());
            return this;
        }

        private Launcher javaHome(Path home) {
            return with("JAVA_HOME", home.toString());
        }

        private Launcher with(String variable, String value) {
            builder.environment().put(variable, value);
            return this;
        }

        private Process start() throws IOException {
            return builder.start();
        }

        private Run run() throws Exception {
            Process process = start();
            String out = new String(process.getInputStream().readAllBytes());
            String err = new String(process.getErrorStream().readAllBytes());
            return new Run(process.waitFor(), out, err);
        }
    }

    private record Run(int exitCode, String out, String err) {
        List<String> arguments() {
            return out.lines().toList();
        }
    }
}
