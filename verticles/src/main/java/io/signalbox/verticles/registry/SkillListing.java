package io.signalbox.verticles.registry;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.internal.SkillInfo;
import io.signalbox.codecs.proto.Skill;
import io.signalbox.verticles.registry.Definition.DeclaredSkill;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;

/** The skills there are: declared by definitions, or brought by agents without one. Not thread-safe. */
final class SkillListing {
    private final DefinitionCatalog catalog;
    private final AgentDirectory directory;

    SkillListing(DefinitionCatalog catalog, AgentDirectory directory) {
        this.catalog = catalog;
        this.directory = directory;
    }

    /** The highest version in the range, a declared one before one that agents brought. */
    Optional<SkillInfo> resolve(String name, RangeList range) {
        return catalog.resolve(name, range).map(this::info).or(() -> brought(name, range));
    }

    private Optional<SkillInfo> brought(String name, RangeList range) {
        return directory
                .versions(name)
                .filter(skill -> Semver.parse(skill.getVersion()).satisfies(range))
                .max(Comparator.comparing((Skill skill) -> Semver.parse(skill.getVersion()))
                        .thenComparing(Skill::getVersion))
                .map(this::info);
    }

    /** By {@code name@version}, from after {@code cursor} on. */
    List<SkillInfo> after(String cursor, int limit) {
        TreeMap<String, SkillInfo> found = new TreeMap<>();
        directory.skillsAfter(cursor).limit(limit).map(this::info).forEach(info -> found.put(cursor(info), info));
        catalog.skillsAfter(cursor).limit(limit).map(this::info).forEach(info -> found.put(cursor(info), info));
        return found.values().stream().limit(limit).toList();
    }

    static String cursor(SkillInfo info) {
        return info.getName() + "@" + info.getVersion();
    }

    private SkillInfo info(DeclaredSkill declared) {
        String version = declared.version().toString();
        return SkillInfo.newBuilder()
                .setName(declared.name())
                .setVersion(version)
                .setDescription(declared.description())
                .setInputSchema(ByteString.copyFromUtf8(declared.inputSchema()))
                .setOutputSchema(ByteString.copyFromUtf8(declared.outputSchema()))
                .setAgents(agents(declared.name(), version))
                .build();
    }

    private SkillInfo info(Skill skill) {
        return SkillInfo.newBuilder()
                .setName(skill.getName())
                .setVersion(skill.getVersion())
                .setAgents(agents(skill.getName(), skill.getVersion()))
                .build();
    }

    private int agents(String name, String version) {
        return directory.agentsWith(
                Skill.newBuilder().setName(name).setVersion(version).build());
    }
}
