package io.signalbox.verticles.registry;

import com.google.protobuf.ByteString;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.DefinitionChange;
import io.signalbox.codecs.internal.DefinitionDiff;
import io.signalbox.codecs.internal.DiffDefinitions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What changed from one version of a definition to another: objects member by member, skills by their names. */
final class VersionDiff {
    /**
     * @param path a JSON pointer; a skill stands under its name
     * @param from JSON; empty: it was not there
     * @param to likewise
     */
    record Change(String path, Optional<String> from, Optional<String> to) {}

    private static final JsonMapper MAPPER = new JsonMapper();

    private VersionDiff() {}

    /** @throws ServiceException {@code NOT_FOUND} */
    static DefinitionDiff answer(DiffDefinitions asked, DefinitionCatalog catalog) {
        DefinitionDiff.Builder diff = DefinitionDiff.newBuilder();
        between(find(asked.getName(), asked.getFrom(), catalog), find(asked.getName(), asked.getTo(), catalog))
                .forEach(change -> diff.addChanges(DefinitionChange.newBuilder()
                        .setPath(change.path())
                        .setFrom(ByteString.copyFromUtf8(change.from().orElse("")))
                        .setTo(ByteString.copyFromUtf8(change.to().orElse("")))));
        return diff.build();
    }

    private static Definition find(String name, String version, DefinitionCatalog catalog) {
        return catalog.find(name + "@" + version)
                .map(DefinitionCatalog.Entry::definition)
                .orElseThrow(() -> new ServiceException(Code.NOT_FOUND, "no definition " + name + "@" + version));
    }

    /** By path. */
    static List<Change> between(Definition from, Definition to) {
        List<Change> changes = new ArrayList<>();
        compare("", MAPPER.readTree(from.document()), MAPPER.readTree(to.document()), changes);
        return changes;
    }

    private static void compare(String path, JsonNode from, JsonNode to, List<Change> changes) {
        if (from.equals(to)) {
            return;
        }
        if (from.isObject() && to.isObject()) {
            compareMembers(path, members(from), members(to), changes);
        } else if (path.equals("/skills") && from.isArray() && to.isArray()) {
            compareMembers(path, byName(from), byName(to), changes);
        } else {
            changes.add(new Change(path, Optional.of(from.toString()), Optional.of(to.toString())));
        }
    }

    private static void compareMembers(
            String path, Map<String, JsonNode> from, Map<String, JsonNode> to, List<Change> changes) {
        TreeSet<String> names = new TreeSet<>(from.keySet());
        names.addAll(to.keySet());
        for (String name : names) {
            String place = path + "/" + name.replace("~", "~0").replace("/", "~1");
            if (from.containsKey(name) && to.containsKey(name)) {
                compare(place, from.get(name), to.get(name), changes);
            } else {
                changes.add(new Change(
                        place,
                        Optional.ofNullable(from.get(name)).map(JsonNode::toString),
                        Optional.ofNullable(to.get(name)).map(JsonNode::toString)));
            }
        }
    }

    private static Map<String, JsonNode> members(JsonNode object) {
        Map<String, JsonNode> members = new TreeMap<>();
        object.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
        return members;
    }

    private static Map<String, JsonNode> byName(JsonNode skills) {
        Map<String, JsonNode> named = new TreeMap<>();
        skills.forEach(skill -> named.put(skill.path("name").asString(), skill));
        return named;
    }
}
