package io.signalbox.load.chaos;

import io.signalbox.sdk.Agent;
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
 * other, again until it is safe; each receiver acknowledges what it noted. Some receivers come when all was sent: until then
 * their messages wait in Redis, whatever is done to it.
 */
final class DurableTraffic {
    private static final int AGENTS_PER_CONNECTION = 8;
    private static final int PAYLOAD = 256;
    private static final int LATE_MAILBOXES = 4;
    private static final int ONE_LATE_OF = 100;

    /** Less than a mailbox may hold. */
    private static final int MAX_LATE = LATE_MAILBOXES * 5000;

    private static final Observation.Lane[] LANES = Observation.Lane.values();

    private final Journal journal;
    private final ChaosClients clients;
    private final Duration pause;
    private final boolean replicated;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong late = new AtomicLong();
    private int mailboxes;
    private volatile boolean stopping;

    /**
     * @param pause of a sender after each message
     * @param replicated every other message is to be safe with a replica
     */
    DurableTraffic(Journal journal, ChaosClients clients, Duration pause, boolean replicated) {
        this.journal = journal;
        this.clients = clients;
        this.pause = pause;
        this.replicated = replicated;
    }

    /** @param random seeds the choices of the senders */
    void start(int senders, int mailboxes, RandomGenerator random) throws InterruptedException {
        this.mailboxes = mailboxes;
        SignalboxClient client = clients.connect();
        for (int mailbox = 0; mailbox < mailboxes; mailbox++) {
            client = clients.fresh(client, mailbox, AGENTS_PER_CONNECTION);
            attach(client, mailbox);
        }
        for (int sender = 0; sender < senders; sender++) {
            int number = sender;
            client = clients.fresh(client, sender, AGENTS_PER_CONNECTION);
            Agent agent = client.agent("sender-" + sender).attach();
            SplittableRandom choices = new SplittableRandom(random.nextLong());
            threads.add(Thread.ofVirtual().start(() -> send(agent, number, choices)));
        }
    }

    private void attach(SignalboxClient client, int mailbox) throws InterruptedException {
        client.agent("mailbox-" + mailbox)
                .onMessage(message -> receive(mailbox, message))
                .attach();
    }

    private void send(Agent agent, int sender, SplittableRandom random) {
        try {
            for (long number = 0; !stopping; number++) {
                send(agent, sender, number, mailbox(random), LANES[random.nextInt(LANES.length)]);
                Thread.sleep(pause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the journal cannot be written", e);
        }
    }

    private int mailbox(SplittableRandom random) {
        boolean isLate = random.nextInt(ONE_LATE_OF) == 0 && late.incrementAndGet() <= MAX_LATE;
        return isLate ? mailboxes + random.nextInt(LATE_MAILBOXES) : random.nextInt(mailboxes);
    }

    private void send(Agent agent, int sender, long number, int mailbox, Observation.Lane lane)
            throws InterruptedException, ExecutionException {
        Observation.Tier tier = replicated && number % 2 == 1 ? Observation.Tier.REPLICATED : Observation.Tier.LOCAL;
        journal.note(new Observation.Invoked(sender, number, mailbox, lane, tier))
                .get();
        Message plain = Message.to("agent/mailbox-" + mailbox, Payload.text(content(sender, number)))
                .withPriority(lane.priority());
        Message message = tier == Observation.Tier.REPLICATED ? plain.replicated() : plain.durable();
        try {
            agent.publish(message);
            acknowledged.incrementAndGet();
            journal.note(new Observation.Acknowledged(sender, number));
        } catch (SignalboxException e) {
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

    /** Sends no more; returns when all that was sent is decided and all receivers are there. */
    void finishSending() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
        SignalboxClient client = clients.connect();
        for (int mailbox = mailboxes; mailbox < mailboxes + LATE_MAILBOXES; mailbox++) {
            attach(client, mailbox);
        }
    }
}
