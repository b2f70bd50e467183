package io.signalbox.verticles.registry;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.ChangePresence;
import io.signalbox.codecs.internal.DefinitionPage;
import io.signalbox.codecs.internal.DefinitionVersion;
import io.signalbox.codecs.internal.DirectiveView;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.FleetVerb;
import io.signalbox.codecs.internal.Heartbeat;
import io.signalbox.codecs.internal.Heartbeats;
import io.signalbox.codecs.internal.IssueDirective;
import io.signalbox.codecs.internal.ListDefinitions;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.PublishDefinition;
import io.signalbox.codecs.internal.RevokeDirective;
import io.signalbox.codecs.internal.Standing;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.HeldAssignment;
import io.signalbox.codecs.proto.Skill;
import io.signalbox.config.RedisConfig;
import io.signalbox.config.RedisMode;
import io.signalbox.config.Secret;
import io.signalbox.verticles.postgres.TestDatabase;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.embedded.RedisServer;

/** Nodes over real sockets, with a real PostgreSQL and a real Redis. */
@Timeout(120)
class RegistryClusterTest {
    private static TestDatabase database;
    private static RedisServer redis;
    private static RedisConfig redisConfig;

    private final String own = "t" + UUID.randomUUID() + "-";
    private final RegistryNode.Cluster cluster = new RegistryNode.Cluster();
    private final List<RegistryNode> nodes = new ArrayList<>();

    @BeforeAll
    static void startStores() throws IOException {
        database = TestDatabase.start();
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        redis = new RedisServer(port);
        redis.start();
        redisConfig = new RedisConfig(
                List.of("redis://127.0.0.1:" + port),
                RedisMode.STANDALONE,
                "",
                new Secret(""),
                new Secret(""),
                1,
                Duration.ofSeconds(5));
    }

    @AfterAll
    static void stopStores() throws IOException {
        database.close();
        redis.stop();
    }

    @AfterEach
    void close() {
        nodes.forEach(RegistryNode::close);
    }

    private RegistryNode start(String name, int incarnation) {
        RegistryNode node = new RegistryNode(name, incarnation, cluster, database.store(), redisConfig);
        nodes.add(node);
        nodes.forEach(each -> each.link(nodes));
        return node;
    }

    private void kill(RegistryNode node) {
        nodes.remove(node);
        node.die();
    }

    private Attach.Builder agent(String id) {
        return Attach.newBuilder()
                .setId(own + id)
                .setSlots(3)
                .addSkills(Skill.newBuilder().setName("read").setVersion("1.0.0"))
                .addHeld(HeldAssignment.newBuilder().setTask("t").setToken(7));
    }

    private static void change(RegistryNode node, AgentInfo agent, Presence presence) {
        node.ask(
                ChangePresence.newBuilder()
                        .setAgent(agent.getId())
                        .setGeneration(agent.getGeneration())
                        .setPresence(presence)
                        .build(),
                Done.parser());
    }

    private static List<Presence> told(RegistryNode node, AgentInfo agent) {
        return node.told.stream()
                .filter(each -> each.getGeneration() == agent.getGeneration())
                .map(AgentInfo::getPresence)
                .toList();
    }

    private static void awaitSame(RegistryNode one, RegistryNode other) {
        await(() -> one.agents().equals(other.agents()));
    }

    @Test
    void shouldListTheAgentsOfAllNodesWithAllThatTheBrokerNeeds() {
        RegistryNode a = start("a", 1);
        AgentInfo early = a.attach(agent("early"));
        RegistryNode b = start("b", 2);
        awaitSame(a, b);
        AgentInfo late = a.attach(agent("late"));
        change(a, early, Presence.PRESENCE_SUSPENDED);
        AgentInfo onB = b.attach(agent("on-b"));

        await(() -> b.agents().size() == 3 && a.agents().size() == 3);
        await(() -> b.agents().getFirst().getPresence() == Presence.PRESENCE_SUSPENDED);
        assertThat(b.agents()).extracting(AgentInfo::getId).containsExactly(early.getId(), late.getId(), onB.getId());
        assertThat(b.agents()).contains(late, onB);
        assertThat(a.agents()).isEqualTo(b.agents());
        assertThat(told(b, late)).containsExactly(Presence.PRESENCE_CONNECTED);

        change(a, late, Presence.PRESENCE_GONE);

        await(() -> told(b, late).contains(Presence.PRESENCE_GONE));
        assertThat(b.agents()).doesNotContain(late);
    }

    @Test
    void shouldSupersedeAnAgentThatAttachesAtAnotherNode() {
        RegistryNode a = start("a", 7);
        RegistryNode b = start("b", 2);
        AgentInfo before = a.attach(agent("mover"));
        await(() -> !told(b, before).isEmpty());

        AgentInfo after = b.attach(agent("mover"));

        assertThat(after.getGeneration()).isGreaterThan(before.getGeneration());
        await(() -> told(a, after).contains(Presence.PRESENCE_CONNECTED));
        change(a, before, Presence.PRESENCE_GONE);
        assertThat(a.agents()).containsExactly(after);
        await(() -> get(b.presence.find(after.getId()))
                .filter(entry -> entry.node().equals("b"))
                .isPresent());
        assertThat(told(a, before)).as("its assignments are not lost").doesNotContain(Presence.PRESENCE_GONE);
    }

    @Test
    void shouldSuspendTheAgentsOfADeadNodeAndLetThemGoUnlessTheyComeElsewhere() {
        RegistryNode a = start("a", 1);
        RegistryNode b = start("b", 2);
        AgentInfo stays = b.attach(agent("b"));
        AgentInfo lost = a.attach(agent("lost"));
        AgentInfo moves = a.attach(agent("moves"));
        await(() -> b.agents().size() == 3
                && get(b.presence.find(lost.getId())).isPresent()
                && get(b.presence.find(moves.getId())).isPresent());

        kill(a);
        await(() -> told(b, lost).contains(Presence.PRESENCE_SUSPENDED));
        AgentInfo moved = b.attach(agent("moves"));

        await(() -> told(b, lost).contains(Presence.PRESENCE_GONE));
        assertThat(b.agents()).containsExactly(stays, moved);
        await(() -> get(b.presence.find(moved.getId()))
                .filter(entry -> entry.generation() == moved.getGeneration())
                .isPresent());
        assertThat(told(b, moves)).doesNotContain(Presence.PRESENCE_GONE);
    }

    /** More than a page of them. */
    @Test
    void shouldFetchWhatItMissed() {
        RegistryNode a = start("a", 1);
        RegistryNode b = start("b", 2);
        AgentInfo gone = a.attach(agent("gone"));
        await(() -> b.agents().size() == 1);
        a.loseChanges(true);
        IntStream.range(0, 1_100).forEach(i -> a.attach(agent("many-" + i)));
        change(a, gone, Presence.PRESENCE_GONE);
        assertThat(b.agents()).containsExactly(gone);

        a.loseChanges(false);

        await(() -> b.agents().size() == 1_100);
        awaitSame(a, b);
        assertThat(told(b, gone))
                .as("not named any more, but perhaps about to come back")
                .endsWith(Presence.PRESENCE_SUSPENDED, Presence.PRESENCE_GONE);
        assertThat(b.told).hasSize(1_103);
    }

    private DefinitionVersion publish(RegistryNode node, String name) {
        String document = """
                {"name": "%s", "version": "1.0.0", "skills": [{"name": "read"}]}
                """.formatted(own + name);
        return node.ask(
                PublishDefinition.newBuilder()
                        .setDocument(ByteString.copyFromUtf8(document))
                        .setPublisher("me")
                        .build(),
                DefinitionVersion.parser());
    }

    private boolean lists(RegistryNode node, DefinitionVersion version) {
        return node
                .ask(ListDefinitions.newBuilder().setName(version.getName()).build(), DefinitionPage.parser())
                .getDefinitionsList()
                .stream()
                .anyMatch(listed -> listed.getContentHash().equals(version.getContentHash()));
    }

    @Test
    void shouldKnowADefinitionThatWasPublishedElsewhere() {
        RegistryNode a = start("a", 1);
        RegistryNode b = start("b", 2);

        a.attach(agent("first"));
        awaitSame(a, b);
        DefinitionVersion told = publish(a, "told");
        await(() -> lists(b, told));

        a.loseChanges(true);
        DefinitionVersion byDigest = publish(a, "by-digest");
        a.loseChanges(false);
        await(() -> lists(b, byDigest));
    }

    @Test
    void shouldKnowWhenAnAgentWasHeardElsewhere() {
        RegistryNode a = start("a", 1);
        RegistryNode b = start("b", 2);
        AgentInfo agent = a.attach(agent("lively"));
        AgentInfo silent = a.attach(agent("silent"));
        awaitSame(a, b);

        await(() -> {
            a.tell(Heartbeats.newBuilder()
                    .addHeartbeats(
                            Heartbeat.newBuilder().setAgent(agent.getId()).setGeneration(agent.getGeneration()))
                    .build());
            return b.agents().getFirst().getLastSeenMs() > agent.getLastSeenMs();
        });

        assertThat(b.agents()).contains(silent);
        awaitSame(a, b);
        assertThat(told(b, agent)).as("no change is told for it").containsExactly(Presence.PRESENCE_CONNECTED);
    }

    @Test
    void shouldSayOfARegistrationThatItIsOverWhenItIsStillHeard() {
        RegistryNode a = start("a", 1);
        AgentInfo old = a.attach(agent("twice"));
        AgentInfo young = a.attach(agent("twice"));

        for (AgentInfo agent : List.of(old, young)) {
            a.tell(Heartbeats.newBuilder()
                    .addHeartbeats(
                            Heartbeat.newBuilder().setAgent(agent.getId()).setGeneration(agent.getGeneration()))
                    .build());
        }

        await(() -> told(a, old).contains(Presence.PRESENCE_GONE));
        assertThat(a.agents()).extracting(AgentInfo::getGeneration).containsExactly(young.getGeneration());
        assertThat(told(a, young)).containsExactly(Presence.PRESENCE_CONNECTED);
    }

    private DirectiveView issue(RegistryNode node, FleetVerb verb) {
        return node.ask(
                IssueDirective.newBuilder()
                        .setVerb(verb)
                        .setSelector(AgentSelector.newBuilder().putTags("own", own))
                        .setReason("why")
                        .setBy("me")
                        .build(),
                DirectiveView.parser());
    }

    private static Standing standing(RegistryNode node, AgentInfo agent) {
        return node.agents().stream()
                .filter(each -> each.getId().equals(agent.getId()))
                .map(each -> each.getStanding().getStanding())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldApplyADirectiveOnEveryNodeToAllAgentsThatItMeans() {
        RegistryNode a = start("a", 1);
        RegistryNode b = start("b", 2);
        AgentInfo onA = a.attach(agent("on-a").putTags("own", own));
        AgentInfo other = a.attach(agent("other"));
        awaitSame(a, b);

        DirectiveView pause = issue(b, FleetVerb.FLEET_VERB_PAUSE);
        AgentInfo later = a.attach(agent("later").putTags("own", own));

        assertThat(pause.getMatched()).isEqualTo(1);
        await(() -> a.agents().size() == 3 && b.agents().size() == 3);
        for (RegistryNode node : List.of(a, b)) {
            await(() -> standing(node, onA) == Standing.STANDING_PAUSED);
            await(() -> standing(node, later) == Standing.STANDING_PAUSED);
            assertThat(standing(node, other)).isEqualTo(Standing.STANDING_ACTIVE);
            assertThat(node.told)
                    .anyMatch(told -> told.getId().equals(onA.getId())
                            && told.getStanding().getDirective().equals(pause.getId()));
        }

        a.ask(RevokeDirective.newBuilder().setId(pause.getId()).build(), DirectiveView.parser());

        await(() -> standing(b, onA) == Standing.STANDING_ACTIVE && standing(b, later) == Standing.STANDING_ACTIVE);
        awaitSame(a, b);
    }

    @Test
    void shouldEndAgentsWhereverTheyAreAndKeepThemOutUntilTheKillIsRevoked() {
        RegistryNode a = start("a", 1);
        RegistryNode b = start("b", 2);
        AgentInfo victim = a.attach(agent("victim").putTags("own", own));
        AgentInfo other = a.attach(agent("other"));
        awaitSame(a, b);

        DirectiveView kill = issue(b, FleetVerb.FLEET_VERB_KILL);

        await(() -> a.agents().equals(List.of(other)) && b.agents().equals(List.of(other)));
        assertThat(told(b, victim)).endsWith(Presence.PRESENCE_GONE);
        // Also who starts now.
        RegistryNode c = start("c", 3);
        for (RegistryNode node : List.of(a, b, c)) {
            assertThat(node.refusal(agent("victim").putTags("own", own))).isEqualTo(Code.KILLED);
        }
        c.ask(RevokeDirective.newBuilder().setId(kill.getId()).build(), DirectiveView.parser());
        assertThat(c.attach(agent("victim").putTags("own", own)).getGeneration())
                .isGreaterThan(victim.getGeneration());
    }

    @Test
    void shouldTakeNoDrainedAgentBackThatHasNothingToFinish() {
        RegistryNode a = start("a", 1);
        DirectiveView drain = issue(a, FleetVerb.FLEET_VERB_DRAIN);

        assertThat(a.refusal(agent("idle").putTags("own", own).clearHeld())).isEqualTo(Code.CONFLICT);
        AgentInfo busy = a.attach(agent("busy").putTags("own", own));
        assertThat(busy.getStanding().getDirective()).isEqualTo(drain.getId());
    }
}
