/**
 * Several nodes on one machine, each a process of its own, with the stores that they share.
 * {@link io.signalbox.node.supervisor.Supervisor} is the entrance: its process starts them all, starts a node again that died,
 * and stops them. A node learns of the supervisor's end by the end of its standard input.
 */
package io.signalbox.node.supervisor;
