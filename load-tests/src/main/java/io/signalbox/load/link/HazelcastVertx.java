package io.signalbox.load.link;

import com.hazelcast.config.Config;
import com.hazelcast.config.SSLConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.ConfigUtil;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;

/** A Vert.x clustered by Hazelcast over loopback, for decision 9: all that can be set in its favour is. */
final class HazelcastVertx {
    private HazelcastVertx() {}

    /**
     * @param port of this member; the other is at {@code otherPort}
     * @param tls asks for TLS between members, which the community edition refuses
     */
    static Future<Vertx> create(int port, int otherPort, boolean tls) {
        // What vertx-hazelcast wants of maps and semaphores, without what it finds on the class path.
        Config config = ConfigUtil.loadConfig();
        config.setClusterName("load");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.heartbeat.interval.seconds", "1");
        config.setProperty("hazelcast.max.no.heartbeat.seconds", "5");
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        config.getNetworkConfig().setPort(port).setPortAutoIncrement(false);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
        config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
        config.getNetworkConfig()
                .getJoin()
                .getTcpIpConfig()
                .setEnabled(true)
                .addMember("127.0.0.1:" + port)
                .addMember("127.0.0.1:" + otherPort);
        if (tls) {
            config.getNetworkConfig().setSSLConfig(new SSLConfig().setEnabled(true));
        }
        return Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setEventBusOptions(new EventBusOptions().setHost("127.0.0.1")))
                .withClusterManager(new HazelcastClusterManager(config))
                .buildClustered();
    }
}
