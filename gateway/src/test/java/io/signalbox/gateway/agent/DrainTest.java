package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.ChangePresence;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Entry.BodyCase;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.gateway.identity.Identity;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node that stops, as its registry and a client with an agent see it. */
@Timeout(30)
class DrainTest {
    private static final Identity ANYBODY =
            new Identity("s", List.of("*"), List.of(), List.of(), Set.of(Identity.Role.AGENT), Optional.empty());

    private final Endpoints endpoints = new Endpoints(token -> ANYBODY);
    private final Promise<Done> answer = Promise.promise();
    private final CompletableFuture<EncodedMessage> told = new CompletableFuture<>();
    private final List<Entry> heard = new ArrayList<>();
    private AgentChannel agent;
    private EmbeddedChannel channel;
    private ClientFrames client;
    private Optional<Integer> closed = Optional.empty();

    @BeforeEach
    void attach() throws Exception {
        endpoints.services.serve(endpoints.endpoint.context(), EntryHandler.REGISTRY, (type, request) -> switch (type) {
            case "AttachAgent" ->
                Future.succeededFuture(
                        AgentInfo.newBuilder().setId("a").setGeneration(7).build());
            case "ChangePresence" -> {
                told.complete(request);
                yield answer.future();
            }
            default -> Future.failedFuture("not expected: " + type);
        });
        SessionClient.perform(endpoints, () -> {
            agent = new AgentChannel(
                    WireFormat.PROTO,
                    new Greeting(endpoints.endpoint, Greeting.Bearer.NONE, new ConnectPacer.Now()),
                    endpoints.endpoint.meters(),
                    new WebSocketReader(4096, new WebSocketReader.Scratch()));
            channel = new EmbeddedChannel(agent);
            client = new ClientFrames(channel);
            endpoints.endpoint.meters().admit(1);
            endpoints.endpoint.open(agent, ANYBODY, "", 0, SessionClient.HELLO);
        });
        attach(1);
        awaitHeard(BodyCase.ATTACHED);
    }

    @AfterEach
    void close() throws Exception {
        SessionClient.perform(endpoints, () -> {
            channel.finishAndReleaseAll();
            client.close();
        });
        endpoints.close();
    }

    private void attach(int handle) throws Exception {
        byte[] attach = SessionClient.frame(Entry.newBuilder()
                .setAgent(handle)
                .setAttach(Attach.newBuilder().setId("a")));
        SessionClient.perform(endpoints, () -> client.send(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(attach))));
    }

    /** What came so far, in order. */
    private List<BodyCase> heard() throws Exception {
        return SessionClient.onLoop(endpoints, () -> {
            for (Optional<WebSocketFrame> next = client.received(); next.isPresent(); next = client.received()) {
                if (next.get() instanceof CloseWebSocketFrame close) {
                    closed = Optional.of(close.statusCode());
                } else {
                    heard.addAll(Frame.parseFrom(ByteBufUtil.getBytes(next.get().content()))
                            .getEntriesList());
                }
                next.get().release();
            }
            return heard.stream().map(Entry::getBodyCase).toList();
        });
    }

    private Entry awaitHeard(BodyCase kind) throws Exception {
        while (!heard().contains(kind)) {
            Thread.onSpinWait(); // till the test's time is over
        }
        return heard.getLast();
    }

    private void drain() throws Exception {
        SessionClient.perform(endpoints, () -> endpoints.endpoint.drain(Duration.ofSeconds(10)));
    }

    @Test
    void shouldSendAgentsAwayOnlyWhenTheRegistryKnowsThatTheyLeave() throws Exception {
        drain();
        assertThat(ChangePresence.parseFrom(told.get(20, TimeUnit.SECONDS).payload()))
                .isEqualTo(ChangePresence.newBuilder()
                        .setAgent("a")
                        .setGeneration(7)
                        .setPresence(Presence.PRESENCE_SUSPENDED)
                        .build());
        assertThat(heard()).doesNotContain(BodyCase.GO_AWAY);

        answer.complete(Done.getDefaultInstance());

        assertThat(awaitHeard(BodyCase.GO_AWAY).getGoAway().getCode()).isEqualTo(Code.DRAINING.number());
        while (closed.isEmpty()) {
            heard();
        }
        assertThat(closed).contains(Code.GOING_AWAY.number());
    }

    @RepeatedTest(3)
    void shouldSendAgentsAwayAllTheSameWhenTheRegistryDoesNotAnswer() throws Exception {
        drain();

        awaitHeard(BodyCase.GO_AWAY);
    }

    @Test
    void shouldTakeNoMoreAgents() throws Exception {
        drain();

        attach(2);

        assertThat(awaitHeard(BodyCase.ERROR).getError().getCode()).isEqualTo(Code.DRAINING.number());
    }
}
