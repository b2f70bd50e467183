package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GivenDefinitionTest {
    private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final GivenDefinition definition = new GivenDefinition(Optional.of(told::add));

    private static Message message(String source, String type) {
        return new Message(io.signalbox.codecs.proto.Message.newBuilder()
                .setSource(source)
                .setType(type)
                .setContentType("text/plain")
                .setPayload(ByteString.copyFromUtf8("reader@2.0.0"))
                .build());
    }

    @Test
    void shouldTellEachNewVersionOnce() throws InterruptedException {
        definition.given("reader@1.0.0");
        assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("reader@1.0.0");
        definition.given("reader@1.0.0");

        assertThat(definition.take(message("$sys/allocation", "signalbox.definition")))
                .isTrue();

        assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("reader@2.0.0");
        assertThat(definition.current()).isEqualTo("reader@2.0.0");
        assertThat(told).isEmpty();
    }

    @Test
    void shouldLeaveWhatOthersSendToTheAgentsHandler() {
        assertThat(definition.take(message("agent/mallory", "signalbox.definition")))
                .isFalse();
        assertThat(definition.take(message("$sys/allocation", "other"))).isFalse();
        assertThat(definition.current()).isEmpty();
    }

    @Test
    void shouldGoOnWithTheVersionThatItHasWhenNoneIsNamed() {
        definition.given("reader@1.0.0");

        definition.given("");

        assertThat(definition.current()).isEqualTo("reader@1.0.0");
    }
}
