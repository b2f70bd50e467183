package io.signalbox.verticles.registry;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AgentQuestion;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.Standing;
import io.signalbox.codecs.proto.Skill;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;

/** Which agents are meant: those that meet every criterion. Not thread-safe. */
record AgentQuery(List<Criterion> criteria) {
    private static final int MAX_IDS = 1000;
    private static final int MAX_TAGS = 50;

    /** @param found what the agent has instead, or as well */
    record Criterion(String name, String wanted, Predicate<LiveAgent> test, Function<LiveAgent, String> found) {
        private Finding of(LiveAgent agent) {
            return new Finding(name, wanted, found.apply(agent), test.test(agent));
        }
    }

    /** What became of one criterion with one agent. */
    record Finding(String criterion, String wanted, String found, boolean matches) {}

    AgentQuery {
        criteria = List.copyOf(criteria);
    }

    /** @throws ServiceException {@code INVALID_ARGUMENT}: a range that is none, or too much of something */
    static AgentQuery of(AgentSelector selector) {
        if (selector.getIdsCount() > MAX_IDS || selector.getTagsCount() > MAX_TAGS) {
            throw invalid("a selector has up to " + MAX_IDS + " ids and " + MAX_TAGS + " tags");
        }
        List<Criterion> criteria = new ArrayList<>();
        if (selector.getIdsCount() > 0) {
            Set<String> ids = new HashSet<>(selector.getIdsList());
            String wanted = String.join(", ", selector.getIdsList());
            criteria.add(new Criterion("id", wanted, agent -> ids.contains(agent.id()), LiveAgent::id));
        }
        if (!selector.getType().isEmpty()) {
            criteria.add(ofType(selector.getType()));
        }
        if (!selector.getVersionRange().isEmpty()) {
            criteria.add(ofVersion(selector.getVersionRange()));
        }
        selector.getTagsMap().forEach((name, value) -> criteria.add(tagged(name, value)));
        if (!selector.getNode().isEmpty()) {
            String node = selector.getNode();
            criteria.add(new Criterion("node", node, agent -> agent.node().equals(node), LiveAgent::node));
        }
        if (!selector.getSkill().isEmpty()) {
            criteria.add(skilled(selector.getSkill(), selector.getSkillRange()));
        } else if (!selector.getSkillRange().isEmpty()) {
            throw invalid("a range of a skill's versions needs the skill");
        }
        return new AgentQuery(criteria);
    }

    /**
     * @param definitionText {@link SearchWords#text} of a definition, by {@code name@version}
     * @throws ServiceException {@code INVALID_ARGUMENT}
     */
    static AgentQuery of(AgentQuestion question, Function<String, String> definitionText) {
        List<Criterion> criteria = new ArrayList<>(of(question.getSelector()).criteria());
        if (question.hasPresence()) {
            Presence wanted = question.getPresence();
            criteria.add(new Criterion(
                    "state", word(wanted), agent -> agent.presence() == wanted, agent -> word(agent.presence())));
        }
        if (question.hasStanding()) {
            Standing wanted = question.getStanding();
            criteria.add(new Criterion(
                    "standing",
                    word(wanted),
                    agent -> agent.standing().getStanding() == wanted,
                    agent -> word(agent.standing().getStanding())));
        }
        if (!question.getText().isBlank()) {
            SearchWords words = new SearchWords(question.getText(), definitionText);
            criteria.add(new Criterion("text", question.getText(), words::areIn, agent -> without(words, agent)));
        }
        return new AgentQuery(criteria);
    }

    /** PRESENCE_CONNECTED is connected. */
    private static String word(Enum<?> value) {
        return value.name().substring(value.name().indexOf('_') + 1).toLowerCase(Locale.ROOT);
    }

    private static String without(SearchWords words, LiveAgent agent) {
        List<String> missing = words.missing(agent);
        return missing.isEmpty() ? "every word" : "not " + String.join(", ", missing);
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(Code.INVALID_ARGUMENT, message);
    }

    private static Criterion ofType(String type) {
        String prefix = type + "@";
        return new Criterion(
                "type",
                type,
                agent -> agent.definition().startsWith(prefix)
                        || agent.definition().equals(type),
                LiveAgent::definition);
    }

    private static Criterion ofVersion(String text) {
        RangeList range = SkillRange.parse(text);
        // As many as there are versions of definitions; an agent without one has none.
        Map<String, Boolean> known = new HashMap<>(Map.of("", false));
        return new Criterion(
                "version",
                text,
                agent -> known.computeIfAbsent(agent.definitionVersion(), version -> satisfies(version, range)),
                LiveAgent::definitionVersion);
    }

    private static boolean satisfies(String version, RangeList range) {
        Semver parsed = Semver.parse(version);
        return parsed != null && parsed.satisfies(range);
    }

    private static Criterion tagged(String name, String value) {
        return new Criterion(
                "tag " + name,
                value,
                agent -> value.equals(agent.tags().get(name)),
                agent -> agent.tags().getOrDefault(name, ""));
    }

    private static Criterion skilled(String name, String text) {
        RangeList range = SkillRange.parse(text);
        return new Criterion(
                "skill",
                text.isEmpty() ? name : name + " " + text,
                agent -> agent.skills().stream()
                        .anyMatch(skill -> skill.getName().equals(name)
                                && (text.isEmpty() || satisfies(skill.getVersion(), range))),
                agent -> agent.skills().stream().map(AgentQuery::reference).collect(Collectors.joining(", ")));
    }

    private static String reference(Skill skill) {
        return skill.getName() + "@" + skill.getVersion();
    }

    boolean isOfEveryAgent() {
        return criteria.isEmpty();
    }

    boolean matches(LiveAgent agent) {
        for (int i = 0; i < criteria.size(); i++) {
            if (!criteria.get(i).test().test(agent)) {
                return false;
            }
        }
        return true;
    }

    /** Criterion by criterion. */
    List<Finding> explain(LiveAgent agent) {
        return criteria.stream().map(criterion -> criterion.of(agent)).toList();
    }
}
