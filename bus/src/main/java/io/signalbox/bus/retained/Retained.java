package io.signalbox.bus.retained;

import io.signalbox.bus.retained.RetainedStore.Position;
import io.signalbox.codecs.EncodedMessage;

/**
 * A retained message, with its mark.
 *
 * @param revision of the store; a live copy of the same or a later change at its address has the same or a greater one
 */
public record Retained(Position position, long revision, EncodedMessage message) {}
