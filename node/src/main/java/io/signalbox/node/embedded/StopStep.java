package io.signalbox.node.embedded;

import java.time.Duration;

/** One rung of the ladder that a server is stopped by. */
record StopStep(Signal signal, Duration patience) {}
