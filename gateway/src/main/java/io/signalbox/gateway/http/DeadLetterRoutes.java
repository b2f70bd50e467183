package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.google.protobuf.MessageLite;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.DeadLetterPage;
import io.signalbox.codecs.internal.DeadLetterView;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.DropDeadLetter;
import io.signalbox.codecs.internal.GetDeadLetter;
import io.signalbox.codecs.internal.GetMailbox;
import io.signalbox.codecs.internal.ListDeadLetters;
import io.signalbox.codecs.internal.MailboxStatus;
import io.signalbox.codecs.internal.ReplayDeadLetter;
import io.signalbox.codecs.internal.ReplayDeadLetters;
import io.signalbox.codecs.internal.Replayed;
import io.signalbox.gateway.identity.Identity.Role;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;

/** Durable messages that were not delivered, and what waits in mailboxes. */
record DeadLetterRoutes(ServiceCalls services) {
    private static final String ONE = "/v1/agents/{id}/dead-letters/{message}";

    private static final Map<String, Integer> CODES = Map.of(
            "",
            0,
            Code.ATTEMPTS_EXHAUSTED.name(),
            Code.ATTEMPTS_EXHAUSTED.number(),
            Code.EXPIRED.name(),
            Code.EXPIRED.number(),
            Code.REJECTED.name(),
            Code.REJECTED.number());

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.of(HttpMethod.GET, "/v1/dead-letters", Role.READ, this::list),
                ApiRoute.of(HttpMethod.POST, "/v1/agents/{id}/dead-letters/replay", Role.SUBMIT, this::replaySome),
                ApiRoute.of(HttpMethod.GET, ONE, Role.READ, this::get),
                ApiRoute.of(HttpMethod.DELETE, ONE, Role.SUBMIT, this::drop),
                ApiRoute.of(HttpMethod.POST, ONE + "/replay", Role.SUBMIT, this::replay),
                ApiRoute.of(HttpMethod.GET, "/v1/agents/{id}/mailbox", Role.READ, this::mailbox));
    }

    private static int code(RoutingContext request) {
        String name = ApiRequest.parameter(request, "code");
        if (!CODES.containsKey(name)) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "code must be ATTEMPTS_EXHAUSTED, EXPIRED or REJECTED");
        }
        return CODES.get(name);
    }

    private void list(RoutingContext request) {
        ListDeadLetters list = ListDeadLetters.newBuilder()
                .setAgent(ApiRequest.parameter(request, "agent"))
                .setReasonCode(code(request))
                .setLimit(ApiRequest.limit(request))
                .setCursor(ApiRequest.parameter(request, "cursor"))
                .build();
        services.deadLetters(list, DeadLetterPage.parser())
                .onSuccess(page -> {
                    ArrayNode items = ApiJson.array();
                    page.getLettersList().forEach(letter -> items.add(MailboxJson.deadLetter(letter)));
                    ServiceCalls.answer(request, 200, ApiJson.page("deadLetters", items, page.getNextCursor()));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void get(RoutingContext request) {
        GetDeadLetter get = GetDeadLetter.newBuilder()
                .setAgent(request.pathParam("id"))
                .setId(request.pathParam("message"))
                .build();
        services.deadLetters(get, DeadLetterView.parser())
                .onSuccess(letter -> ServiceCalls.answer(request, 200, MailboxJson.wholeDeadLetter(letter)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void replay(RoutingContext request) {
        replay(
                request,
                ReplayDeadLetter.newBuilder()
                        .setAgent(request.pathParam("id"))
                        .setId(request.pathParam("message"))
                        .build());
    }

    private void replaySome(RoutingContext request) {
        replay(
                request,
                ReplayDeadLetters.newBuilder()
                        .setAgent(request.pathParam("id"))
                        .setReasonCode(code(request))
                        .setLimit(ApiRequest.limit(request))
                        .build());
    }

    private void replay(RoutingContext request, MessageLite replay) {
        services.deadLetters(replay, Replayed.parser())
                .onSuccess(replayed -> ServiceCalls.answer(request, 200, MailboxJson.replayed(replayed)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void drop(RoutingContext request) {
        DropDeadLetter drop = DropDeadLetter.newBuilder()
                .setAgent(request.pathParam("id"))
                .setId(request.pathParam("message"))
                .build();
        services.deadLetters(drop, Done.parser())
                .onSuccess(done -> request.response().setStatusCode(204).end())
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void mailbox(RoutingContext request) {
        GetMailbox get =
                GetMailbox.newBuilder().setAgent(request.pathParam("id")).build();
        services.deadLetters(get, MailboxStatus.parser())
                .onSuccess(status -> ServiceCalls.answer(request, 200, MailboxJson.mailbox(status)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }
}
