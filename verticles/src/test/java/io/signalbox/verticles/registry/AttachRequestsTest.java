package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AttachAgent;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.Skill;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttachRequestsTest {
    private final DefinitionCatalog catalog = new DefinitionCatalog();

    @BeforeEach
    void publish() {
        for (String version : List.of("1.0.0", "1.1.0")) {
            String document = """
                    {"name": "reader", "version": "%s", "slots": 4, "tags": {"team": "r", "size": "big"},
                     "skills": [{"name": "read", "version": "%s"}, {"name": "sum"}]}""".formatted(version, version);
            Definition definition = new DefinitionParser().parse(document.getBytes(StandardCharsets.UTF_8));
            catalog.add(
                    definition,
                    new DefinitionStore.Stored(
                            "reader", version, definition.contentHash(), document, "tester", Instant.EPOCH));
        }
    }

    private static Skill skill(String name, String version) {
        return Skill.newBuilder().setName(name).setVersion(version).build();
    }

    private static Attach.Builder agent() {
        return Attach.newBuilder().setId("a");
    }

    private static Attach.Builder reader() {
        return agent().setDefinition("reader");
    }

    private AgentDirectory.Request read(Attach.Builder attach) {
        return AttachRequests.read(
                AttachAgent.newBuilder()
                        .setAttach(attach)
                        .setNode("n1")
                        .setSubject("me")
                        .setSession("s1")
                        .build(),
                new FollowedDefinitions(catalog));
    }

    private void assertRefused(Attach.Builder attach, Code code, String what) {
        assertThatThrownBy(() -> read(attach)).isInstanceOfSatisfying(ServiceException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.getMessage()).contains(what);
        });
    }

    @Test
    void shouldTakeAnAgentThatBringsItsOwnSkills() {
        AgentDirectory.Request request = read(agent().addSkills(skill("read", ""))
                .addSkills(skill("read", "2.0.0"))
                .addSkills(skill("read", "1.0.0"))
                .putTags("zone", "eu"));

        assertThat(request)
                .isEqualTo(new AgentDirectory.Request(
                        "a",
                        "",
                        List.of(skill("read", "1.0.0"), skill("read", "2.0.0")),
                        1,
                        Map.of("zone", "eu"),
                        "n1",
                        "me",
                        "s1",
                        List.of()));
    }

    @Test
    void shouldTakeSlotsTagsAndSkillsFromTheDefinitionWhenTheAgentSaysNothing() {
        AgentDirectory.Request request = read(reader());

        assertThat(request.definition()).isEqualTo("reader@1.1.0");
        assertThat(request.skills()).containsExactly(skill("read", "1.1.0"), skill("sum", "1.0.0"));
        assertThat(request.slots()).isEqualTo(4);
        assertThat(request.tags()).isEqualTo(Map.of("team", "r", "size", "big"));
    }

    @Test
    void shouldPreferWhatTheAgentSays() {
        AgentDirectory.Request request =
                read(reader().setSlots(9).putTags("team", "mine").putTags("zone", "eu"));

        assertThat(request.slots()).isEqualTo(9);
        assertThat(request.tags()).isEqualTo(Map.of("team", "mine", "size", "big", "zone", "eu"));
    }

    @Test
    void shouldPinTheVersionThatWasAskedFor() {
        AgentDirectory.Request request = read(agent().setDefinition("reader@1.0.0"));

        assertThat(request.definition()).isEqualTo("reader@1.0.0");
        assertThat(request.skills()).contains(skill("read", "1.0.0"));
    }

    @Test
    void shouldLetAnAgentHaveSomeOfItsDefinitionsSkills() {
        Attach.Builder attach = reader().addSkills(skill("sum", "")).addSkills(skill("sum", "1.0.0"));

        assertThat(read(attach).skills()).containsExactly(skill("sum", "1.0.0"));
    }

    @Test
    void shouldRefuseASkillThatTheDefinitionDoesNotHave() {
        assertRefused(reader().addSkills(skill("write", "")), Code.INVALID_ARGUMENT, "no skill write");
        assertRefused(reader().addSkills(skill("read", "1.0.0")), Code.INVALID_ARGUMENT, "no skill read 1.0.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "reader@2.0.0", "reader@", "@1.0.0", "reader@1", "READER"})
    void shouldRefuseADefinitionThatIsNotThere(String definition) {
        assertRefused(agent().setDefinition(definition), Code.NOT_FOUND, definition);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A", "0", "reviewer-1", "team.reviewer_1@host", "9@9"})
    void shouldTakeAnIdThatIsALevelOfAnAddress(String id) {
        assertThat(read(agent().setId(id)).id()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", ".a", "@a", "a/b", "a b", "a+", "#", "$sys", "\u00e9", "a\n", "a\0", "\u0661"})
    void shouldRefuseAnIdThatIsNone(String id) {
        assertRefused(agent().setId(id), Code.INVALID_ARGUMENT, "agent id");
    }

    @Test
    void shouldTakeAnIdOf200LettersAndNoMore() {
        assertThat(read(agent().setId("a".repeat(200))).id()).hasSize(200);
        assertRefused(agent().setId("a".repeat(201)), Code.INVALID_ARGUMENT, "agent id");
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "Read, ''", "read., ''", "read..x, ''", "read@1, ''", "read, 1", "read, ^1", "read, 1.0.0-01"
    })
    void shouldRefuseASkillThatIsNone(String name, String version) {
        assertThatThrownBy(() -> read(agent().addSkills(skill(name, version))))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT));
    }

    @Test
    void shouldTakeTheNameOfASkillUpTo200LettersHoweverLongItComes() {
        assertThat(read(agent().addSkills(skill("a".repeat(200), ""))).skills()).hasSize(1);
        assertRefused(agent().addSkills(skill("a".repeat(201), "")), Code.INVALID_ARGUMENT, "skill");
        assertRefused(agent().addSkills(skill("a.".repeat(50_000), "")), Code.INVALID_ARGUMENT, "skill");
    }

    @Test
    void shouldBoundSkillsTagsAndSlots() {
        Attach.Builder full = agent().setSlots(10_000);
        IntStream.range(0, 100).forEach(i -> full.addSkills(skill("s" + i, "")));
        IntStream.range(0, 50).forEach(i -> full.putTags("t" + i, ""));

        assertThat(read(full).skills()).hasSize(100);
        assertThat(read(full).slots()).isEqualTo(10_000);
        assertRefused(full.clone().addSkills(skill("one-more", "")), Code.INVALID_ARGUMENT, "100 skills");
        assertRefused(full.clone().putTags("one-more", ""), Code.INVALID_ARGUMENT, "50 tags");
        assertRefused(full.clone().setSlots(10_001), Code.INVALID_ARGUMENT, "slots 10001");
        assertRefused(full.clone().setSlots(-1), Code.INVALID_ARGUMENT, "slots 4294967295");
    }
}
