package io.signalbox.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What can be configured, read from a record of sections, each a record of settings. Immutable.
 *
 * @param sections keys by section, in the order of the components
 */
record ConfigSchema<C extends Record>(Class<C> root, Map<String, List<ConfigKey>> sections) {
    static <C extends Record> ConfigSchema<C> of(Class<C> root) {
        Map<String, List<ConfigKey>> sections = new LinkedHashMap<>();
        for (RecordComponent section : root.getRecordComponents()) {
            String name = ConfigKey.kebab(section.getName());
            List<ConfigKey> keys = Arrays.stream(section.getType().getRecordComponents())
                    .map(component -> ConfigKey.of(name, component))
                    .toList();
            sections.put(name, keys);
        }
        return new ConfigSchema<>(root, sections);
    }

    List<ConfigKey> keys() {
        return sections.values().stream().flatMap(List::stream).toList();
    }

    Optional<ConfigKey> key(String name) {
        return keys().stream().filter(key -> key.toString().equals(name)).findFirst();
    }

    /** What to tell somebody who wrote a key that does not exist. */
    String unknown(String name) {
        List<String> known = keys().stream().map(ConfigKey::toString).toList();
        return "there is no such key" + Suggestion.didYouMean(name, known);
    }

    /** @param values one of the right type for every key */
    C build(Map<ConfigKey, Object> values) {
        Object[] built = Arrays.stream(root.getRecordComponents())
                .map(section -> buildSection(section, values))
                .toArray();
        return root.cast(instantiate(root, built));
    }

    /** The other way round: what a configuration has for every key. */
    Map<ConfigKey, Object> values(C config) {
        Map<ConfigKey, Object> values = new LinkedHashMap<>();
        for (RecordComponent section : root.getRecordComponents()) {
            Object record = read(section, config);
            sections.get(ConfigKey.kebab(section.getName()))
                    .forEach(key -> values.put(key, read(key.component(), record)));
        }
        return values;
    }

    private Record buildSection(RecordComponent section, Map<ConfigKey, Object> values) {
        Object[] arguments = sections.get(ConfigKey.kebab(section.getName())).stream()
                .map(key -> Objects.requireNonNull(values.get(key), key.toString()))
                .toArray();
        return instantiate(section.getType().asSubclass(Record.class), arguments);
    }

    private static Object read(RecordComponent component, Object record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }

    private static Record instantiate(Class<? extends Record> type, Object[] arguments) {
        Class<?>[] types = Stream.of(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            Constructor<? extends Record> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(arguments);
        } catch (ReflectiveOperationException e) {
            String given = Arrays.stream(types).map(Class::getSimpleName).collect(Collectors.joining(", "));
            throw new IllegalStateException("No " + type.getSimpleName() + "(" + given + ") can be made", e);
        }
    }
}
