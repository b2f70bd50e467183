package io.signalbox.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the sources say, the later ones over the earlier ones, and what is wrong with them. Not thread-safe. */
final class WrittenValues {
    private final Map<ConfigKey, RawValue> values = new LinkedHashMap<>();
    private final List<ConfigProblem> problems = new ArrayList<>();

    void put(ConfigKey key, RawValue value) {
        values.put(key, value);
    }

    void reject(ConfigProblem problem) {
        problems.add(problem);
    }

    Optional<RawValue> get(ConfigKey key) {
        return Optional.ofNullable(values.get(key));
    }

    List<ConfigProblem> problems() {
        return problems;
    }
}
