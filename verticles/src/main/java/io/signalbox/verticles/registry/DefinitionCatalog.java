package io.signalbox.verticles.registry;

import io.signalbox.verticles.registry.Definition.DeclaredSkill;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;

/** All published definitions and the skills that they declare, by version. Not thread-safe. */
final class DefinitionCatalog {
    /** Versions that differ in their build metadata alone have one rank, and are two versions. */
    private static final Comparator<Semver> HIGHEST_FIRST =
            Comparator.<Semver>naturalOrder().thenComparing(Semver::toString).reversed();

    record Entry(Definition definition, DefinitionStore.Stored stored) {}

    private final TreeMap<String, TreeMap<Semver, Entry>> definitions = new TreeMap<>();
    private final Map<String, TreeMap<Semver, DeclaredSkill>> skills = new HashMap<>();

    /** The same by {@code name@version}. */
    private final TreeMap<String, DeclaredSkill> skillsByReference = new TreeMap<>();

    private int size;

    void add(Definition definition, DefinitionStore.Stored stored) {
        Entry before = definitions
                .computeIfAbsent(definition.name(), name -> new TreeMap<>(HIGHEST_FIRST))
                .put(definition.version(), new Entry(definition, stored));
        size += before == null ? 1 : 0;
        for (DeclaredSkill skill : definition.skills()) {
            skills.computeIfAbsent(skill.name(), name -> new TreeMap<>(HIGHEST_FIRST))
                    .putIfAbsent(skill.version(), skill);
            skillsByReference.putIfAbsent(skill.reference(), skill);
        }
    }

    /** @param version empty: the highest */
    Optional<Entry> find(String name, String version) {
        TreeMap<Semver, Entry> versions = definitions.getOrDefault(name, new TreeMap<>());
        if (version.isEmpty()) {
            return versions.values().stream().findFirst();
        }
        return Optional.ofNullable(Semver.parse(version)).map(versions::get);
    }

    /** The version that was there first. */
    Optional<Entry> firstPublished(String name) {
        return definitions.getOrDefault(name, new TreeMap<>()).values().stream()
                .min(Comparator.comparing((Entry entry) -> entry.stored().publishedAt())
                        .thenComparing(entry -> entry.stored().version()));
    }

    /** @param reference {@code name@version}, or {@code name} for the highest version */
    Optional<Entry> find(String reference) {
        int at = reference.indexOf('@');
        return at < 0
                ? find(reference, "")
                : find(reference.substring(0, at), reference.substring(at + 1))
                        .filter(found -> at + 1 < reference.length());
    }

    /** The versions of each name, highest first; by name, from after {@code cursor} on. */
    Stream<Collection<Entry>> namesAfter(String cursor) {
        return definitions.tailMap(cursor, false).values().stream().map(TreeMap::values);
    }

    /** The versions of one name, highest first, from below {@code cursor} on. */
    List<Entry> versions(String name, String cursor, int limit) {
        TreeMap<Semver, Entry> versions = definitions.getOrDefault(name, new TreeMap<>(HIGHEST_FIRST));
        Semver from = cursor.isEmpty() ? null : Semver.parse(cursor);
        return (from == null ? versions : versions.tailMap(from, false))
                .values().stream().limit(limit).toList();
    }

    /** The highest declared version of the skill that is in the range. */
    Optional<DeclaredSkill> resolve(String skill, RangeList range) {
        return skills.getOrDefault(skill, new TreeMap<>()).values().stream()
                .filter(declared -> declared.version().satisfies(range))
                .findFirst();
    }

    /** By {@code name@version}, from after {@code cursor} on. */
    Stream<DeclaredSkill> skillsAfter(String cursor) {
        return skillsByReference.tailMap(cursor, false).values().stream();
    }

    int size() {
        return size;
    }
}
