package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.codecs.internal.Deadlocks;
import io.signalbox.codecs.internal.FindDeadlocks;
import io.signalbox.codecs.internal.GetLock;
import io.signalbox.codecs.internal.ListLocks;
import io.signalbox.codecs.internal.LockClaimView;
import io.signalbox.codecs.internal.LockPage;
import io.signalbox.codecs.internal.LockView;
import io.signalbox.codecs.proto.LockMode;
import io.signalbox.gateway.identity.Identity.Role;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** Who holds which lock, who waits and why. */
record LockRoutes(ServiceCalls services) {
    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.of(HttpMethod.GET, "/v1/locks", Role.READ, this::list),
                ApiRoute.of(HttpMethod.GET, "/v1/locks/{name}", Role.READ, this::get),
                ApiRoute.of(HttpMethod.GET, "/v1/deadlocks", Role.READ, this::deadlocks));
    }

    private void list(RoutingContext request) {
        ListLocks list = ListLocks.newBuilder()
                .setLimit(ApiRequest.limit(request))
                .setCursor(ApiRequest.parameter(request, "cursor"))
                .build();
        services.locks(list, LockPage.parser())
                .onSuccess(page -> {
                    ArrayNode items = ApiJson.array();
                    page.getLocksList().forEach(lock -> items.add(json(lock)));
                    ServiceCalls.answer(request, 200, ApiJson.page("locks", items, page.getNextCursor()));
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private void get(RoutingContext request) {
        GetLock get = GetLock.newBuilder().setName(request.pathParam("name")).build();
        services.locks(get, LockView.parser())
                .onSuccess(lock -> {
                    ObjectNode json = json(lock);
                    ArrayNode waiters = json.putArray("waiters");
                    lock.getWaitersList().forEach(waiter -> waiters.add(json(waiter)));
                    ServiceCalls.answer(request, 200, json);
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    /** Without the waiters. */
    private static ObjectNode json(LockView lock) {
        ObjectNode json = ApiJson.object()
                .put("name", lock.getName())
                .put("holding", lock.getHolding())
                .put("waiting", lock.getWaiting());
        ArrayNode holders = json.putArray("holders");
        lock.getHoldersList().forEach(holder -> holders.add(json(holder)));
        return json;
    }

    private static ObjectNode json(LockClaimView claim) {
        ObjectNode json = ApiJson.object().put("agent", claim.getAgent());
        ApiJson.putUnlessEmpty(json, "holder", claim.getHolder());
        json.put("mode", mode(claim.getMode()));
        if (claim.getMode() == LockMode.LOCK_MODE_PERMIT) {
            json.put("permits", claim.getPermits());
        }
        json.put("priority", claim.getPriority());
        if (claim.getToken() != 0) {
            json.put("token", Long.toUnsignedString(claim.getToken()));
        }
        json.put("since", ApiJson.time(claim.getSinceMs())).put("until", ApiJson.time(claim.getUntilMs()));
        ApiJson.putUnlessEmpty(json, "reason", claim.getReason());
        return json;
    }

    private static String mode(LockMode mode) {
        return switch (mode) {
            case LOCK_MODE_SHARED -> "shared";
            case LOCK_MODE_PERMIT -> "permit";
            case LOCK_MODE_EXCLUSIVE, UNRECOGNIZED -> "exclusive";
        };
    }

    private void deadlocks(RoutingContext request) {
        services.locks(FindDeadlocks.getDefaultInstance(), Deadlocks.parser())
                .onSuccess(found -> ServiceCalls.answer(request, 200, json(found)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private static ObjectNode json(Deadlocks found) {
        ObjectNode json = ApiJson.object();
        ArrayNode deadlocks = json.putArray("deadlocks");
        found.getDeadlocksList().forEach(deadlock -> {
            ArrayNode steps = deadlocks.addObject().putArray("steps");
            deadlock.getStepsList().forEach(step -> {
                ObjectNode one = steps.addObject().put("agent", step.getAgent());
                ApiJson.putUnlessEmpty(one, "holder", step.getHolder());
                one.put("waitsFor", step.getWaitsFor());
            });
        });
        return json.put("incomplete", found.getIncomplete());
    }
}
