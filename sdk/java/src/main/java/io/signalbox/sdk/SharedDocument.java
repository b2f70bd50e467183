package io.signalbox.sdk;

/**
 * A document of {@link Coordination}. Immutable.
 *
 * @param revision to be named by who replaces it
 * @param token under which it was written; 0: none
 * @param writer {@code agent/{id}}
 */
public record SharedDocument(String name, long revision, Payload content, long token, String writer) {}
