package io.signalbox.load.chaos;

import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.SignalboxClient;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Connections to any node, which come back by themselves. For one thread, until it is closed. */
final class ChaosClients implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(60);
    private static final Duration REQUEST = Duration.ofSeconds(5);
    private static final Duration DELIVERY = Duration.ofSeconds(120);
    private static final Duration DRAIN = Duration.ofSeconds(2);

    private final String urls;
    private final HttpClient http = ClientOptions.newHttpClient();
    private final List<SignalboxClient> clients = new ArrayList<>();

    ChaosClients(List<String> urls) {
        this.urls = String.join(",", urls);
    }

    SignalboxClient connect() throws InterruptedException {
        return connectTo(urls);
    }

    SignalboxClient connectTo(String url) throws InterruptedException {
        SignalboxClient client = SignalboxClient.connect(ClientOptions.builder(url)
                .http(http)
                .connectTimeout(CONNECT)
                .requestTimeout(REQUEST)
                .drainTimeout(DRAIN)
                .deliveryTimeout(DELIVERY)
                .reconnect(Duration.ofMillis(50), Duration.ofMillis(500))
                .build());
        clients.add(client);
        return client;
    }

    /** The same, or another for each so many. */
    SignalboxClient fresh(SignalboxClient client, int index, int each) throws InterruptedException {
        return index % each == 0 ? connect() : client;
    }

    @Override
    public void close() {
        List<Thread> closing = clients.stream()
                .map(client -> Thread.ofVirtual().start(client::close))
                .toList();
        try {
            for (Thread thread : closing) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.shutdownNow();
    }
}
