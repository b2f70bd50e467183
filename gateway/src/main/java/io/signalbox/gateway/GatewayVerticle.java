package io.signalbox.gateway;

import io.signalbox.gateway.agent.AgentEndpoint;
import io.signalbox.gateway.http.ApiParts;
import io.signalbox.gateway.http.HttpApi;
import io.signalbox.gateway.tls.ServerTls;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One event loop's share of the gateway: they all listen on one port. Confined to its event loop. */
public final class GatewayVerticle extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(GatewayVerticle.class);

    private static final Duration HTTP_IDLE = Duration.ofSeconds(75);
    private static final int MAX_HEADERS = 32 * 1024;
    private static final Duration CERTIFICATE_CHECK = Duration.ofSeconds(5);

    private final AgentEndpoint.Shared door;
    private final ApiParts api;
    private final Optional<ServerTls> tls;
    private final Duration drainTimeout;
    private final int port;
    private AgentEndpoint endpoint;
    private HttpApi httpApi;
    private HttpServer server;

    /**
     * @param tls none: in plain text
     * @param port the configured one, or the one that the first of them got when that is 0
     * @param drainTimeout how long a stop waits for connections to go
     */
    public GatewayVerticle(
            AgentEndpoint.Shared door, ApiParts api, Optional<ServerTls> tls, int port, Duration drainTimeout) {
        this.door = door;
        this.api = api;
        this.tls = tls;
        this.port = port;
        this.drainTimeout = drainTimeout;
    }

    @Override
    public Future<?> start() {
        endpoint = new AgentEndpoint(door, context);
        httpApi = new HttpApi(api, vertx);
        HttpServerOptions options = options();
        server = vertx.createHttpServer(tls.map(each -> each.applyTo(options)).orElse(options));
        tls.ifPresent(each -> vertx.setPeriodic(CERTIFICATE_CHECK.toMillis(), ignored -> renew(each)));
        return server.requestHandler(httpApi.router(vertx, endpoint)).listen();
    }

    private HttpServerOptions options() {
        return new HttpServerOptions()
                .setHost(api.config().host())
                .setPort(port)
                .setStrictThreadMode(true)
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setMaxHeaderSize(MAX_HEADERS)
                .setIdleTimeout((int) HTTP_IDLE.toSeconds())
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setReuseAddress(true);
    }

    /** The event loops' servers are one inside of Vert.x: whichever finds a new certificate changes it for all. */
    private void renew(ServerTls current) {
        vertx.executeBlocking(current::renewed)
                .compose(found -> found.map(server::updateSSLOptions).orElse(Future.succeededFuture(false)))
                .onSuccess(changed -> {
                    if (changed) {
                        log.info("New connections are served with the new certificate");
                    }
                })
                .onFailure(cause -> log.warn("The certificate was not read anew: {}", cause.getMessage()));
    }

    /** Where it listens, once it is deployed. */
    public int actualPort() {
        return server.actualPort();
    }

    /** Sends agents away, ends streams, lets requests under way end. */
    @Override
    public Future<?> stop() {
        httpApi.close();
        return endpoint.drain(drainTimeout)
                .compose(drained -> server.shutdown(drainTimeout.toMillis(), TimeUnit.MILLISECONDS));
    }
}
