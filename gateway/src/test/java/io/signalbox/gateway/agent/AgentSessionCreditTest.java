package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.signalbox.bus.AddressPattern;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Credit;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Hello;
import io.signalbox.codecs.proto.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of credit when the connection is full, or lost. Everything but the assertions is done on the session's loop. */
class AgentSessionCreditTest {
    private static final byte[] HELLO = frame(Entry.newBuilder().setHello(Hello.getDefaultInstance()));

    private final Endpoints endpoints = new Endpoints(token -> Endpoints.identity("a"));
    private final AgentSession session = endpoints.session("a", "token");
    private final List<Client> clients = new ArrayList<>();
    private Client client;

    /** A connection of the session, and its other end. */
    private final class Client {
        private final AgentChannel agent = new AgentChannel(
                WireFormat.PROTO,
                session,
                new DoorMeters(endpoints.meters),
                new WebSocketReader(4096, new WebSocketReader.Scratch()));
        private final EmbeddedChannel channel = new EmbeddedChannel(agent);
        private final ClientFrames frames = new ClientFrames(channel);
        private final List<String> received = new ArrayList<>();

        private Client() {
            clients.add(this);
        }

        private void blocked(boolean blocked) {
            channel.unsafe().outboundBuffer().setUserDefinedWritability(1, !blocked);
            channel.runPendingTasks();
        }

        /** The types of the messages that came so far. */
        private List<String> received() throws Exception {
            for (Optional<WebSocketFrame> next = frames.received(); next.isPresent(); next = frames.received()) {
                Frame.parseFrom(ByteBufUtil.getBytes(next.get().content())).getEntriesList().stream()
                        .filter(Entry::hasMessage)
                        .forEach(entry -> received.add(entry.getMessage().getType()));
                next.get().release();
            }
            return List.copyOf(received);
        }
    }

    private static byte[] frame(Entry.Builder entry) {
        return Frame.newBuilder().addEntries(entry).build().toByteArray();
    }

    /** And whatever it brings about in later turns, as far as a session goes. */
    private <T> T onLoop(Callable<T> action) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        endpoints.endpoint.context().runOnContext(ignored -> {
            try {
                done.complete(action.call());
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        return done.get(20, TimeUnit.SECONDS);
    }

    private void perform(Runnable action) throws Exception {
        onLoop(() -> {
            action.run();
            return true;
        });
        for (int turn = 0; turn < 5; turn++) {
            onLoop(() -> true);
        }
    }

    @BeforeEach
    void begin() throws Exception {
        perform(() -> {
            client = new Client();
            session.begin(client.agent, 0, HELLO);
            session.client().subscribe(new AddressPattern("a"), "", 10);
        });
    }

    @AfterEach
    void close() throws Exception {
        perform(() -> clients.forEach(each -> {
            each.channel.finishAndReleaseAll();
            each.frames.close();
        }));
        endpoints.close();
    }

    private void credit(int messages) throws Exception {
        byte[] credit = frame(Entry.newBuilder().setCredit(Credit.newBuilder().setMessages(messages)));
        perform(() -> session.received(client.agent, credit, credit.length));
    }

    private void publish(Message.Builder... messages) throws Exception {
        perform(() -> {
            for (Message.Builder message : messages) {
                endpoints
                        .endpoint
                        .bus()
                        .publish(EncodedMessage.of(message.setAddress("a").build()));
            }
        });
    }

    private static Message.Builder[] numbered(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> Message.newBuilder().setType(Integer.toString(i)))
                .toArray(Message.Builder[]::new);
    }

    private List<String> received() throws Exception {
        return onLoop(client::received);
    }

    @Test
    void shouldLimitNobodyWhoGrantedNothingYet() throws Exception {
        publish(numbered(0, 3));

        assertThat(received()).containsExactly("0", "1", "2");
    }

    @Test
    void shouldHoldBackWhatWasNotGranted() throws Exception {
        credit(2);
        publish(numbered(0, 5));
        assertThat(received()).containsExactly("0", "1");

        credit(1);

        assertThat(received()).containsExactly("0", "1", "2");
    }

    private void resume() throws Exception {
        perform(() -> {
            client = new Client();
            session.resume(client.agent, session.identity(), "next", 0, HELLO);
        });
    }

    @Test
    void shouldForgetOnAResumeWhatWasGrantedBefore() throws Exception {
        credit(5);

        resume();
        publish(numbered(0, 2));
        assertThat(received()).isEmpty();

        credit(1);
        assertThat(received()).containsExactly("0");
    }

    @Test
    void shouldCountWhatWaitedForTheNewConnectionAgainstWhatIsGrantedOnIt() throws Exception {
        credit(3);
        perform(() -> client.blocked(true));
        publish(numbered(0, 6));

        resume();
        assertThat(received()).containsExactly("0", "1", "2");
        credit(4);
        assertThat(received()).containsExactly("0", "1", "2", "3");
    }

    @Test
    void shouldGiveTheCreditBackOfWhatIsDroppedAtTheConnectionsLimit() throws Exception {
        int granted = 200;
        credit(granted);
        perform(() -> client.blocked(true));
        Message.Builder[] messages = numbered(0, 1_000);
        for (Message.Builder message : messages) {
            message.putHeaders("padding", "x".repeat(500));
        }
        publish(messages);

        perform(() -> client.blocked(false));
        int came = received().size();
        assertThat(came).as("the connection's limit was what dropped").isBetween(1, granted - 1);
        publish(numbered(1_000, 1_000 + granted));

        assertThat(received()).hasSize(granted);
    }

    @Test
    void shouldSendAnotherForWhatExpiresBeforeItIsWritten() throws Exception {
        credit(2);
        Message.Builder late = Message.newBuilder().setType("late").setTime(1).setTtlMs(1);

        publish(
                late,
                late,
                Message.newBuilder().setType("good"),
                Message.newBuilder().setType("too"));

        assertThat(received()).containsExactly("good", "too");
    }
}
