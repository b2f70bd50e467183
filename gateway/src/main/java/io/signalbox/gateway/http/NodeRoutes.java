package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.codecs.internal.ListNodes;
import io.signalbox.codecs.internal.NodeInfo;
import io.signalbox.codecs.internal.NodeList;
import io.signalbox.codecs.internal.ShardInfo;
import io.signalbox.gateway.identity.Identity.Role;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** The nodes of the cluster, as the asked one sees them. */
record NodeRoutes(ServiceCalls services) {
    List<ApiRoute> routes() {
        return List.of(ApiRoute.of(HttpMethod.GET, "/v1/nodes", Role.READ, this::list));
    }

    private void list(RoutingContext request) {
        services.nodes(ListNodes.getDefaultInstance(), NodeList.parser())
                .onSuccess(nodes -> ServiceCalls.answer(request, 200, json(nodes)))
                .onFailure(cause -> ServiceCalls.refuse(request, cause));
    }

    private static ObjectNode json(NodeList nodes) {
        ObjectNode json = ApiJson.object();
        ArrayNode items = json.putArray("nodes");
        nodes.getNodesList().forEach(node -> items.add(json(node)));
        json.set("unowned", shards(nodes.getUnownedList()));
        json.put("asked", nodes.getAsked()).put("acts", nodes.getWhyNot().isEmpty());
        ApiJson.putUnlessEmpty(json, "reason", nodes.getWhyNot());
        return json;
    }

    private static ObjectNode json(NodeInfo node) {
        ObjectNode json = ApiJson.object()
                .put("id", node.getId())
                .put("kind", node.getKind())
                .put("state", node.getState())
                .put("incarnation", node.getIncarnation())
                .put("capacity", node.getCapacity());
        ApiJson.putUnlessEmpty(json, "address", node.getAddress());
        json.set("shards", shards(node.getShardsList()));
        return json;
    }

    private static ArrayNode shards(List<ShardInfo> shards) {
        ArrayNode json = ApiJson.array();
        shards.forEach(shard -> json.addObject()
                .put("kind", shard.getKind())
                .put("number", shard.getNumber())
                .put("epoch", shard.getEpoch()));
        return json;
    }
}
