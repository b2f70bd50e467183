package io.signalbox.load.queues;

import io.signalbox.load.LoadException;
import io.signalbox.load.SdkClients;
import io.signalbox.sdk.AgentBuilder;
import io.signalbox.sdk.Assignment;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.TaskHandler;
import io.signalbox.verticles.registry.reference.ReferenceFleet;
import io.signalbox.verticles.registry.reference.ReferenceFleet.AgentType;
import io.signalbox.verticles.registry.reference.ReferenceFleet.TypeSkill;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** The agents of the reference fleet, many on a connection, spread over the nodes. They do every task at once. */
final class WorkerFleet implements AutoCloseable {
    private static final int ATTACHING_AT_ONCE = 50;

    private final Consumer<Assignment> listener;
    private final Queue<SignalboxClient> clients = new ConcurrentLinkedQueue<>();

    /** @param listener told of each assignment before it is done, on any thread */
    WorkerFleet(Consumer<Assignment> listener) {
        this.listener = listener;
    }

    /** Returns when all are attached. */
    void connect(List<String> urls, ReferenceFleet fleet, int connections) throws InterruptedException, LoadException {
        List<AgentType> types = new ArrayList<>();
        fleet.types().forEach(type -> {
            for (int i = 0; i < type.agents(); i++) {
                types.add(type);
            }
        });
        HttpClient http = ClientOptions.newHttpClient();
        Semaphore turns = new Semaphore(ATTACHING_AT_ONCE);
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            String url = urls.get(i % urls.size());
            int first = i;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    turns.acquire();
                    try {
                        connectOne(url, http, types, first, connections);
                    } finally {
                        turns.release();
                    }
                } catch (RuntimeException | InterruptedException e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new LoadException(failures.size() + " connections failed: " + failures.peek());
        }
    }

    private void connectOne(String url, HttpClient http, List<AgentType> types, int first, int step)
            throws InterruptedException {
        SignalboxClient client = SdkClients.connect(url, http);
        clients.add(client);
        for (int i = first; i < types.size(); i += step) {
            AgentType type = types.get(i);
            AgentBuilder agent = client.agent(type.name() + "-" + i).definition(type.reference());
            for (TypeSkill skill : type.skills()) {
                agent.skill(skill.name(), worker(skill));
            }
            agent.attach();
        }
    }

    private TaskHandler worker(TypeSkill skill) {
        Payload output = Payload.json(skill.exampleOutput());
        return assignment -> {
            listener.accept(assignment);
            return output;
        };
    }

    @Override
    public void close() {
        SdkClients.close(clients);
    }
}
