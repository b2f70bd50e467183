package io.signalbox.node.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.node.NodeException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With shell scripts for nodes. */
@Timeout(60)
class SupervisedNodeTest {
    private static final Duration PATIENT = Duration.ofSeconds(30);
    private static final String READY = "echo '" + Supervisor.READY_LINE + "'; ";

    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();

    private SupervisedNode node(String script) {
        NodeCommand command = new NodeCommand(List.of("sh", "-c", script), Map.of("GREETING", "hello"));
        return new SupervisedNode("n1", command, new NodeOutput("", log::add), new Random(1));
    }

    private String logged() throws InterruptedException {
        return log.poll(30, TimeUnit.SECONDS);
    }

    @Test
    void shouldPassOnWhatTheNodeSaysInItsEnvironment() throws Exception {
        SupervisedNode node = node("echo $GREETING; printf '\\303\\274\\n' >&2; " + READY + "read end");

        node.start().await(30, TimeUnit.SECONDS);

        assertThat(logged()).isEqualTo("hello");
        assertThat(logged()).isEqualTo("ü");
        node.stop(PATIENT).await();
    }

    @Test
    void shouldStartItAgainUntilItIsStopped() throws Exception {
        SupervisedNode node = node("echo begun; " + READY + "exit 3");

        node.start().await(30, TimeUnit.SECONDS);

        for (int i = 0; i < 4; i++) {
            assertThat(logged()).isEqualTo("begun");
        }
        node.stop(PATIENT).await();
        log.clear();
        assertThat(log.poll(500, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void shouldKillItWhenItDoesNotStop() throws Exception {
        SupervisedNode node = node("trap 'echo asked' TERM; " + READY + "while :; do sleep 0.05; done");
        node.start().await(30, TimeUnit.SECONDS);

        node.stop(Duration.ofMillis(500)).await(30, TimeUnit.SECONDS);

        assertThat(logged()).isEqualTo("asked");
    }

    @Test
    void shouldTellItsLastWordsWhenItNeverGetsReady() {
        assertThatThrownBy(() -> node("echo 'no such key'; exit 7").start().await())
                .isInstanceOf(NodeException.class)
                .hasMessage("Node n1 ended 3 times before it was ready, at last with exit code 7."
                        + " The end of its log:\nno such key\nno such key\nno such key");
    }

    @Test
    void shouldSayWhyWhenThereIsNoSuchProgram() {
        NodeCommand missing = new NodeCommand(List.of("/no/such/program"), Map.of());

        assertThatThrownBy(() -> new SupervisedNode("n1", missing, new NodeOutput("", log::add), new Random(1))
                        .start()
                        .await())
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("The process cannot be started")
                .hasMessageContaining("/no/such/program");
    }

    @Test
    void shouldEndTheStartWhenItIsStoppedMeanwhile() {
        SupervisedNode node = node("read end");
        Future<Void> start = node.start();

        node.stop(PATIENT).await();

        assertThat(start.cause()).isInstanceOf(NodeException.class).hasMessageContaining("before it was ready");
    }
}
