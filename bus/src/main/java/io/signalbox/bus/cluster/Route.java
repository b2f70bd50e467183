package io.signalbox.bus.cluster;

/**
 * A peer that has interest under a pattern. Immutable.
 *
 * @param pattern empty where there are no groups, for which it would be needed
 */
record Route(PeerLink link, String pattern, PatternInterest interest) {}
