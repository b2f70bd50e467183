package io.signalbox.node;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** The main of a process that runs a node until it is killed. */
final class NodeProcess {
    private NodeProcess() {}

    public static void main(String[] arguments) throws Exception {
        SignalboxNode node = new SignalboxNode(TestConfig.in(Path.of(arguments[0])));
        node.start().await();
        System.out.println("READY");
        new CountDownLatch(1).await();
    }

    /** Completes when the node of the new process takes clients. */
    static Process launch(Path dataDirectory) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        NodeProcess.class.getName(),
                        dataDirectory.toString())
                .redirectErrorStream(true)
                .start();
        boolean ready = process.inputReader().lines().anyMatch("READY"::equals);
        if (!ready) {
            process.destroyForcibly();
            throw new AssertionError("the process ended before its node was ready");
        }
        return process;
    }
}
