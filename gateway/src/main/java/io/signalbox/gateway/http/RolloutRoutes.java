package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.MessageLite;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.ChangeRollout;
import io.signalbox.codecs.internal.ChannelMovePage;
import io.signalbox.codecs.internal.ChannelsView;
import io.signalbox.codecs.internal.GetChannels;
import io.signalbox.codecs.internal.GetRollout;
import io.signalbox.codecs.internal.ListChannelMoves;
import io.signalbox.codecs.internal.ListRollouts;
import io.signalbox.codecs.internal.MoveStable;
import io.signalbox.codecs.internal.RolloutBounds;
import io.signalbox.codecs.internal.RolloutPage;
import io.signalbox.codecs.internal.RolloutView;
import io.signalbox.codecs.internal.StartRollout;
import io.signalbox.gateway.identity.Identity.Role;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Channels of definitions and rollouts. Every write names the revision of the channels that it was decided by. */
record RolloutRoutes(ServiceCalls services) {
    private static final String CHANNELS = "/v1/definitions/{name}/channels";
    private static final String ROLLOUTS = "/v1/definitions/{name}/rollouts";
    private static final String ONE = ROLLOUTS + "/{number}";
    private static final List<String> ACTIONS = List.of("promote", "pause", "resume", "rollback", "share");

    List<ApiRoute> routes() {
        List<ApiRoute> routes = new ArrayList<>(List.of(
                ApiRoute.of(HttpMethod.GET, CHANNELS, Role.READ, this::channels),
                ApiRoute.of(HttpMethod.GET, CHANNELS + "/history", Role.READ, this::history),
                ApiRoute.of(HttpMethod.POST, CHANNELS + "/stable", Role.PUBLISH_DEFINITIONS, this::moveStable),
                ApiRoute.of(HttpMethod.GET, ROLLOUTS, Role.READ, this::rollouts),
                ApiRoute.of(HttpMethod.POST, ROLLOUTS, Role.PUBLISH_DEFINITIONS, this::start),
                ApiRoute.of(HttpMethod.GET, ONE, Role.READ, request -> rollout(request, RolloutJson::rollout)),
                ApiRoute.of(
                        HttpMethod.GET,
                        ONE + "/evidence",
                        Role.READ,
                        request -> rollout(request, RolloutJson::evidence))));
        ACTIONS.forEach(action -> routes.add(ApiRoute.of(
                HttpMethod.POST, ONE + "/" + action, Role.PUBLISH_DEFINITIONS, request -> change(request, action))));
        return routes;
    }

    private static String name(RoutingContext request) {
        return request.pathParam("name");
    }

    private void channels(RoutingContext request) {
        decide(
                request,
                200,
                GetChannels.newBuilder().setDefinition(name(request)).build());
    }

    private void moveStable(RoutingContext request) {
        ObjectNode body = ApiRequest.body(request, Set.of("version", "revision", "why"));
        decide(
                request,
                200,
                MoveStable.newBuilder()
                        .setDefinition(name(request))
                        .setVersion(ApiRequest.text(body, "version", ""))
                        .setRevision(revision(body))
                        .setBy(Access.identity(request).subject())
                        .setWhy(ApiRequest.text(body, "why", ""))
                        .build());
    }

    private void start(RoutingContext request) {
        ObjectNode body = ApiRequest.body(request, Set.of("version", "share", "bounds", "revision", "why"));
        decide(
                request,
                201,
                StartRollout.newBuilder()
                        .setDefinition(name(request))
                        .setVersion(ApiRequest.text(body, "version", ""))
                        .setShare(share(body))
                        .setBounds(bounds(body))
                        .setRevision(revision(body))
                        .setBy(Access.identity(request).subject())
                        .setWhy(ApiRequest.text(body, "why", ""))
                        .build());
    }

    private void change(RoutingContext request, String action) {
        boolean share = action.equals("share");
        ObjectNode body =
                ApiRequest.body(request, share ? Set.of("share", "revision", "why") : Set.of("revision", "why"));
        decide(
                request,
                200,
                ChangeRollout.newBuilder()
                        .setDefinition(name(request))
                        .setRollout(number(request))
                        .setAction(action)
                        .setShare(share ? share(body) : 0)
                        .setRevision(revision(body))
                        .setBy(Access.identity(request).subject())
                        .setWhy(ApiRequest.text(body, "why", ""))
                        .build());
    }

    private void decide(RoutingContext request, int status, MessageLite decision) {
        services.rollouts(decision, ChannelsView.parser())
                .onSuccess(channels -> ServiceCalls.answer(request, status, RolloutJson.channels(channels)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void rollout(RoutingContext request, Function<RolloutView, ObjectNode> json) {
        GetRollout get = GetRollout.newBuilder()
                .setDefinition(name(request))
                .setRollout(number(request))
                .build();
        services.rollouts(get, RolloutView.parser())
                .onSuccess(rollout -> ServiceCalls.answer(request, 200, json.apply(rollout)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void rollouts(RoutingContext request) {
        ListRollouts list = ListRollouts.newBuilder()
                .setDefinition(name(request))
                .setLimit(ApiRequest.limit(request))
                .setCursor(ApiRequest.parameter(request, "cursor"))
                .build();
        services.rollouts(list, RolloutPage.parser())
                .onSuccess(page -> {
                    ArrayNode items = ApiJson.array();
                    page.getRolloutsList().forEach(rollout -> items.add(RolloutJson.rollout(rollout)));
                    ServiceCalls.answer(request, 200, ApiJson.page("rollouts", items, page.getNextCursor()));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void history(RoutingContext request) {
        ListChannelMoves list = ListChannelMoves.newBuilder()
                .setDefinition(name(request))
                .setLimit(ApiRequest.limit(request))
                .setCursor(ApiRequest.parameter(request, "cursor"))
                .build();
        services.rollouts(list, ChannelMovePage.parser())
                .onSuccess(page -> {
                    ArrayNode items = ApiJson.array();
                    page.getMovesList().forEach(move -> items.add(RolloutJson.move(move)));
                    ServiceCalls.answer(request, 200, ApiJson.page("moves", items, page.getNextCursor()));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private static long number(RoutingContext request) {
        String text = request.pathParam("number");
        if (!text.matches("[1-9][0-9]{0,17}")) {
            throw new ServiceException(Code.NOT_FOUND, "no rollout '" + text + "'");
        }
        return Long.parseLong(text);
    }

    private static long revision(ObjectNode body) {
        return ApiRequest.integer(body, "revision")
                .filter(revision -> revision >= 0)
                .orElseThrow(() -> invalid("revision must be the one of the channels that you saw"));
    }

    private static int share(ObjectNode body) {
        double share = number(body, "share");
        if (!(share >= 0.0001 && share <= 1)) {
            throw invalid("share must be a number from 0.0001 to 0.5: which part of the agents is given the canary");
        }
        return (int) Math.round(share * RolloutJson.WHOLE);
    }

    private static RolloutBounds bounds(ObjectNode body) {
        if (!(body.get("bounds") instanceof ObjectNode bounds)) {
            return RolloutBounds.getDefaultInstance();
        }
        Set<String> known = Set.of("errorRatio", "latencyRatio", "latencyQuantile", "alpha");
        bounds.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw invalid("unknown member 'bounds." + name + "'");
            }
        });
        return RolloutBounds.newBuilder()
                .setErrorRatio(number(bounds, "errorRatio"))
                .setLatencyRatio(number(bounds, "latencyRatio"))
                .setLatencyQuantile(number(bounds, "latencyQuantile"))
                .setAlpha(number(bounds, "alpha"))
                .build();
    }

    /** 0: it is not there. */
    private static double number(ObjectNode body, String name) {
        return ApiRequest.member(body, name)
                .map(value -> {
                    if (!value.isNumber() || value.asDouble() <= 0) {
                        throw invalid(name + " must be a number above 0");
                    }
                    return value.asDouble();
                })
                .orElse(0.0);
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(Code.INVALID_ARGUMENT, message);
    }
}
