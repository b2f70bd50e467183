package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.codecs.internal.AgentMatch;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.AgentStanding;
import io.signalbox.codecs.internal.DirectiveView;
import java.util.Locale;

/** Directives and standings, as the API's JSON. */
final class FleetJson {
    private FleetJson() {}

    static ObjectNode directive(DirectiveView directive) {
        ObjectNode json = ApiJson.object();
        ApiJson.putUnlessEmpty(json, "id", directive.getId());
        if (directive.getRevision() != 0) {
            json.put("revision", directive.getRevision());
        }
        json.put("verb", name(directive.getVerb(), "FLEET_VERB_"));
        json.set("selector", selector(directive.getSelector()));
        putRate(json, directive.getMessagesPerSecond());
        json.put("reason", directive.getReason())
                .put("by", directive.getBy())
                .put("at", ApiJson.time(directive.getAtMs()))
                .put("matched", directive.getMatched());
        if (directive.getRevokedRevision() != 0) {
            json.putObject("revoked")
                    .put("revision", directive.getRevokedRevision())
                    .put("by", directive.getRevokedBy())
                    .put("at", ApiJson.time(directive.getRevokedAtMs()));
        }
        return json;
    }

    private static ObjectNode selector(AgentSelector selector) {
        ObjectNode json = ApiJson.object();
        if (selector.getIdsCount() > 0) {
            ArrayNode ids = json.putArray("ids");
            selector.getIdsList().forEach(ids::add);
        }
        ApiJson.putUnlessEmpty(json, "type", selector.getType());
        ApiJson.putUnlessEmpty(json, "version", selector.getVersionRange());
        if (selector.getTagsCount() > 0) {
            ApiJson.putMap(json.putObject("tags"), selector.getTagsMap());
        }
        ApiJson.putUnlessEmpty(json, "node", selector.getNode());
        ApiJson.putUnlessEmpty(json, "skill", selector.getSkill());
        ApiJson.putUnlessEmpty(json, "skillVersion", selector.getSkillRange());
        if (selector.getAll()) {
            json.put("all", true);
        }
        return json;
    }

    /** Why an agent is meant, or not. */
    static ObjectNode match(AgentMatch match) {
        ObjectNode json = ApiJson.object().put("matches", match.getMatches());
        ArrayNode findings = json.putArray("criteria");
        match.getFindingsList()
                .forEach(finding -> findings.addObject()
                        .put("criterion", finding.getCriterion())
                        .put("wanted", finding.getWanted())
                        .put("found", finding.getFound())
                        .put("matches", finding.getMatches()));
        putStanding(json, match.getStanding());
        ArrayNode directives = json.putArray("directives");
        match.getDirectivesList().forEach(directive -> directives.add(directive(directive)));
        return json;
    }

    static void putStanding(ObjectNode agent, AgentStanding standing) {
        agent.put("standing", name(standing.getStanding(), "STANDING_"));
        ApiJson.putUnlessEmpty(agent, "directive", standing.getDirective());
        putRate(agent, standing.getMessagesPerSecond());
    }

    private static void putRate(ObjectNode json, int messagesPerSecond) {
        if (messagesPerSecond != 0) {
            json.put("messagesPerSecond", messagesPerSecond);
        }
    }

    private static String name(Enum<?> value, String prefix) {
        return value.name().substring(prefix.length()).toLowerCase(Locale.ROOT);
    }
}
