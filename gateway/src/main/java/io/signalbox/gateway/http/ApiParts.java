package io.signalbox.gateway.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.service.ServiceClient;
import io.signalbox.config.BusConfig;
import io.signalbox.config.GatewayConfig;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What the HTTP API is made of; shared by all event loops.
 *
 * @param lacking what the node waits for before it is ready, by name
 * @param scrape the metrics in Prometheus' text format
 */
public record ApiParts(
        GatewayConfig config,
        BusConfig busConfig,
        ServiceClient services,
        MessageBus bus,
        Access access,
        Supplier<Map<String, String>> lacking,
        Supplier<String> scrape,
        MeterRegistry meters,
        InstantSource clock,
        RandomGenerator random) {}
