package io.signalbox.verticles.registry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semver4j.Semver;

/**
 * A published agent type. Immutable.
 *
 * @param document canonical JSON
 * @param contentHash SHA-256 of the canonical document, hexadecimal
 * @param slots tasks that one agent does at once
 */
record Definition(
        String name,
        Semver version,
        String description,
        List<DeclaredSkill> skills,
        int slots,
        Map<String, String> tags,
        String document,
        String contentHash) {
    Definition {
        skills = List.copyOf(skills);
        tags = Map.copyOf(tags);
    }

    Optional<DeclaredSkill> skill(String skillName) {
        return skills.stream().filter(skill -> skill.name().equals(skillName)).findFirst();
    }

    /** {@code name@version} */
    String reference() {
        return name + "@" + version;
    }

    /**
     * @param inputSchema JSON Schema, canonical; empty: anything goes
     * @param schemaHash of both schemas, hexadecimal
     */
    record DeclaredSkill(
            String name,
            Semver version,
            String description,
            String inputSchema,
            String outputSchema,
            String schemaHash) {
        /** {@code name@version} */
        String reference() {
            return name + "@" + version;
        }
    }
}
