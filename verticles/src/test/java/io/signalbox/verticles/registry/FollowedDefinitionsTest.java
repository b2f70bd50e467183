package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.Cohort;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AttachAgent;
import io.signalbox.codecs.internal.DefinitionChange;
import io.signalbox.codecs.internal.DiffDefinitions;
import io.signalbox.codecs.internal.FollowedChannels;
import io.signalbox.codecs.internal.FollowedVersion;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.Skill;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FollowedDefinitionsTest {
    private final DefinitionCatalog catalog = new DefinitionCatalog();
    private final FollowedDefinitions followed = new FollowedDefinitions(catalog);

    /** 1.1.0 was the first, a version of a branch. */
    @BeforeEach
    void publish() {
        publish("1.1.0", 1, "\"slots\": 2");
        publish("1.0.0", 2, "\"slots\": 2");
        publish("2.0.0", 3, "\"slots\": 3, \"labels\": {\"team\": \"r\"}");
    }

    private void publish(String version, long at, String more) {
        String document =
                "{\"name\": \"reader\", \"version\": \"%s\", %s, \"skills\": [{\"name\": \"read\", \"version\": \"%s\"}]}"
                        .formatted(version, more, version);
        Definition definition = new DefinitionParser().parse(document.getBytes(StandardCharsets.UTF_8));
        catalog.add(
                definition,
                new DefinitionStore.Stored(
                        "reader", version, definition.contentHash(), document, "tester", Instant.ofEpochSecond(at)));
    }

    private static FollowedChannels channels(long revision, String stable, String canary, int share) {
        FollowedChannels.Builder channels = FollowedChannels.newBuilder()
                .setDefinition("reader")
                .setRevision(revision)
                .setStable(FollowedVersion.newBuilder().setVersion(stable));
        return canary.isEmpty()
                ? channels.build()
                : channels.setCanary(FollowedVersion.newBuilder().setVersion(canary))
                        .setRollout(1)
                        .setShare(share)
                        .build();
    }

    private String version(String reference) {
        return followed.find(reference, "a")
                .map(definition -> definition.version().toString())
                .orElse("none");
    }

    @Test
    void shouldHaveTheFirstVersionAsStableUntilItHearsOfAnother() {
        assertThat(version("reader@stable")).isEqualTo("1.1.0");
        assertThat(version("reader@canary")).isEqualTo("1.1.0");
        assertThat(version("unheard-of@stable")).isEqualTo("none");

        followed.learn(channels(3, "1.0.0", "", 0));

        assertThat(version("reader@stable")).isEqualTo("1.0.0");
        assertThat(followed.learn(channels(2, "2.0.0", "", 0))).isFalse();
        assertThat(version("reader@stable")).isEqualTo("1.0.0");
    }

    @ParameterizedTest
    @CsvSource({
        "reader@stable,0,1.0.0",
        "reader@stable,10000,2.0.0",
        "reader@canary,0,2.0.0",
        "reader@1.1.0,10000,1.1.0",
        "reader,0,2.0.0",
    })
    void shouldGiveTheCanaryToItsCohortAndToWhoWantsIt(String reference, int share, String expected) {
        followed.learn(channels(1, "1.0.0", "2.0.0", share));

        assertThat(version(reference)).isEqualTo(expected);
    }

    @Test
    void shouldChooseAsWhoeverAssigns() {
        followed.learn(channels(1, "1.0.0", "2.0.0", 5_000));

        for (int i = 0; i < 100; i++) {
            String agent = "agent-" + i;
            boolean canary = Cohort.has(agent, "reader", 1, 5_000);
            assertThat(followed.find("reader@stable", agent)
                            .orElseThrow()
                            .version()
                            .toString())
                    .isEqualTo(canary ? "2.0.0" : "1.0.0");
        }
    }

    private static AgentInfo agent(String definition) {
        return AgentInfo.newBuilder()
                .setId("a")
                .setDefinition(definition)
                .addSkills(Skill.newBuilder().setName("read").setVersion("1.1.0"))
                .build();
    }

    @Test
    void shouldShowTheVersionAndTheSkillsThatAnAgentHasNow() {
        followed.learn(channels(1, "2.0.0", "", 0));

        assertThat(followed.shown(agent("reader@stable")).getDefinitionVersion())
                .isEqualTo("2.0.0");
        assertThat(followed.shown(agent("reader@stable")).getSkills(0).getVersion())
                .isEqualTo("2.0.0");
        assertThat(followed.shown(agent("reader@1.1.0")).getDefinitionVersion()).isEqualTo("1.1.0");
        assertThat(followed.shown(agent("reader@1.1.0")).getSkills(0).getVersion())
                .isEqualTo("1.1.0");
        assertThat(followed.shown(agent(""))).isEqualTo(agent(""));
    }

    @Test
    void shouldReviseFollowersOfThatDefinitionAlone() {
        followed.learn(channels(1, "2.0.0", "", 0));

        assertThat(followed.revised(LiveAgent.of(agent("reader@stable")), "reader"))
                .map(LiveAgent::skills)
                .contains(followed.shown(agent("reader@stable")).getSkillsList());
        assertThat(followed.revised(LiveAgent.of(agent("reader@1.1.0")), "reader"))
                .isEmpty();
        assertThat(followed.revised(LiveAgent.of(agent("reader@stable")), "read"))
                .isEmpty();
    }

    @Test
    void shouldCountRevisedSkills() {
        AgentDirectory directory = new AgentDirectory("n1", 9, new FleetDirectives());
        directory.attach(attach(Attach.newBuilder().setDefinition("reader@stable")), 1, Instant.EPOCH);
        followed.learn(channels(1, "2.0.0", "", 0));

        directory.revise(agent -> followed.revised(agent, "reader"));

        assertThat(directory.agentsWith(skill("1.1.0"))).isZero();
        assertThat(directory.agentsWith(skill("2.0.0"))).isEqualTo(1);
        assertThat(directory.connected()).isEqualTo(1);
    }

    private static Skill skill(String version) {
        return Skill.newBuilder().setName("read").setVersion(version).build();
    }

    private AgentDirectory.Request attach(Attach.Builder attach) {
        AttachAgent request = AttachAgent.newBuilder()
                .setNode("n1")
                .setAttach(attach.setId("a"))
                .build();
        return AttachRequests.read(request, followed);
    }

    @Test
    void shouldAttachAFollowerAsWhatItFollows() {
        AgentDirectory.Request request = attach(Attach.newBuilder().setDefinition("reader@stable"));

        assertThat(request.definition()).isEqualTo("reader@stable");
        assertThat(request.skills()).containsExactly(skill("1.1.0"));
        assertThat(request.slots()).isEqualTo(2);
        assertThat(request.tags()).isEqualTo(Map.of());
    }

    @Test
    void shouldLetAFollowerChooseNoSkills() {
        Attach.Builder choosing =
                Attach.newBuilder().setDefinition("reader@stable").addSkills(skill("1.1.0"));

        assertThatThrownBy(() -> attach(choosing))
                .isInstanceOfSatisfying(
                        ServiceException.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.INVALID_ARGUMENT));
    }

    private static DiffDefinitions between(String from, String to) {
        return DiffDefinitions.newBuilder()
                .setName("reader")
                .setFrom(from)
                .setTo(to)
                .build();
    }

    @Test
    void shouldTellWhatChangedBetweenVersions() {
        List<DefinitionChange> changes =
                VersionDiff.answer(between("1.1.0", "2.0.0"), catalog).getChangesList();

        assertThat(changes)
                .extracting(change -> change.getPath() + ": " + change.getFrom().toStringUtf8() + " -> "
                        + change.getTo().toStringUtf8())
                .containsExactly(
                        "/labels:  -> {\"team\":\"r\"}",
                        "/skills/read/version: \"1.1.0\" -> \"2.0.0\"",
                        "/slots: 2 -> 3",
                        "/version: \"1.1.0\" -> \"2.0.0\"");
        assertThat(VersionDiff.answer(between("1.1.0", "1.1.0"), catalog).getChangesList())
                .isEmpty();
        assertThatThrownBy(() -> VersionDiff.answer(between("1.1.0", ""), catalog))
                .isInstanceOf(ServiceException.class);
    }

    @Test
    void shouldKnowTheVersionThatWasFirst() {
        assertThat(catalog.firstPublished("reader").map(entry -> entry.stored().version()))
                .contains("1.1.0");
        assertThat(catalog.firstPublished("other")).isEqualTo(Optional.empty());
    }
}
