package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.codecs.internal.AgentPage;
import io.signalbox.codecs.internal.AllocationStatus;
import io.signalbox.codecs.internal.GetAllocationStatus;
import io.signalbox.codecs.internal.ListAgents;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What probes and scrapers ask.
 *
 * @param lacking what the node waits for, by name; empty: it is ready
 * @param scrape the metrics in Prometheus' text format
 */
record HealthRoutes(ServiceCalls services, Supplier<Map<String, String>> lacking, Supplier<String> scrape) {
    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.open(HttpMethod.GET, "/livez", this::live),
                ApiRoute.open(HttpMethod.GET, "/readyz", this::ready),
                ApiRoute.open(HttpMethod.GET, "/metrics", this::metrics),
                ApiRoute.open(HttpMethod.GET, "/agents/health", this::agents));
    }

    private void live(RoutingContext request) {
        ServiceCalls.answer(request, 200, ApiJson.object().put("status", "alive"));
    }

    /** Ready only when the services answer and nothing is lacking. */
    private void ready(RoutingContext request) {
        services.allocation(GetAllocationStatus.getDefaultInstance(), AllocationStatus.parser())
                .map(status -> ready(lacking.get(), status.getStoreAvailable()))
                .recover(cause ->
                        Future.succeededFuture(ready(Map.of("allocation", String.valueOf(cause.getMessage())), true)))
                .onSuccess(answer -> {
                    boolean ready = answer.path("status").asText().equals("ready");
                    if (!ready) {
                        request.response().putHeader("Retry-After", "1");
                    }
                    ServiceCalls.answer(request, ready ? 200 : 503, answer);
                })
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private static ObjectNode ready(Map<String, String> lacking, boolean storeAvailable) {
        ObjectNode answer = ApiJson.object();
        boolean ready = lacking.isEmpty() && storeAvailable;
        answer.put("status", ready ? "ready" : "not ready");
        if (!ready) {
            ObjectNode reasons = answer.putObject("lacking");
            lacking.forEach(reasons::put);
            if (!storeAvailable) {
                reasons.put("task store", "takes no writes; it is being tried again");
            }
        }
        return answer;
    }

    private void metrics(RoutingContext request) {
        request.response()
                .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                .end(scrape.get());
    }

    private void agents(RoutingContext request) {
        Future<AgentPage> agents =
                services.registry(ListAgents.newBuilder().setLimit(1).build(), AgentPage.parser());
        Future<AllocationStatus> tasks =
                services.allocation(GetAllocationStatus.getDefaultInstance(), AllocationStatus.parser());
        Future.all(agents, tasks)
                .onSuccess(done -> ServiceCalls.answer(request, 200, health(agents.result(), tasks.result())))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private static ObjectNode health(AgentPage agents, AllocationStatus tasks) {
        ObjectNode answer = ApiJson.object();
        answer.putObject("agents")
                .put("connected", agents.getConnected())
                .put("suspended", agents.getSuspended())
                .put("freeSlots", tasks.getFreeSlots());
        answer.putObject("tasks")
                .put("queued", tasks.getQueued())
                .put("assigned", tasks.getAssigned())
                .put("backingOff", tasks.getBackingOff())
                .put("held", tasks.getHeld());
        return answer;
    }
}
