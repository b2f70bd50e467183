package io.signalbox.load.chaos;

import io.signalbox.sdk.Agent;
import io.signalbox.sdk.Message;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.SignalboxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Subscribers at all nodes, and an agent at each node that publishes to them: do they hear each node? */
final class LiveTraffic {
    private static final String ADDRESS = "chaos/probe/";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration LOOK = Duration.ofMillis(5);

    /** @param subscriber that got one of this round from this publisher */
    private record Heard(int round, int publisher, int subscriber) {}

    /**
     * @param due how many there had to be: each subscriber, from each node
     * @param heard how many there were in time
     * @param time until the last of them
     */
    record Probes(int due, int heard, Duration time) {
        boolean isGood() {
            return heard == due;
        }
    }

    private final ChaosClients clients;
    private final Set<Heard> heard = ConcurrentHashMap.newKeySet();
    private final List<Agent> publishers = new ArrayList<>();
    private int subscribers;
    private volatile int round;

    LiveTraffic(ChaosClients clients) {
        this.clients = clients;
    }

    void start(List<String> urls, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            int mine = i;
            clients.connect()
                    .agent("subscriber-" + i)
                    .onMessage(message -> hear(mine, message))
                    .attach()
                    .subscribe(ADDRESS + "+");
        }
        subscribers = count;
        for (String url : urls) {
            SignalboxClient client = clients.connectTo(url);
            publishers.add(client.agent("prober-" + publishers.size()).attach());
        }
    }

    private void hear(int subscriber, Message message) {
        int publisher = Integer.parseInt(message.address().substring(ADDRESS.length()));
        heard.add(new Heard(Integer.parseInt(message.payload().text()), publisher, subscriber));
    }

    /** Returns when all have heard each node, or after 10 s. */
    Probes probe() throws InterruptedException {
        heard.clear();
        int mine = ++round;
        int due = subscribers * publishers.size();
        long begin = System.nanoTime();
        List<Thread> publishing = new ArrayList<>();
        for (int i = 0; i < publishers.size(); i++) {
            int publisher = i;
            publishing.add(Thread.ofVirtual().start(() -> publish(publisher, mine)));
        }
        while (count(mine) < due && System.nanoTime() - begin < PATIENCE.toNanos()) {
            Thread.sleep(LOOK);
        }
        Probes probes = new Probes(due, count(mine), Duration.ofNanos(System.nanoTime() - begin));
        publishing.forEach(Thread::interrupt);
        for (Thread thread : publishing) {
            thread.join();
        }
        return probes;
    }

    private int count(int wanted) {
        return (int) heard.stream().filter(each -> each.round() == wanted).count();
    }

    /** Until it is interrupted. */
    private void publish(int publisher, int round) {
        Message message = Message.to(ADDRESS + publisher, Payload.text(Integer.toString(round)));
        try {
            while (true) {
                try {
                    publishers.get(publisher).publish(message);
                } catch (SignalboxException e) {
                    // It is said again.
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
