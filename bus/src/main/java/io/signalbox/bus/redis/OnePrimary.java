package io.signalbox.bus.redis;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.vertx.core.Future;

/** All keys are on one primary. */
final class OnePrimary implements Primaries, Primary.Listener {
    private final PrimaryLocator locator;
    private final Primary server;
    private final Runnable recovered;

    /** @param recovered told when the server was lost and is there again, or another took its place */
    OnePrimary(LinkMeans means, PrimaryLocator locator, Runnable recovered) {
        this.locator = locator;
        this.server = new Primary(means, means.connections(), locator::locate, this);
        this.recovered = recovered;
    }

    @Override
    public Future<Void> start() {
        return locator.start(server::reopen).compose(located -> server.start());
    }

    @Override
    public void send(PendingCommand command) {
        server.send(command);
    }

    @Override
    public void flush() {
        server.flush();
    }

    @Override
    public void tick() {
        server.tick();
    }

    @Override
    public boolean isUp() {
        return server.isUp();
    }

    @Override
    public void close() {
        locator.close();
        server.close();
    }

    @Override
    public void recovered() {
        recovered.run();
    }

    @Override
    public void troubled() {
        // The connections try again by themselves.
    }

    @Override
    public void redirected(PendingCommand command, ErrorReply reply) {
        command.fail(Reason.REFUSED, "the server is part of a Redis Cluster: redis.mode must be cluster");
    }
}
