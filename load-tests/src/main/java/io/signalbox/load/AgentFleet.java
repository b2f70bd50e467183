package io.signalbox.load;

import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.TaskHandler;
import java.net.http.HttpClient;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

/** Agents of one skill, each on a connection of its own. */
final class AgentFleet implements AutoCloseable {
    static final String SKILL = "load.work";

    private static final int CONNECTING_AT_ONCE = 50;

    private final List<SignalboxClient> clients = new CopyOnWriteArrayList<>();

    private AgentFleet() {}

    /**
     * Returns when all are attached.
     *
     * @param url of a node; several are separated by commas
     */
    static AgentFleet connect(String url, int agents, int slots, TaskHandler handler) throws InterruptedException {
        AgentFleet fleet = new AgentFleet();
        HttpClient http = ClientOptions.newHttpClient();
        Semaphore turns = new Semaphore(CONNECTING_AT_ONCE);
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> threads = IntStream.rangeClosed(1, agents)
                .mapToObj(n -> Thread.ofVirtual()
                        .start(() -> fleet.connectOne(url, http, "load-" + n, slots, handler, turns, failures)))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            fleet.close();
            throw new IllegalStateException(failures.size() + " agents could not attach", failures.getFirst());
        }
        return fleet;
    }

    private void connectOne(
            String url,
            HttpClient http,
            String id,
            int slots,
            TaskHandler handler,
            Semaphore turns,
            List<Throwable> failures) {
        try {
            turns.acquire();
            try {
                SignalboxClient client = SdkClients.connect(url, http);
                clients.add(client);
                client.agent(id).skill(SKILL, handler).slots(slots).attach();
            } finally {
                turns.release();
            }
        } catch (RuntimeException | InterruptedException e) {
            failures.add(e);
        }
    }

    long connected() {
        return clients.stream().filter(SignalboxClient::isConnected).count();
    }

    @Override
    public void close() {
        SdkClients.close(clients);
    }
}
