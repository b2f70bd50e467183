package io.signalbox.node.cli;

import io.signalbox.node.client.ApiClient;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which agents are asked for: those that meet all of it. */
final class AgentQuestionOptions {
    @Option(names = "--skill", paramLabel = "NAME", defaultValue = "", description = "Only those with this skill.")
    private String skill;

    @Option(
            names = "--skill-version",
            paramLabel = "RANGE",
            defaultValue = "",
            description = "With --skill: in such versions, ^1.2.")
    private String skillVersion;

    @Option(
            names = "--definition",
            paramLabel = "NAME",
            defaultValue = "",
            description = "Only those of this agent type.")
    private String definition;

    @Option(
            names = "--type-version",
            paramLabel = "RANGE",
            defaultValue = "",
            description = "Only those of such versions of their type.")
    private String version;

    @Option(
            names = "--tag",
            paramLabel = "NAME=VALUE",
            description = "Only those with this tag; repeat it for several.")
    private Map<String, String> tags = new LinkedHashMap<>();

    @Option(names = "--node", paramLabel = "NODE", defaultValue = "", description = "Only those that this node has.")
    private String node;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            defaultValue = "",
            description = "Only those: connected or suspended.")
    private String state;

    @Option(
            names = "--standing",
            paramLabel = "STANDING",
            defaultValue = "",
            description = "Only those: active, paused, draining or quarantined.")
    private String standing;

    @Option(
            names = "--text",
            paramLabel = "WORDS",
            defaultValue = "",
            description = "Only those that have each word, in themselves or in their definition.")
    private String text;

    @Option(
            names = "--meaning",
            paramLabel = "SENTENCE",
            defaultValue = "",
            description =
                    "Those whose definition means most nearly this come first, where the node searches by meaning.")
    private String meaning;

    /** What there may be several of is in the path, the rest is {@link #filter}. */
    String path(String resource) {
        return ApiClient.withTags(resource, tags);
    }

    Map<String, String> filter() {
        return Map.of(
                "meaning", meaning,
                "skill", skill,
                "skillVersion", skillVersion,
                "definition", definition,
                "version", version,
                "node", node,
                "state", state,
                "standing", standing,
                "text", text);
    }
}
