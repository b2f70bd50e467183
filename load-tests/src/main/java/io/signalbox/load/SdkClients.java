package io.signalbox.load;

import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.SignalboxClient;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Clients of load tests, which may have to wait on a busy machine. */
public final class SdkClients {
    private SdkClients() {}

    /**
     * Returns when it is connected.
     *
     * @param url of a node; several are separated by commas
     * @param http shared by all
     */
    public static SignalboxClient connect(String url, HttpClient http) throws InterruptedException {
        return SignalboxClient.connect(ClientOptions.builder(url)
                .token(() -> "")
                .http(http)
                .connectTimeout(Duration.ofSeconds(60))
                .requestTimeout(Duration.ofSeconds(30))
                .drainTimeout(Duration.ofSeconds(1))
                .build());
    }

    /** All at once; returns when they are closed. */
    public static void close(Collection<SignalboxClient> clients) {
        List<Thread> closing = clients.stream()
                .map(client -> Thread.ofVirtual().start(client::close))
                .toList();
        for (Thread thread : closing) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
