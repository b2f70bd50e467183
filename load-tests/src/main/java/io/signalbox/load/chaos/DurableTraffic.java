package io.signalbox.load.chaos;

import io.signalbox.sdk.Agent;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.Message;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.SignalboxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Agents that send durable messages to each other's mailboxes and note what they see. Each sender sends one message after the
 * other, again until it is safe; each receiver acknowledges what it noted.
 */
final class DurableTraffic implements AutoCloseable {
    private static final Duration REQUEST = Duration.ofSeconds(5);
    private static final Duration DELIVERY = Duration.ofSeconds(120);
    private static final int AGENTS_PER_CONNECTION = 8;
    private static final int PAYLOAD = 256;
    private static final Observation.Lane[] LANES = Observation.Lane.values();

    private final Journal journal;
    private final List<SignalboxClient> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong undecided = new AtomicLong();
    private volatile boolean stopping;

    DurableTraffic(Journal journal) {
        this.journal = journal;
    }

    /**
     * @param url of a node; of several, separated by commas, each connection begins with any
     * @param random seeds the choices of the senders
     */
    void start(String url, int senders, int mailboxes, RandomGenerator random) throws InterruptedException {
        for (int mailbox = 0; mailbox < mailboxes; mailbox++) {
            int mine = mailbox;
            client(url, mailbox)
                    .agent("mailbox-" + mailbox)
                    .onMessage(message -> receive(mine, message))
                    .attach();
        }
        for (int sender = 0; sender < senders; sender++) {
            int number = sender;
            Agent agent = client(url, sender).agent("sender-" + sender).attach();
            SplittableRandom choices = new SplittableRandom(random.nextLong());
            threads.add(Thread.ofVirtual().start(() -> send(agent, number, mailboxes, choices)));
        }
    }

    /** A new connection for every so many agents. */
    private SignalboxClient client(String url, int index) throws InterruptedException {
        if (index % AGENTS_PER_CONNECTION == 0) {
            clients.add(SignalboxClient.connect(ClientOptions.builder(url)
                    .connectTimeout(Duration.ofSeconds(60))
                    .requestTimeout(REQUEST)
                    .drainTimeout(Duration.ofSeconds(2))
                    .deliveryTimeout(DELIVERY)
                    .reconnect(Duration.ofMillis(50), Duration.ofMillis(500))
                    .build()));
        }
        return clients.getLast();
    }

    private void send(Agent agent, int sender, int mailboxes, SplittableRandom random) {
        try {
            for (long number = 0; !stopping; number++) {
                send(agent, sender, number, random.nextInt(mailboxes), LANES[random.nextInt(LANES.length)]);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the journal cannot be written", e);
        }
    }

    private void send(Agent agent, int sender, long number, int mailbox, Observation.Lane lane)
            throws InterruptedException, ExecutionException {
        journal.note(new Observation.Invoked(sender, number, mailbox, lane)).get();
        Message message = Message.to("agent/mailbox-" + mailbox, Payload.text(content(sender, number)))
                .withPriority(lane.priority())
                .durable();
        try {
            agent.publish(message);
            acknowledged.incrementAndGet();
            journal.note(new Observation.Acknowledged(sender, number));
        } catch (SignalboxException e) {
            undecided.incrementAndGet();
            journal.note(
                    e.code().retry()
                            ? new Observation.Unknown(sender, number)
                            : new Observation.Refused(sender, number));
        }
    }

    private void receive(int mailbox, Message message) throws InterruptedException {
        String text = message.payload().text();
        String[] words = text.split(" ", 3);
        int sender = Integer.parseInt(words[0]);
        long number = Long.parseLong(words[1]);
        boolean intact = text.equals(content(sender, number));
        journal.note(new Observation.Received(sender, number, mailbox, message.attempt(), intact));
        received.incrementAndGet();
    }

    /** Sender and number, and as much more as makes the size, which follows from them. */
    private static String content(int sender, long number) {
        StringBuilder text = new StringBuilder(PAYLOAD)
                .append(sender)
                .append(' ')
                .append(number)
                .append(' ');
        SplittableRandom filler = new SplittableRandom(sender * 1_000_003L + number);
        while (text.length() < PAYLOAD) {
            text.append((char) ('a' + filler.nextInt(26)));
        }
        return text.toString();
    }

    long acknowledged() {
        return acknowledged.get();
    }

    long received() {
        return received.get();
    }

    long undecided() {
        return undecided.get();
    }

    /** Sends no more; returns when all that was sent is decided. */
    void finishSending() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Override
    public void close() {
        stopping = true;
        clients.forEach(SignalboxClient::close);
    }
}
