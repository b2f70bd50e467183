package io.signalbox.gateway.identity;

import io.signalbox.bus.AddressPattern;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who a client is and what it may do, compiled from its token. Immutable, thread-safe.
 *
 * @param subject the token's subject
 * @param agents ids of the agents it may attach, exactly or with a {@code *} at the end for whatever follows
 * @param publish addresses it may publish to
 * @param subscribe addresses it may subscribe to, besides the inboxes of its own agents
 * @param expires when it ends; empty: with the connection
 */
public record Identity(
        String subject,
        List<String> agents,
        List<AddressPattern> publish,
        List<AddressPattern> subscribe,
        Set<Role> roles,
        Optional<Instant> expires) {

    /** What the HTTP API asks for. */
    public enum Role {
        /** Read everything. */
        READ,
        /** Submit and cancel tasks. */
        SUBMIT,
        /** Publish definitions. */
        PUBLISH_DEFINITIONS,
        /** Pause, drain, quarantine and kill agents, and limit them. */
        OPERATE,
        /** Connect agents. */
        AGENT,
        /** Approve of tasks, or refuse to. */
        APPROVE
    }

    public Identity {
        agents = List.copyOf(agents);
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
        roles = Set.copyOf(roles);
    }

    public boolean mayActAs(String agent) {
        return agents.stream()
                .anyMatch(allowed -> allowed.equals(agent)
                        || allowed.endsWith("*") && agent.startsWith(allowed.substring(0, allowed.length() - 1)));
    }

    /** Asked of every message: nothing is allocated. */
    public boolean mayPublish(String address) {
        if (address.startsWith("$")) {
            return false;
        }
        for (int i = 0; i < publish.size(); i++) {
            if (publish.get(i).matches(address)) {
                return true;
            }
        }
        return false;
    }
}
