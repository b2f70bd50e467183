package io.signalbox.load.floor;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.sockjs.SockJSBridgeOptions;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;

/** The event-bus bridge that comes with Vert.x, as its documentation sets it up: what agents could use without Signalbox. */
public final class SockJsBridge {
    private SockJsBridge() {}

    /** Arguments: port, event loops. */
    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        int loops = Integer.parseInt(arguments[1]);
        Vertx vertx = Vertx.builder()
                .with(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(loops))
                .build();
        vertx.deployVerticle(() -> new Door(port), new DeploymentOptions().setInstances(loops))
                .onFailure(cause -> {
                    System.err.println("The bridge did not start: " + cause);
                    System.exit(1);
                });
    }

    private static final class Door extends VerticleBase {
        private final int port;

        Door(int port) {
            this.port = port;
        }

        @Override
        public Future<?> start() {
            SockJSBridgeOptions options = new SockJSBridgeOptions()
                    .addInboundPermitted(new PermittedOptions().setAddressRegex("(agent|fan-out)/.+"))
                    .addOutboundPermitted(new PermittedOptions().setAddressRegex("(agent|fan-out)/.+"))
                    .setPingTimeout(3_600_000);
            Router router = Router.router(vertx);
            router.route("/eventbus/*").subRouter(SockJSHandler.create(vertx).bridge(options));
            return vertx.createHttpServer(new HttpServerOptions()
                            .setHost("127.0.0.1")
                            .setPort(port)
                            .setPerFrameWebSocketCompressionSupported(false)
                            .setPerMessageWebSocketCompressionSupported(false))
                    .requestHandler(router)
                    .listen();
        }
    }
}
