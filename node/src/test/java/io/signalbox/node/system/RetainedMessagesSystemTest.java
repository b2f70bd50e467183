package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.codecs.Code;
import io.signalbox.node.process.NodeProcess;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.Message;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.SignalboxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is retained by whole nodes, for programs with the SDK and without. */
@Timeout(240)
final class RetainedMessagesSystemTest {
    private static final Duration START = Duration.ofSeconds(120);

    @Test
    void shouldGiveItToWhoComesAfterTheNodeWasKilled(@TempDir Path directory) throws Exception {
        try (NodeProcess node = new NodeProcess(directory, Map.of())) {
            node.start(START);
            try (SignalboxClient client = SignalboxClient.connect(node.url())) {
                Agent writer = client.agent("writer").attach();
                writer.publish(Message.to("rates/eur", Payload.text("1.05")).retained());
                writer.publish(Message.to("rates/eur", Payload.text("1.07")).retained());
                writer.publish(Message.to("rates/usd", Payload.text("1")).retained());
                writer.publish(Message.to("rates/usd", Payload.EMPTY).retained());
            }

            node.kill();
            node.start(START);

            LinkedBlockingQueue<Message> received = new LinkedBlockingQueue<>();
            try (SignalboxClient client = SignalboxClient.connect(node.url())) {
                Agent reader = client.agent("reader").onMessage(received::add).attach();
                reader.subscribe("rates/+");
                Message retained = received.poll(20, TimeUnit.SECONDS);
                reader.publish(Message.to("rates/usd", Payload.text("2")));
                Message live = received.poll(20, TimeUnit.SECONDS);

                assertThat(retained.payload().text()).isEqualTo("1.07");
                assertThat(retained.source()).isEqualTo("agent/writer");
                assertThat(retained.isRetained()).isTrue();
                assertThat(live.payload().text()).isEqualTo("2");
                assertThat(live.isRetained()).isFalse();
            }
        }
    }

    @Test
    void shouldRefuseWhatThereIsNoRoomForAndSayWhatIsRetainedInJson() throws Exception {
        try (RunningNode node = RunningNode.start(Map.of("retained.max-messages", "1"));
                SignalboxClient client = SignalboxClient.connect(node.url());
                AgentSocket later = AgentSocket.welcomed(node)) {
            Agent writer = client.agent("writer").attach();
            writer.publish(Message.to("a", Payload.text("1")).retained());

            assertThatThrownBy(() ->
                            writer.publish(Message.to("b", Payload.text("1")).retained()))
                    .asInstanceOf(InstanceOfAssertFactories.type(SignalboxException.class))
                    .returns(Code.RETAINED_FULL, SignalboxException::code);
            later.send("{'subscribe':{'pattern':'a'}}");
            JsonNode message = later.await("message");

            assertThat(message.path("retain").asBoolean()).isTrue();
            assertThat(message.path("payload").asText()).isEqualTo("1");
        }
    }
}
