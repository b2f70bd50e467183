package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Entry.BodyCase;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What agents grant the node, over lost connections too. */
@Timeout(30)
final class AgentCreditTest {
    private final FakeNode node;

    AgentCreditTest() throws IOException {
        node = new FakeNode();
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    private SignalboxClient client() throws InterruptedException {
        return SignalboxClient.connect(ClientOptions.builder(node.url())
                .reconnect(Duration.ofMillis(1), Duration.ofMillis(50))
                .build());
    }

    private static Entry.Builder numbered(int handle, int number) {
        return Entry.newBuilder()
                .setAgent(handle)
                .setMessage(Message.to("agent/a", Payload.text(Integer.toString(number)))
                        .encoded());
    }

    @Test
    void shouldGrantCreditWhileItsMessagesAreHandled() throws Exception {
        try (SignalboxClient client = client()) {
            client.agent("a").onMessage(message -> {}).attach();
            Entry attach = node.await(BodyCase.ATTACH);
            assertThat(attach.getAttach().getCredit()).isEqualTo(Inbox.MAX_WAITING);

            for (int i = 0; i < Inbox.MIN_GRANT; i++) {
                node.send(numbered(attach.getAgent(), i));
            }

            Entry credit = node.await(BodyCase.CREDIT);
            assertThat(credit.getAgent()).isEqualTo(attach.getAgent());
            assertThat(credit.getCredit().getMessages()).isEqualTo(Inbox.MIN_GRANT);
        }
    }

    @Test
    void shouldGrantAllOfItAgainWhenTheNodeDidNotTakeTheFirstAttach() throws Exception {
        node.failing(BodyCase.ATTACH, 1, Code.OVERLOADED);
        try (SignalboxClient client = client()) {
            client.agent("a").onMessage(message -> {}).attach();

            node.await(BodyCase.ATTACH);
            assertThat(node.await(BodyCase.ATTACH).getAttach().getCredit()).isEqualTo(Inbox.MAX_WAITING);
        }
    }

    @Test
    void shouldGrantCreditAnewOnAResume() throws Exception {
        node.resuming();
        try (SignalboxClient client = client()) {
            client.agent("a").onMessage(message -> {}).attach();
            int handle = node.await(BodyCase.ATTACH).getAgent();

            node.cut();

            Entry credit = node.await(BodyCase.CREDIT);
            assertThat(credit.getAgent()).isEqualTo(handle);
            assertThat(credit.getCredit().getMessages()).isEqualTo(Inbox.MAX_WAITING);
        }
    }

    @Test
    void shouldLimitNoAgentWithoutAMessageHandler() throws Exception {
        node.resuming();
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").attach();
            assertThat(node.await(BodyCase.ATTACH).getAttach().hasCredit()).isFalse();

            node.cut();

            node.await(BodyCase.HELLO);
            agent.publish(Message.to("x", Payload.EMPTY));
            assertThat(node.has(BodyCase.CREDIT)).isFalse();
        }
    }

    @Test
    void shouldAttachAnewWithTheCreditThatItsFullInboxLeaves() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch last = new CountDownLatch(1);
        try (SignalboxClient client = client()) {
            client.agent("a").onMessage(message -> gate.await()).attach();
            client.agent("b").onMessage(message -> last.countDown()).attach();
            int handle = node.await(BodyCase.ATTACH).getAgent();
            int otherHandle = node.await(BodyCase.ATTACH).getAgent();
            for (int i = 0; i < Inbox.MAX_WAITING + 1; i++) {
                node.send(numbered(handle, i));
            }
            node.send(numbered(otherHandle, 0));
            assertThat(last.await(20, TimeUnit.SECONDS)).isTrue();

            node.cut();

            Map<String, Integer> credit = new HashMap<>();
            for (int i = 0; i < 2; i++) {
                Attach attach = node.await(BodyCase.ATTACH).getAttach();
                assertThat(attach.hasCredit()).isTrue();
                credit.put(attach.getId(), attach.getCredit());
            }
            assertThat(credit).isEqualTo(Map.of("a", 0, "b", Inbox.MAX_WAITING));
            gate.countDown();
        }
    }
}
