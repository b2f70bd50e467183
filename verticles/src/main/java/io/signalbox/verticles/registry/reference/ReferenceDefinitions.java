package io.signalbox.verticles.registry.reference;

import io.signalbox.verticles.registry.reference.ReferenceFleet.AgentType;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The definitions of the reference fleet: its 20 types, and of each a variant for every area of its population, in three
 * versions, as a company would have them. The same ones each time.
 */
public final class ReferenceDefinitions {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private ReferenceDefinitions() {}

    /** More than a thousand documents, to be published in this order. */
    public static List<String> documents() {
        JsonNode areas = MAPPER.readTree(ReferenceFleet.resource("areas.json"));
        List<String> documents = new ArrayList<>();
        for (AgentType type : ReferenceFleet.full().types()) {
            documents.add(type.document());
            ObjectNode base = (ObjectNode) MAPPER.readTree(type.document());
            areas.path(type.population())
                    .properties()
                    .forEach(area -> documents.addAll(
                            variants(base, area.getKey(), area.getValue().asString())));
        }
        return documents;
    }

    private static List<String> variants(ObjectNode type, String area, String about) {
        ObjectNode first = type.deepCopy();
        first.put("name", type.path("name").asString() + "." + area);
        first.put("description", type.path("description").asString() + " For " + about + ".");
        ((ObjectNode) first.path("tags")).put("area", area);
        ObjectNode faster = first.deepCopy();
        faster.put("version", "1.1.0").put("slots", 2 * first.path("slots").asInt(1));
        ObjectNode special = faster.deepCopy();
        special.put("version", "2.0.0");
        ((ArrayNode) special.path("skills")).add(ownSkill(first, area, about));
        return List.of(first.toString(), faster.toString(), special.toString());
    }

    /** The first skill once more, for the area alone. */
    private static ObjectNode ownSkill(ObjectNode definition, String area, String about) {
        ObjectNode skill = (ObjectNode) definition.path("skills").get(0).deepCopy();
        skill.put("name", skill.path("name").asString() + "." + area);
        skill.put("description", skill.path("description").asString() + " For " + about + ".");
        return skill;
    }
}
