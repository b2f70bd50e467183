package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.AddressPattern;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Credit;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of credit when the connection is full, or lost. Everything but the assertions is done on the session's loop. */
class AgentSessionCreditTest {
    private final Endpoints endpoints = new Endpoints(token -> Endpoints.identity("a"));
    private final AgentSession session = endpoints.session("a", "token");
    private final List<SessionClient> clients = new ArrayList<>();
    private SessionClient client;

    private void perform(Runnable action) throws Exception {
        SessionClient.perform(endpoints, action);
    }

    @BeforeEach
    void begin() throws Exception {
        perform(() -> {
            connect();
            session.begin(client.agent, 0, SessionClient.HELLO);
            session.client().subscribe(new AddressPattern("a"), "", 10);
        });
    }

    private void connect() {
        client = new SessionClient(endpoints, session);
        clients.add(client);
    }

    @AfterEach
    void close() throws Exception {
        perform(() -> clients.forEach(SessionClient::close));
        endpoints.close();
    }

    private void credit(int messages) throws Exception {
        client.send(Entry.newBuilder().setCredit(Credit.newBuilder().setMessages(messages)));
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

    /** The types of the messages that came so far. */
    private List<String> received() throws Exception {
        return client.received().stream()
                .filter(Entry::hasMessage)
                .map(entry -> entry.getMessage().getType())
                .toList();
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
            connect();
            session.resume(client.agent, session.identity(), "next", 0, SessionClient.HELLO);
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
        client.blocked(true);
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
        client.blocked(true);
        Message.Builder[] messages = numbered(0, 1_000);
        for (Message.Builder message : messages) {
            message.putHeaders("padding", "x".repeat(500));
        }
        publish(messages);

        client.blocked(false);
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
