package io.signalbox.load.dialect;

/**
 * The agents of one connection.
 *
 * @param first index of the first one; they follow each other
 * @param fanOut whether they receive what is sent to all
 */
public record Agents(int first, int count, boolean fanOut) {
    public static final String FAN_OUT = "fan-out/all";

    /** The agent's id. */
    public static String id(int agent) {
        return "load-" + agent;
    }

    /** Where messages to an agent, or to all, go. */
    public static String address(int agent) {
        return agent == Stamp.TO_ALL ? FAN_OUT : "agent/" + id(agent);
    }

    /** Index of the agent with an address. */
    public static int ofAddress(String address) {
        return address.equals(FAN_OUT) ? Stamp.TO_ALL : Integer.parseInt(address.substring("agent/load-".length()));
    }
}
