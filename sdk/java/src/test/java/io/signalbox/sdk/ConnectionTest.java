package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Ping;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ConnectionTest {
    private static final Entry ENTRY =
            Entry.newBuilder().setPing(Ping.getDefaultInstance()).build();

    /** A node that was left may say late that its agents are no more. */
    @Test
    void shouldGiveNothingAnyMoreOnceItIsLost() throws Exception {
        List<Entry> received = new ArrayList<>();
        try (FakeNode node = new FakeNode()) {
            node.silent(60_000);
            ClientOptions options = ClientOptions.of(node.url());
            Connection connection =
                    Connection.open(options, options.endpoints().getFirst(), Duration.ofSeconds(20), "", received::add);
            ByteBuffer frame =
                    ByteBuffer.wrap(Frame.newBuilder().addEntries(ENTRY).build().toByteArray());

            connection.onBinary(new FakeWebSocket(), frame.duplicate(), true);
            connection.lost(new IOException("on purpose"));
            connection.onBinary(new FakeWebSocket(), frame.duplicate(), true);

            assertThat(received).hasSize(1);
        }
    }
}
