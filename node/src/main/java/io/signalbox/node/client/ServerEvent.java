package io.signalbox.node.client;

/**
 * One server-sent event. Immutable.
 *
 * @param id what to go on after when the stream breaks; empty: the event has none
 * @param type {@code message} when the event names none
 */
public record ServerEvent(String id, String type, String data) {}
