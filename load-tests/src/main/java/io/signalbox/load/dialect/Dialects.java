package io.signalbox.load.dialect;

import java.util.function.IntFunction;

/** The dialects by the name that orders to generator processes carry. */
public enum Dialects {
    SIGNALBOX,
    NETTY,
    ECHO,
    NATS,
    MQTT,
    BRIDGE,
    REDIS;

    /** @param token of an agent, or the password, for peers that want one */
    public Dialect create(Agents agents, IntFunction<String> token) {
        return switch (this) {
            case SIGNALBOX -> new SignalboxDialect(agents, token.apply(agents.first()));
            case NETTY -> new NettyDialect(agents);
            case ECHO -> new EchoDialect(agents);
            case NATS -> new NatsDialect(agents);
            case MQTT -> new MqttDialect(agents);
            case BRIDGE -> new BridgeDialect(agents);
            case REDIS -> new RedisDialect(token.apply(agents.first()));
        };
    }

    /** Whether messages are delivered to agents, and not only taken. */
    public boolean delivers() {
        return this != REDIS;
    }
}
