/**
 * Certificates by which the nodes of a cluster know each other.
 * {@link io.signalbox.node.certificates.ClusterAuthority} is the entrance.
 */
package io.signalbox.node.certificates;
