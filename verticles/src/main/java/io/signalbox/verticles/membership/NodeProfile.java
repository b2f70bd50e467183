package io.signalbox.verticles.membership;

import io.signalbox.config.NodeKind;
import java.util.UUID;

/**
 * What a node tells the others of itself when it joins.
 *
 * @param capacity published: computed from the machine or configured
 * @param address where peers reach it
 * @param process drawn anew by each process, so that a node that joins again is told from a second one under its id
 * @param home what no two processes have at once, such as a locked data directory: who has it need not wait for who had it
 */
public record NodeProfile(String id, NodeKind kind, int capacity, String address, UUID process, UUID home) {}
