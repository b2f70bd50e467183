package io.signalbox.verticles.registry;

import io.signalbox.codecs.internal.DefinitionQuestion;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import org.semver4j.range.RangeList;

/** Which definitions are meant. Not thread-safe. */
final class DefinitionQuery {
    private final DefinitionQuestion question;
    private final RangeList versions;
    private final RangeList skillVersions;
    private final SearchWords words;

    /**
     * @param text {@link SearchWords#text} of a definition, by {@code name@version}
     * @throws io.signalbox.bus.service.ServiceException {@code INVALID_ARGUMENT}
     */
    DefinitionQuery(DefinitionQuestion question, Function<String, String> text) {
        this.question = question;
        this.versions = SkillRange.parse(question.getVersionRange());
        this.skillVersions = SkillRange.parse(question.getSkillRange());
        this.words = new SearchWords(question.getText(), text);
    }

    /** The first of the versions that it means. */
    Optional<DefinitionCatalog.Entry> first(Collection<DefinitionCatalog.Entry> highestFirst) {
        return highestFirst.stream()
                .filter(entry -> matches(entry.definition()))
                .findFirst();
    }

    private boolean matches(Definition definition) {
        return (question.getVersionRange().isEmpty() || definition.version().satisfies(versions))
                && hasSkill(definition)
                && definition
                        .tags()
                        .entrySet()
                        .containsAll(question.getTagsMap().entrySet())
                && words.areIn(definition);
    }

    private boolean hasSkill(Definition definition) {
        return question.getSkill().isEmpty()
                || definition
                        .skill(question.getSkill())
                        .filter(skill -> question.getSkillRange().isEmpty()
                                || skill.version().satisfies(skillVersions))
                        .isPresent();
    }
}
