package io.signalbox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DataDirectoryTest {
    @TempDir
    Path temporary;

    @Test
    void shouldMakeTheFolderWhenThereIsNone() throws Exception {
        Path folder = temporary.resolve("a/b");

        try (DataDirectory directory = DataDirectory.lock(folder)) {
            assertThat(directory.path()).isDirectory().isEqualTo(folder.toRealPath());
        }
    }

    @Test
    void shouldNameTheHolderWhenTheSameProcessHasIt() throws Exception {
        try (DataDirectory directory = DataDirectory.lock(temporary)) {
            directory.announce("node-7", "http://127.0.0.1:1234");

            assertThatThrownBy(() -> DataDirectory.lock(temporary))
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining("node-7")
                    .hasMessageContaining("http://127.0.0.1:1234")
                    .hasMessageContaining("node.data-directory");
        }
    }

    @Test
    void shouldRefuseWhenAnotherProcessHasItAndTakeOverWhenThatWasKilled() throws Exception {
        Process holder = hold(temporary);
        try {
            assertThatThrownBy(() -> DataDirectory.lock(temporary))
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining("process " + holder.pid());
        } finally {
            holder.destroyForcibly().waitFor();
        }

        DataDirectory.lock(temporary).close();
    }

    @Test
    void shouldTakeItAgainWhenItWasClosed() throws Exception {
        DataDirectory.lock(temporary).close();
        DataDirectory.lock(temporary).close();

        assertThat(temporary.resolve("node.properties")).doesNotExist();
    }

    @Test
    void shouldSayWhichFolderWhenItCannotBeMade() throws Exception {
        Path file = Files.createFile(temporary.resolve("file"));

        assertThatThrownBy(() -> DataDirectory.lock(file.resolve("data")))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("node.data-directory");
    }

    private static Process hold(Path folder) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("LOCKED");
        return process;
    }

    /** The main of a process that holds a data directory until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            DataDirectory.lock(Path.of(arguments[0])).announce("node-9", "http://127.0.0.1:9");
            System.out.println("LOCKED");
            new CountDownLatch(1).await();
        }
    }
}
