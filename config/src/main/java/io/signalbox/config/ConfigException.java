package io.signalbox.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used. The message lists everything that is wrong, for the operator, without secrets. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<ConfigProblem> problems;

    public ConfigException(List<ConfigProblem> problems) {
        super(problems.stream()
                .map(problem -> "  " + problem)
                .collect(Collectors.joining("\n", "The configuration cannot be used:\n", "")));
        this.problems = List.copyOf(problems);
    }

    /** In the order of the sources: file, environment, arguments; then those that come from several keys together. */
    public List<ConfigProblem> problems() {
        return problems;
    }
}
