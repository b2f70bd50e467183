package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.verticles.registry.AgentQuery.Finding;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

class AgentQueryTest {
    private static final LiveAgent AGENT = Agents.agent(
            "a-1", "text.reviewer@1.4.0", Map.of("region", "eu", "team", "red"), "text.review@2.1.0", "text.sum@1.0.0");
    private static final LiveAgent WITHOUT_DEFINITION = Agents.agent("a-2", "", Map.of(), "text.review@2.1.0");

    private static AgentSelector.Builder selector() {
        return AgentSelector.newBuilder();
    }

    static final List<Arguments> SELECTORS = List.of(
            Arguments.of(selector(), true),
            Arguments.of(selector().addIds("b").addIds("a-1"), true),
            Arguments.of(selector().addIds("a"), false),
            Arguments.of(selector().setType("text.reviewer"), true),
            Arguments.of(selector().setType("text.reviewer@1.4.0"), true),
            Arguments.of(selector().setType("text.reviewer@1.4"), false),
            Arguments.of(selector().setType("text.review"), false),
            Arguments.of(selector().setVersionRange("^1.2"), true),
            Arguments.of(selector().setVersionRange("<1.4"), false),
            Arguments.of(selector().putTags("region", "eu").putTags("team", "red"), true),
            Arguments.of(selector().putTags("region", "eu").putTags("team", "blue"), false),
            Arguments.of(selector().putTags("colour", ""), false),
            Arguments.of(selector().setNode("n1"), true),
            Arguments.of(selector().setNode("n2"), false),
            Arguments.of(selector().setSkill("text.review"), true),
            Arguments.of(selector().setSkill("text.review").setSkillRange("~2.1"), true),
            // another skill has such a version
            Arguments.of(selector().setSkill("text.review").setSkillRange("^1"), false),
            Arguments.of(selector().setType("text.reviewer").setNode("n2"), false));

    @ParameterizedTest
    @FieldSource("SELECTORS")
    void shouldMeetEveryCriterion(AgentSelector.Builder selector, boolean matches) {
        assertThat(AgentQuery.of(selector.build()).matches(AGENT)).isEqualTo(matches);
    }

    @Test
    void shouldNotTakeAnAgentWithoutDefinitionForOneOfAType() {
        assertThat(AgentQuery.of(selector().setVersionRange("*").build()).matches(WITHOUT_DEFINITION))
                .isFalse();
        assertThat(AgentQuery.of(selector().setType("text.reviewer").build()).matches(WITHOUT_DEFINITION))
                .isFalse();
    }

    @Test
    void shouldSayOfEachCriterionWhatTheAgentHasInstead() {
        AgentQuery query = AgentQuery.of(selector()
                .setSkill("text.review")
                .setSkillRange("^3")
                .putTags("region", "eu")
                .build());

        assertThat(query.explain(AGENT))
                .containsExactly(
                        new Finding("tag region", "eu", "eu", true),
                        new Finding("skill", "text.review ^3", "text.review@2.1.0, text.sum@1.0.0", false));
    }

    static final List<AgentSelector.Builder> REFUSED = List.of(
            selector().setVersionRange("new"),
            selector().setSkill("x").setSkillRange("new"),
            selector().setSkillRange("^1"),
            selector().addAllIds(IntStream.range(0, 1001).mapToObj(i -> "a" + i).toList()));

    @ParameterizedTest
    @FieldSource("REFUSED")
    void shouldRefuseWhatMeansNothing(AgentSelector.Builder selector) {
        assertThatThrownBy(() -> AgentQuery.of(selector.build())).isInstanceOf(ServiceException.class);
    }
}
