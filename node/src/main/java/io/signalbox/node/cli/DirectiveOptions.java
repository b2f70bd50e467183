package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which agents a directive is to, and why. */
final class DirectiveOptions {
    @Option(names = "--id", paramLabel = "AGENT", description = "Agents with these ids; repeat it for several.")
    private List<String> ids = List.of();

    @Option(names = "--type", paramLabel = "NAME", defaultValue = "", description = "Agents of this definition.")
    private String type;

    @Option(
            names = "--type-version",
            paramLabel = "RANGE",
            defaultValue = "",
            description = "Agents of such versions of their definition, ^1.2.")
    private String version;

    @Option(names = "--tag", paramLabel = "NAME=VALUE", description = "Agents with this tag; repeat it for several.")
    private Map<String, String> tags = new LinkedHashMap<>();

    @Option(names = "--node", paramLabel = "NODE", defaultValue = "", description = "Agents that this node has.")
    private String node;

    @Option(names = "--skill", paramLabel = "NAME", defaultValue = "", description = "Agents with this skill.")
    private String skill;

    @Option(
            names = "--skill-version",
            paramLabel = "RANGE",
            defaultValue = "",
            description = "With --skill: in such versions.")
    private String skillVersion;

    @Option(names = "--all", description = "Every agent.")
    private boolean all;

    @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Why, for those who read it later.")
    private String reason;

    @Option(names = "--dry-run", description = "Do nothing, and say how many agents it would be.")
    private boolean dryRun;

    /** As the API takes it. */
    ObjectNode body(String verb) {
        ObjectNode selector = JsonNodeFactory.instance.objectNode();
        if (!ids.isEmpty()) {
            ids.forEach(selector.putArray("ids")::add);
        }
        putUnlessEmpty(selector, "type", type);
        putUnlessEmpty(selector, "version", version);
        if (!tags.isEmpty()) {
            tags.forEach(selector.putObject("tags")::put);
        }
        putUnlessEmpty(selector, "node", node);
        putUnlessEmpty(selector, "skill", skill);
        putUnlessEmpty(selector, "skillVersion", skillVersion);
        if (all) {
            selector.put("all", true);
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("verb", verb);
        body.set("selector", selector);
        body.put("reason", reason);
        return dryRun ? body.put("dryRun", true) : body;
    }

    private static void putUnlessEmpty(ObjectNode json, String name, String value) {
        if (!value.isEmpty()) {
            json.put(name, value);
        }
    }
}
