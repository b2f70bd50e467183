package io.signalbox.sdk;

/** Takes the messages of an agent's inbox, skills and subscriptions. */
@FunctionalInterface
public interface MessageHandler {
    /**
     * Called on a virtual thread, one message of the agent after the other, in the order of their arrival. While it
     * blocks the agent's further messages wait, here and then in the node, there with the replies to
     * {@link Agent#request}; beyond the node's bound the oldest are dropped. Other agents notice nothing.
     *
     * <p>A durable message is acknowledged when this returns.
     *
     * @throws Exception is logged. A durable message then stays in the mailbox and comes again after a while; a
     *     {@link MessageRejectedException} sends it to the dead letters at once. Any other message counts as handled
     */
    void handle(Message message) throws Exception;
}
