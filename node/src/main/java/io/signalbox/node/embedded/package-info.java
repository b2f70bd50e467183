/**
 * A real PostgreSQL and a real Redis as child processes of the node, in its data directory, with durable settings.
 * {@link io.signalbox.node.embedded.EmbeddedStores} is the entrance; each server has a {@code StoreProgram} that knows its
 * program and a {@code StoreServer} that keeps it running.
 */
package io.signalbox.node.embedded;
