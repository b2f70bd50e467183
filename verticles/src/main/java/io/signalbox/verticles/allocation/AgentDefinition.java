package io.signalbox.verticles.allocation;

import io.signalbox.codecs.internal.AgentInfo;

/**
 * Which definition an agent is of. Immutable.
 *
 * @param name empty: of none
 * @param channel that it follows, stable or canary; empty: it has its version for good
 * @param version that it has now
 */
record AgentDefinition(String name, String channel, String version) {
    static final AgentDefinition NONE = new AgentDefinition("", "", "");

    private static final String STABLE = "stable";
    private static final String CANARY = "canary";

    static AgentDefinition of(AgentInfo agent) {
        String reference = agent.getDefinition();
        int at = reference.indexOf('@');
        if (at < 0) {
            return NONE;
        }
        String end = reference.substring(at + 1);
        boolean follows = end.equals(STABLE) || end.equals(CANARY);
        return new AgentDefinition(
                reference.substring(0, at), follows ? end : "", follows ? agent.getDefinitionVersion() : end);
    }

    /** {@code name@version}; empty: of none. */
    String reference() {
        return name.isEmpty() ? "" : name + "@" + version;
    }

    boolean follows() {
        return !channel.isEmpty();
    }

    /** Whether chance decides that it is given the canary, so that it may be compared with others. */
    boolean isDrawn() {
        return channel.equals(STABLE);
    }

    boolean wantsCanary() {
        return channel.equals(CANARY);
    }

    AgentDefinition in(String next) {
        return new AgentDefinition(name, channel, next);
    }
}
