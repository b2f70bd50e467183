package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AgentMatch;
import io.signalbox.codecs.internal.AgentPage;
import io.signalbox.codecs.internal.DefinitionDiff;
import io.signalbox.codecs.internal.DefinitionPage;
import io.signalbox.codecs.internal.DefinitionSchema;
import io.signalbox.codecs.internal.DefinitionVersion;
import io.signalbox.codecs.internal.DiffDefinitions;
import io.signalbox.codecs.internal.GetAgent;
import io.signalbox.codecs.internal.GetDefinition;
import io.signalbox.codecs.internal.GetDefinitionSchema;
import io.signalbox.codecs.internal.ListAgents;
import io.signalbox.codecs.internal.ListDefinitions;
import io.signalbox.codecs.internal.ListSkills;
import io.signalbox.codecs.internal.MatchAgent;
import io.signalbox.codecs.internal.PublishDefinition;
import io.signalbox.codecs.internal.PublishDefinitions;
import io.signalbox.codecs.internal.PublishedDefinitions;
import io.signalbox.codecs.internal.SkillPage;
import io.signalbox.gateway.identity.Identity.Role;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;

/** Definitions, agents and skills. */
record RegistryRoutes(ServiceCalls services) {
    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.of(HttpMethod.POST, "/v1/definitions", Role.PUBLISH_DEFINITIONS, this::publish),
                ApiRoute.of(HttpMethod.POST, "/v1/definitions/batch", Role.PUBLISH_DEFINITIONS, this::publishAll),
                ApiRoute.of(HttpMethod.GET, "/v1/definitions", Role.READ, this::definitions),
                ApiRoute.of(HttpMethod.GET, "/v1/definitions/{name}", Role.READ, this::definition),
                ApiRoute.of(HttpMethod.GET, "/v1/definitions/{name}/versions", Role.READ, this::versions),
                ApiRoute.of(HttpMethod.GET, "/v1/definitions/{name}/versions/{version}", Role.READ, this::definition),
                ApiRoute.of(HttpMethod.GET, "/v1/definitions/{name}/diff", Role.READ, this::diff),
                ApiRoute.of(HttpMethod.GET, "/v1/schemas/definition", Role.READ, this::schema),
                ApiRoute.of(HttpMethod.GET, "/v1/agents", Role.READ, this::agents),
                ApiRoute.of(HttpMethod.GET, "/v1/agents/{id}", Role.READ, this::agent),
                ApiRoute.of(HttpMethod.GET, "/v1/agents/{id}/match", Role.READ, this::match),
                ApiRoute.of(HttpMethod.GET, "/v1/skills", Role.READ, this::skills));
    }

    private void publish(RoutingContext request) {
        PublishDefinition publish = PublishDefinition.newBuilder()
                .setDocument(ByteString.copyFrom(ApiRequest.bytes(request)))
                .setPublisher(Access.identity(request).subject())
                .build();
        services.registry(publish, DefinitionVersion.parser())
                .onSuccess(version -> {
                    request.response()
                            .putHeader(
                                    "Location",
                                    "/v1/definitions/" + version.getName() + "/versions/" + version.getVersion());
                    ServiceCalls.answer(request, version.getCreated() ? 201 : 200, ApiJson.definition(version));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void publishAll(RoutingContext request) {
        PublishDefinitions.Builder publish = PublishDefinitions.newBuilder()
                .setPublisher(Access.identity(request).subject());
        ApiRequest.objects(ApiRequest.body(request, Set.of("definitions")), "definitions")
                .forEach(document -> publish.addDocuments(ByteString.copyFromUtf8(document.toString())));
        services.registry(publish.build(), PublishedDefinitions.parser())
                .onSuccess(published -> {
                    ArrayNode items = ApiJson.array();
                    published
                            .getDefinitionsList()
                            .forEach(version -> items.addObject()
                                    .put("name", version.getName())
                                    .put("version", version.getVersion())
                                    .put("contentHash", version.getContentHash())
                                    .put("created", version.getCreated()));
                    ServiceCalls.answer(request, 200, ApiJson.page("definitions", items, ""));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void definition(RoutingContext request) {
        String version = request.pathParams().getOrDefault("version", "");
        GetDefinition get = GetDefinition.newBuilder()
                .setName(request.pathParam("name"))
                .setVersion(version)
                .build();
        services.registry(get, DefinitionVersion.parser())
                .onSuccess(found -> ServiceCalls.answer(request, 200, ApiJson.definition(found)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void diff(RoutingContext request) {
        DiffDefinitions diff = DiffDefinitions.newBuilder()
                .setName(request.pathParam("name"))
                .setFrom(ApiRequest.parameter(request, "from"))
                .setTo(ApiRequest.parameter(request, "to"))
                .build();
        services.registry(diff, DefinitionDiff.parser())
                .onSuccess(found -> ServiceCalls.answer(request, 200, ApiJson.diff(diff, found)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void schema(RoutingContext request) {
        services.registry(GetDefinitionSchema.getDefaultInstance(), DefinitionSchema.parser())
                .onSuccess(found -> request.response()
                        .putHeader("Content-Type", "application/schema+json")
                        .end(found.getSchema().toStringUtf8()))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void definitions(RoutingContext request) {
        list(
                request,
                ListDefinitions.newBuilder()
                        .setQuestion(Questions.definitions(request))
                        .setCount(Questions.counts(request)));
    }

    private void versions(RoutingContext request) {
        list(request, ListDefinitions.newBuilder().setName(request.pathParam("name")));
    }

    private void list(RoutingContext request, ListDefinitions.Builder wanted) {
        ListDefinitions list = wanted.setLimit(ApiRequest.limit(request))
                .setCursor(ApiRequest.parameter(request, "cursor"))
                .build();
        services.registry(list, DefinitionPage.parser())
                .onSuccess(page -> {
                    ArrayNode items = ApiJson.array();
                    page.getDefinitionsList().forEach(version -> items.add(ApiJson.definition(version)));
                    putScores(items, page.getScoresList());
                    ObjectNode json = ApiJson.page("definitions", items, page.getNextCursor());
                    ServiceCalls.answer(
                            request, 200, page.hasMatched() ? json.put("matched", page.getMatched()) : json);
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void agents(RoutingContext request) {
        ListAgents list = ListAgents.newBuilder()
                .setQuestion(Questions.agents(request))
                .setCount(Questions.counts(request))
                .setLimit(ApiRequest.limit(request))
                .setCursor(ApiRequest.parameter(request, "cursor"))
                .build();
        services.registry(list, AgentPage.parser())
                .onSuccess(page -> {
                    ArrayNode items = ApiJson.array();
                    page.getAgentsList().forEach(agent -> items.add(ApiJson.agent(agent)));
                    putScores(items, page.getScoresList());
                    ObjectNode json = ApiJson.page("agents", items, page.getNextCursor())
                            .put("connected", page.getConnected())
                            .put("suspended", page.getSuspended());
                    ServiceCalls.answer(
                            request, 200, page.hasMatched() ? json.put("matched", page.getMatched()) : json);
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    /** @param scores one for each item, or none */
    private static void putScores(ArrayNode items, List<Integer> scores) {
        for (int i = 0; i < scores.size(); i++) {
            ((ObjectNode) items.get(i)).put("score", scores.get(i) / 10_000.0);
        }
    }

    private void match(RoutingContext request) {
        MatchAgent match = MatchAgent.newBuilder()
                .setId(request.pathParam("id"))
                .setQuestion(Questions.agents(request))
                .build();
        services.registry(match, AgentMatch.parser())
                .onSuccess(answer -> ServiceCalls.answer(request, 200, FleetJson.match(answer)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void agent(RoutingContext request) {
        GetAgent get = GetAgent.newBuilder().setId(request.pathParam("id")).build();
        services.registry(get, AgentInfo.parser())
                .onSuccess(agent -> ServiceCalls.answer(request, 200, ApiJson.agent(agent)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void skills(RoutingContext request) {
        ListSkills list = ListSkills.newBuilder()
                .setLimit(ApiRequest.limit(request))
                .setCursor(ApiRequest.parameter(request, "cursor"))
                .build();
        services.registry(list, SkillPage.parser())
                .onSuccess(page -> {
                    ArrayNode items = ApiJson.array();
                    page.getSkillsList().forEach(skill -> items.add(ApiJson.skill(skill)));
                    ServiceCalls.answer(request, 200, ApiJson.page("skills", items, page.getNextCursor()));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }
}
