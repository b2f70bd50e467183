package io.signalbox.verticles.registry;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.verticles.registry.Definition.DeclaredSkill;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.stream.Stream;

/** What somebody seeks by words: whatever has each of them, in whatever case. Not thread-safe. */
final class SearchWords {
    private static final int MAX_LENGTH = 200;
    private static final int MAX_WORDS = 20;

    private final List<String> words;
    private final Function<String, String> definitionText;

    /** By definition: many agents have the same. */
    private final Map<String, List<String>> missingInDefinition = new HashMap<>();

    /**
     * @param definitionText {@link #text} of a definition, by {@code name@version}; empty: it is not known
     * @throws ServiceException {@code INVALID_ARGUMENT}: too many words
     */
    SearchWords(String text, Function<String, String> definitionText) {
        this.words = Stream.of(text.toLowerCase(Locale.ROOT).split("\\s+"))
                .filter(word -> !word.isEmpty())
                .distinct()
                .toList();
        this.definitionText = definitionText;
        if (text.length() > MAX_LENGTH || words.size() > MAX_WORDS) {
            throw new ServiceException(
                    Code.INVALID_ARGUMENT, "text has up to " + MAX_WORDS + " words of " + MAX_LENGTH + " characters");
        }
    }

    /** Everything that is said in a definition, in lower case. */
    static String text(Definition definition) {
        StringJoiner text = new StringJoiner("\n").add(definition.reference()).add(definition.description());
        for (DeclaredSkill skill : definition.skills()) {
            text.add(skill.reference()).add(skill.description());
        }
        definition.tags().forEach((name, value) -> text.add(name + "=" + value));
        return text.toString().toLowerCase(Locale.ROOT);
    }

    boolean areIn(Definition definition) {
        return missing(definition.reference()).isEmpty();
    }

    private List<String> missing(String reference) {
        return missingInDefinition.computeIfAbsent(reference, unknown -> missing(words, definitionText.apply(unknown)));
    }

    private static List<String> missing(List<String> words, String text) {
        return words.stream().filter(word -> !text.contains(word)).toList();
    }

    boolean areIn(LiveAgent agent) {
        return missing(agent).isEmpty();
    }

    /** Of the words those that are neither in the agent's definition nor in what it said itself. */
    List<String> missing(LiveAgent agent) {
        List<String> left = agent.definition().isEmpty() ? words : missing(agent.definition());
        return left.isEmpty() ? left : missing(left, ownText(agent));
    }

    private static String ownText(LiveAgent agent) {
        StringJoiner text = new StringJoiner("\n").add(agent.id()).add(agent.definition());
        agent.skills().forEach(skill -> text.add(skill.getName()));
        agent.tags().forEach((name, value) -> text.add(name + "=" + value));
        return text.toString().toLowerCase(Locale.ROOT);
    }
}
