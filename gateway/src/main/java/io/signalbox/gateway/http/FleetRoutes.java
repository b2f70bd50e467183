package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.DirectivePage;
import io.signalbox.codecs.internal.DirectiveView;
import io.signalbox.codecs.internal.FleetVerb;
import io.signalbox.codecs.internal.GetDirective;
import io.signalbox.codecs.internal.IssueDirective;
import io.signalbox.codecs.internal.ListDirectives;
import io.signalbox.codecs.internal.RevokeDirective;
import io.signalbox.gateway.identity.Identity.Role;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What operators say of many agents at once. */
record FleetRoutes(ServiceCalls services) {
    private static final String ALL = "/v1/fleet/directives";
    private static final String ONE = "/v1/fleet/directives/{id}";
    private static final Set<String> VERBS = Set.of("resume", "pause", "drain", "quarantine", "kill", "limit_rate");
    private static final Set<String> MEMBERS = Set.of("verb", "selector", "messagesPerSecond", "reason", "dryRun");
    private static final Set<String> CRITERIA =
            Set.of("ids", "type", "version", "tags", "node", "skill", "skillVersion", "all");

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.of(HttpMethod.POST, ALL, Role.OPERATE, this::issue),
                ApiRoute.of(HttpMethod.GET, ALL, Role.READ, this::list),
                ApiRoute.of(HttpMethod.GET, ONE, Role.READ, this::get),
                ApiRoute.of(HttpMethod.DELETE, ONE, Role.OPERATE, this::revoke));
    }

    private void issue(RoutingContext request) {
        ObjectNode body = ApiRequest.body(request, MEMBERS);
        boolean dryRun = ApiRequest.flag(body, "dryRun");
        IssueDirective issue = IssueDirective.newBuilder()
                .setVerb(verb(ApiRequest.text(body, "verb", "")))
                .setSelector(selector(ApiRequest.object(body, "selector", CRITERIA)))
                .setMessagesPerSecond(
                        ApiRequest.integer(body, "messagesPerSecond").orElse(0))
                .setReason(ApiRequest.text(body, "reason", ""))
                .setBy(Access.identity(request).subject())
                .setDryRun(dryRun)
                .build();
        services.registry(issue, DirectiveView.parser())
                .onSuccess(directive -> {
                    if (!dryRun) {
                        request.response().putHeader("Location", ALL + "/" + directive.getId());
                    }
                    ServiceCalls.answer(request, dryRun ? 200 : 201, FleetJson.directive(directive));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private static FleetVerb verb(String name) {
        if (!VERBS.contains(name)) {
            throw new ServiceException(
                    Code.INVALID_ARGUMENT, "verb must be resume, pause, drain, quarantine, kill or limit_rate");
        }
        return FleetVerb.valueOf("FLEET_VERB_" + name.toUpperCase(Locale.ROOT));
    }

    private static AgentSelector selector(ObjectNode json) {
        return AgentSelector.newBuilder()
                .addAllIds(ApiRequest.textList(json, "ids"))
                .setType(ApiRequest.text(json, "type", ""))
                .setVersionRange(ApiRequest.text(json, "version", ""))
                .putAllTags(ApiRequest.texts(json, "tags"))
                .setNode(ApiRequest.text(json, "node", ""))
                .setSkill(ApiRequest.text(json, "skill", ""))
                .setSkillRange(ApiRequest.text(json, "skillVersion", ""))
                .setAll(ApiRequest.flag(json, "all"))
                .build();
    }

    private void list(RoutingContext request) {
        ListDirectives list = ListDirectives.newBuilder()
                .setRevokedToo(ApiRequest.parameter(request, "revoked").equals("true"))
                .setLimit(ApiRequest.limit(request))
                .setCursor(ApiRequest.parameter(request, "cursor"))
                .build();
        services.registry(list, DirectivePage.parser())
                .onSuccess(page -> {
                    ArrayNode items = ApiJson.array();
                    page.getDirectivesList().forEach(directive -> items.add(FleetJson.directive(directive)));
                    ServiceCalls.answer(request, 200, ApiJson.page("directives", items, page.getNextCursor()));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void get(RoutingContext request) {
        GetDirective get =
                GetDirective.newBuilder().setId(request.pathParam("id")).build();
        services.registry(get, DirectiveView.parser())
                .onSuccess(directive -> ServiceCalls.answer(request, 200, FleetJson.directive(directive)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void revoke(RoutingContext request) {
        RevokeDirective revoke = RevokeDirective.newBuilder()
                .setId(request.pathParam("id"))
                .setBy(Access.identity(request).subject())
                .build();
        services.registry(revoke, DirectiveView.parser())
                .onSuccess(directive -> ServiceCalls.answer(request, 200, FleetJson.directive(directive)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }
}
