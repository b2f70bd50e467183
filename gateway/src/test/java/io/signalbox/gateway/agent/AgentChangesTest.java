package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.AddressPattern;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentChanged;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AgentStanding;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.Standing;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Entry.BodyCase;
import io.signalbox.codecs.proto.Error;
import io.signalbox.codecs.proto.Message;
import io.signalbox.gateway.identity.Identity;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** What a gateway does when the registry says that an agent of its own has changed. */
@Timeout(30)
class AgentChangesTest {
    private static final Identity ANYBODY = new Identity(
            "s",
            List.of("*"),
            List.of(new AddressPattern("#")),
            List.of(),
            Set.of(Identity.Role.AGENT),
            Optional.empty());
    private static final int HANDLE = 1;

    private final Endpoints endpoints = new Endpoints(token -> ANYBODY);
    private SessionClient client;

    private static AgentInfo.Builder agent(long generation) {
        return AgentInfo.newBuilder().setId("a").setGeneration(generation).setPresence(Presence.PRESENCE_CONNECTED);
    }

    private static AgentStanding.Builder standing(Standing standing) {
        return AgentStanding.newBuilder().setStanding(standing).setDirective("d1");
    }

    @BeforeEach
    void attach() throws Exception {
        AgentSession session = new AgentSession(endpoints.endpoint, "session", "token", ANYBODY);
        SessionClient.perform(endpoints, () -> {
            client = new SessionClient(endpoints, session);
            session.begin(client.agent, 0, SessionClient.HELLO);
            Attachment attachment = Attachment.ofAgent(session, HANDLE, agent(7).build());
            session.add(attachment);
            endpoints.endpoint.attached(attachment);
        });
    }

    @AfterEach
    void close() throws Exception {
        SessionClient.perform(endpoints, client::close);
        endpoints.close();
    }

    private void tell(AgentInfo.Builder agent) throws Exception {
        EncodedMessage news = EncodedMessage.of(Message.newBuilder()
                .setAddress("$sys/agents")
                .setPayload(AgentChanged.newBuilder().setAgent(agent).build().toByteString())
                .build());
        SessionClient.perform(endpoints, () -> endpoints.endpoint.bus().publish(news));
    }

    private List<Error> errors() throws Exception {
        return client.received().stream()
                .filter(entry -> entry.getAgent() == HANDLE && entry.getBodyCase() == BodyCase.ERROR)
                .map(Entry::getError)
                .toList();
    }

    /** What is told, and the code that the agent is ended with; empty: it goes on. */
    static final List<Arguments> CHANGES = List.of(
            Arguments.of(
                    agent(7).setPresence(Presence.PRESENCE_GONE).setStanding(standing(Standing.STANDING_KILLED)),
                    Optional.of(Code.KILLED)),
            Arguments.of(agent(7).setPresence(Presence.PRESENCE_GONE), Optional.of(Code.STALE_GENERATION)),
            Arguments.of(agent(8), Optional.of(Code.STALE_GENERATION)),
            Arguments.of(agent(6).setPresence(Presence.PRESENCE_GONE), Optional.empty()),
            Arguments.of(agent(7).setId("b").setPresence(Presence.PRESENCE_GONE), Optional.empty()),
            Arguments.of(agent(7).setStanding(standing(Standing.STANDING_PAUSED)), Optional.empty()));

    @ParameterizedTest
    @FieldSource("CHANGES")
    void shouldEndTheAgentThatTheRegistryHasEndedAndSayWhy(AgentInfo.Builder change, Optional<Code> code)
            throws Exception {
        tell(change);

        assertThat(errors())
                .extracting(Error::getCode)
                .isEqualTo(code.stream().map(Code::number).toList());
        tell(change);
        assertThat(errors()).as("once").hasSize(code.isPresent() ? 1 : 0);
    }

    @Test
    void shouldHoldAQuarantinedAgentToItUntilItIsResumed() throws Exception {
        Entry.Builder message = Entry.newBuilder()
                .setAgent(HANDLE)
                .setRef(1)
                .setMessage(Message.newBuilder().setAddress("news"));
        tell(agent(7).setStanding(standing(Standing.STANDING_QUARANTINED)));
        client.send(message);
        tell(agent(7));
        client.send(message);

        assertThat(errors())
                .extracting(Error::getCode)
                .containsExactly(Code.QUARANTINED.number(), Code.NO_ROUTE.number());
    }
}
