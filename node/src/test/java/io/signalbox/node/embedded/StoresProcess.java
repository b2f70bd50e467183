package io.signalbox.node.embedded;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.concurrent.CountDownLatch;

/** The main of a process that starts the stores and then only waits to be killed. */
final class StoresProcess {
    private StoresProcess() {}

    public static void main(String[] arguments) throws Exception {
        EmbeddedStores stores = new EmbeddedStores(
                Path.of(arguments[0]), Path.of(arguments[1]), EnumSet.allOf(StoreKind.class), new SecureRandom());
        stores.start().await();
        System.out.println("READY");
        new CountDownLatch(1).await();
    }

    /** Completes when the stores of the new process are ready. */
    static Process launch(Path dataDirectory, Path programs) throws Exception {
        Process process = begin(dataDirectory, programs);
        boolean ready = process.inputReader().lines().anyMatch("READY"::equals);
        if (!ready) {
            process.destroyForcibly();
            throw new AssertionError("the process ended before its stores were ready");
        }
        return process;
    }

    /** Completes at once. */
    static Process begin(Path dataDirectory, Path programs) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoresProcess.class.getName(),
                        dataDirectory.toString(),
                        programs.toString())
                .redirectErrorStream(true)
                .start();
    }
}
