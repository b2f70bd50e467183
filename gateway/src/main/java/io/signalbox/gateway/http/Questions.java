package io.signalbox.gateway.http;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AgentQuestion;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.DefinitionQuestion;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.Standing;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Which agents or definitions are asked for, read from the parameters of a request. */
final class Questions {
    private static final Map<String, Presence> STATES =
            Map.of("connected", Presence.PRESENCE_CONNECTED, "suspended", Presence.PRESENCE_SUSPENDED);

    private static final Map<String, Standing> STANDINGS = Map.of(
            "active", Standing.STANDING_ACTIVE,
            "paused", Standing.STANDING_PAUSED,
            "draining", Standing.STANDING_DRAINING,
            "quarantined", Standing.STANDING_QUARANTINED);

    private Questions() {}

    static AgentQuestion agents(RoutingContext request) {
        AgentQuestion.Builder question = AgentQuestion.newBuilder()
                .setSelector(AgentSelector.newBuilder()
                        .setType(ApiRequest.parameter(request, "definition"))
                        .setVersionRange(ApiRequest.parameter(request, "version"))
                        .setSkill(ApiRequest.parameter(request, "skill"))
                        .setSkillRange(ApiRequest.parameter(request, "skillVersion"))
                        .setNode(ApiRequest.parameter(request, "node"))
                        .putAllTags(tags(request)))
                .setText(ApiRequest.parameter(request, "text"))
                .setMeaning(ApiRequest.parameter(request, "meaning"));
        one(request, "state", STATES).ifPresent(question::setPresence);
        one(request, "standing", STANDINGS).ifPresent(question::setStanding);
        return question.build();
    }

    static DefinitionQuestion definitions(RoutingContext request) {
        return DefinitionQuestion.newBuilder()
                .setVersionRange(ApiRequest.parameter(request, "version"))
                .setSkill(ApiRequest.parameter(request, "skill"))
                .setSkillRange(ApiRequest.parameter(request, "skillVersion"))
                .putAllTags(tags(request))
                .setText(ApiRequest.parameter(request, "text"))
                .setMeaning(ApiRequest.parameter(request, "meaning"))
                .build();
    }

    /** Whether all that match are to be counted. */
    static boolean counts(RoutingContext request) {
        return ApiRequest.parameter(request, "count").equals("true");
    }

    private static Map<String, String> tags(RoutingContext request) {
        Map<String, String> tags = new HashMap<>();
        for (String tag : request.queryParams().getAll("tag")) {
            int at = tag.indexOf('=');
            if (at < 1 || tags.put(tag.substring(0, at), tag.substring(at + 1)) != null) {
                throw new ServiceException(Code.INVALID_ARGUMENT, "tag must be name=value, each name once");
            }
        }
        return tags;
    }

    private static <T> Optional<T> one(RoutingContext request, String name, Map<String, T> values) {
        String text = ApiRequest.parameter(request, name);
        if (!text.isEmpty() && !values.containsKey(text)) {
            throw new ServiceException(
                    Code.INVALID_ARGUMENT,
                    name + " must be one of "
                            + String.join(
                                    ", ", values.keySet().stream().sorted().toList()));
        }
        return Optional.ofNullable(values.get(text));
    }
}
