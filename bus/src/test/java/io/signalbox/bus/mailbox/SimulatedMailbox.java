package io.signalbox.bus.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.mailbox.MailboxReader.Copy;
import io.signalbox.bus.mailbox.MailboxStore.Append;
import io.signalbox.bus.mailbox.MailboxStore.Appended;
import io.signalbox.bus.mailbox.MailboxStore.Cursor;
import io.signalbox.bus.mailbox.MailboxStore.Entry;
import io.signalbox.bus.mailbox.MailboxStore.Mark;
import io.signalbox.bus.mailbox.MailboxStore.Position;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.bus.simulation.Simulation;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One mailbox, three publishers that send one message after the other and repeat what has no answer, and an agent whose
 * connection and node get lost. Held against each handing out: the message was appended; it is the first one of it, or its
 * attempt says that it is not; first ones are in the order of the log in each lane; numbers grow by one; the window is kept.
 */
final class SimulatedMailbox {
    private static final String AGENT = "a";
    private static final Lane[] LANES = {Lane.URGENT, Lane.NORMAL, Lane.BULK};
    private static final int PUBLISHERS = 3;
    private static final Duration CHAOS = Duration.ofSeconds(10);
    private static final Duration CALM = Duration.ofSeconds(3);
    private static final Duration FULL_PAUSE = Duration.ofSeconds(1);
    private static final Duration NETWORK = Duration.ofMillis(20);
    private static final ReaderSettings SETTINGS =
            new ReaderSettings(Duration.ofSeconds(2), 6, Duration.ofMillis(50), Duration.ofMillis(500));

    private record Sent(EncodedMessage message, Lane lane, UUID id) {}

    private final Simulation simulation;
    private final Random random;
    private final int window;

    /** What the publishers go by, and in the end the reader. */
    private FakeMailboxStore store;

    /** It lags from now on, and is to take over. */
    private Optional<FakeMailboxStore> replica = Optional.empty();

    /** It was replaced, and not all have heard of that. */
    private Optional<FakeMailboxStore> former = Optional.empty();

    private FakeMailboxStore readersStore;
    private long histories = 1;
    private long readersHistory;
    private long takeovers;
    private final long claimBytes;

    /** From 0, little goes wrong, to 1. */
    private final double turmoil;

    /** Of a publisher between two messages. */
    private final Duration longestPause;

    /** What happened, by the address of the message, which is unlike any other. */
    private final Set<String> acknowledged = new HashSet<>();

    /** In each history. */
    private final Map<String, Map<Long, Position>> positions = new HashMap<>();

    private final Set<String> handed = new HashSet<>();

    /** A primary that was lost had counted alone that they were handed out. */
    private final Set<String> uncounted = new HashSet<>();

    private final Set<String> received = new HashSet<>();
    private final Set<String> dead = new HashSet<>();
    private final Map<Lane, Long> lastFirst = new HashMap<>();
    private final Map<byte[], EncodedMessage> messages = new IdentityHashMap<>();
    private final Map<Position, String> addresses = new HashMap<>();
    private final Set<Position> waiting = new HashSet<>();

    /** The life of a reader, or of a connection of it: what was under way for an earlier one is lost. */
    private int life;

    private MailboxReader reader;
    private Instant storeFree;
    private Instant wireFree;
    private final Set<String> unacknowledged = new HashSet<>();
    private List<Position> undeleted = new ArrayList<>();
    private long lastNumber;
    private Mark mark = Mark.START;
    private boolean faults = true;
    private boolean storeAway;
    private boolean publishing = true;
    private long publishersAtWork = PUBLISHERS;
    private long repeated;
    private long liveHandings;

    SimulatedMailbox(long seed) {
        simulation = new Simulation(seed);
        random = simulation.random();
        store = new FakeMailboxStore(simulation::now, 100, Long.MAX_VALUE);
        readersStore = store;
        window = 1 + random.nextInt(12);
        turmoil = random.nextDouble();
        longestPause = Duration.ofMillis(100L << random.nextInt(5));
        claimBytes = 40 + random.nextInt(300);
        storeFree = simulation.now();
        wireFree = simulation.now();
        reader = newReader();
    }

    long appended() {
        return positions.size();
    }

    long repeated() {
        return repeated;
    }

    long died() {
        return dead.size();
    }

    long liveHandings() {
        return liveHandings;
    }

    long takeovers() {
        return takeovers;
    }

    private boolean fails(double probability) {
        return faults && simulation.chance(probability * turmoil);
    }

    private MailboxReader newReader() {
        lastNumber = 0;
        return new MailboxReader(SETTINGS, random, window, Cursor.START);
    }

    void run() {
        attach(reader);
        for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
            publishNext("p" + publisher + "/", 0);
        }
        simulation.every(Duration.ofMillis(20), () -> true, this::tick);
        simulation.every(Duration.ofSeconds(1), () -> true, this::sweep);
        simulation.every(Duration.ofMillis(500), () -> faults, this::disturb);
        simulation.runFor(CHAOS);

        faults = false;
        storeAway = false;
        simulation.runFor(CALM);
        publishing = false;
        boolean done = simulation.runUntil(this::isDone, Duration.ofMinutes(5));

        Set<String> missing = new HashSet<>(acknowledged);
        missing.removeAll(received);
        missing.removeAll(dead);
        assertThat(missing).as("acknowledged, and neither received nor dead").isEmpty();
        assertThat(waiting).as("left in the mailbox").isEmpty();
        assertThat(done).as("the reader comes to rest").isTrue();
        assertThat(store.pending(AGENT).result().messages()).isZero();
    }

    private boolean isDone() {
        return publishersAtWork == 0 && waiting.isEmpty() && reader.wakeAt().equals(Instant.MAX);
    }

    // Publishers

    private void publishNext(String publisher, int number) {
        if (!publishing) {
            publishersAtWork--;
            return;
        }
        Message.Builder message =
                Message.newBuilder().setAddress(publisher + number).setTime(EncodedMessage.micros(simulation.now()));
        if (simulation.chance(0.05)) {
            message.setTtlMs(1 + random.nextInt(3000));
        }
        Sent sent = new Sent(
                EncodedMessage.of(message.build()),
                LANES[random.nextInt(LANES.length)],
                new UUID(random.nextLong(), random.nextLong()));
        messages.put(sent.message().bytes(), sent.message());
        Duration pause = simulation.upTo(simulation.chance(0.5) ? NETWORK : longestPause);
        append(sent, false, () -> simulation.after(pause, () -> publishNext(publisher, number + 1)));
    }

    private void append(Sent sent, boolean again, Runnable next) {
        simulation.after(simulation.upTo(NETWORK), () -> {
            boolean live = simulation.chance(0.8);
            Append append =
                    new Append(AGENT, sent.lane(), sent.id(), sent.message().bytes(), live, again, 0);
            boolean unknown = fails(0.1);
            if (storeAway || unknown && simulation.chance(0.5)) {
                simulation.after(simulation.upTo(NETWORK), () -> append(sent, true, next));
                return;
            }
            FakeMailboxStore target =
                    former.filter(stale -> simulation.chance(0.3)).orElse(store);
            boolean replicated = target == store && replica.isEmpty();
            Future<Appended> answer = target.append(append);
            if (answer.failed()) {
                simulation.after(FULL_PAUSE, () -> append(sent, again, next));
                return;
            }
            Appended appended = answer.result();
            Position position = new Position(sent.lane(), appended.position());
            if (target == store) {
                waiting.add(position);
            } else {
                uncounted.add(sent.message().address());
            }
            addresses.put(position, sent.message().address());
            note(sent.message().address(), appended.history(), position);
            repeated += appended.repeated() ? 1 : 0;
            simulation.after(simulation.upTo(NETWORK), () -> {
                if (unknown || !replicated && simulation.chance(0.5)) {
                    append(sent, true, next);
                } else {
                    if (replicated) {
                        acknowledged.add(sent.message().address());
                    }
                    if (live && !simulation.chance(0.1)) {
                        sendLiveCopy(sent, appended);
                    }
                    next.run();
                }
            });
        });
    }

    private void note(String address, long history, Position position) {
        positions.computeIfAbsent(address, missing -> new HashMap<>()).put(history, position);
    }

    /** At times it is seconds late. It goes to whoever reads the mailbox then. */
    private void sendLiveCopy(Sent sent, Appended appended) {
        Copy copy = new Copy(new Position(sent.lane(), appended.position()), appended.attempt(), sent.message());
        simulation.after(simulation.upTo(fails(0.1) ? Duration.ofSeconds(5) : NETWORK), () -> {
            int before = handed.size();
            perform(reader.live(copy, appended.history(), appended.predecessor(), simulation.now()));
            liveHandings += handed.size() - before;
        });
    }

    // The shell of the reader

    private void perform(List<ReaderEffect> effects) {
        effects.forEach(effect -> {
            switch (effect) {
                case ReaderEffect.Hand hand -> hand(hand);
                case ReaderEffect.Claim claim ->
                    call(
                            () -> readersStore.claim(AGENT, claim.after(), claim.maxEntries(), claimBytes),
                            claimed -> claimed(claim, claimed),
                            () -> reader.claimFailed(claim.claim(), simulation.now()));
                case ReaderEffect.ClaimAgain again ->
                    call(
                            () -> readersStore.claimAgain(AGENT, again.positions()),
                            found -> claimedAgain(again, found),
                            () -> reader.claimFailed(again.claim(), simulation.now()));
                case ReaderEffect.Delete delete -> {
                    settle(delete.positions());
                    delete(delete.positions());
                }
                case ReaderEffect.DeadLetter letter -> {
                    settle(List.of(letter.position()));
                    bury(letter.position());
                }
            }
        });
        assertThat(unacknowledged).as("unacknowledged").hasSizeLessThanOrEqualTo(window);
    }

    /** What is first in one history may be before what was first in another. */
    private void claimed(ReaderEffect.Claim claim, MailboxStore.Claimed claimed) {
        if (claimed.history() != readersHistory) {
            readersHistory = claimed.history();
            lastFirst.clear();
        }
        perform(reader.claimed(claim.claim(), claimed, copies(claimed.entries()), simulation.now()));
    }

    /** Of what is gone nothing more is heard. */
    private void claimedAgain(ReaderEffect.ClaimAgain claim, List<Entry> found) {
        Set<Position> gone = new HashSet<>(claim.positions());
        found.forEach(entry -> gone.remove(entry.position()));
        settle(List.copyOf(gone));
        perform(reader.claimedAgain(claim.claim(), copies(found), simulation.now()));
    }

    private List<Copy> copies(List<Entry> entries) {
        return entries.stream()
                .map(entry -> new Copy(entry.position(), entry.attempt(), messages.get(entry.message())))
                .toList();
    }

    private void hand(ReaderEffect.Hand hand) {
        String address = hand.message().address();
        assertThat(hand.number()).as("number of the delivery").isEqualTo(++lastNumber);
        assertThat(positions).as("appended").containsKey(address);
        if (handed.add(address)) {
            Position position = positions.get(address).get(readersHistory);
            assertThat(position.position())
                    .as("position of %s, handed out for the first time", address)
                    .isGreaterThan(lastFirst.getOrDefault(position.lane(), MailboxStore.BEGINNING));
            lastFirst.put(position.lane(), position.position());
        } else if (!uncounted.contains(address)) {
            assertThat(hand.attempt()).as("attempt of %s", address).isGreaterThan(1);
        }
        unacknowledged.add(address);
        int connection = life;
        wireFree = notBefore(wireFree);
        simulation.after(Duration.between(simulation.now(), wireFree), () -> {
            if (connection == life) {
                received.add(address);
                answer(hand.number(), connection);
            }
        });
    }

    /** After a moment, and not before what was sent before. */
    private Instant notBefore(Instant previous) {
        Instant arrival = simulation.now().plus(simulation.upTo(NETWORK));
        return arrival.isBefore(previous) ? previous : arrival;
    }

    private void settle(List<Position> positions) {
        positions.forEach(position -> unacknowledged.remove(addresses.get(position)));
    }

    /** What is asked of the store is done in the order in which it is asked. Its answer may be lost, or be late. */
    private <T> void call(Supplier<Future<T>> call, Consumer<T> done, Runnable failed) {
        int asker = life;
        storeFree = notBefore(storeFree);
        boolean lost = fails(0.1);
        boolean undone = lost && simulation.chance(0.5);
        simulation.after(Duration.between(simulation.now(), storeFree), () -> {
            boolean failure = lost || storeAway;
            Future<T> answer = storeAway || undone ? Future.failedFuture("not done") : call.get();
            simulation.after(simulation.upTo(fails(0.1) ? Duration.ofSeconds(3) : NETWORK), () -> {
                if (asker != life) {
                    return;
                }
                if (failure) {
                    failed.run();
                } else {
                    done.accept(answer.result());
                }
            });
        });
    }

    private void delete(List<Position> positions) {
        call(
                () -> {
                    if (readersStore == store) {
                        positions.forEach(waiting::remove);
                    }
                    return readersStore.delete(AGENT, positions);
                },
                done -> {},
                () -> undeleted.addAll(positions));
    }

    private void bury(Position position) {
        call(
                () -> {
                    if (readersStore == store && waiting.remove(position)) {
                        dead.add(addresses.get(position));
                    }
                    return readersStore.delete(AGENT, List.of(position));
                },
                done -> {},
                () -> bury(position));
    }

    private void tick() {
        if (!reader.wakeAt().isAfter(simulation.now())) {
            perform(reader.tick(simulation.now()));
        }
        if (!undeleted.isEmpty()) {
            List<Position> positions = undeleted;
            undeleted = new ArrayList<>();
            delete(positions);
        }
    }

    private void sweep() {
        if (!storeAway && !fails(0.3)) {
            MailboxStore.Changed changed = readersStore.changedSince(mark).result();
            mark = changed.until();
            Optional<Cursor> newest = Optional.ofNullable(changed.newest().get(AGENT));
            newest.ifPresent(cursor ->
                    simulation.after(simulation.upTo(NETWORK), () -> perform(reader.poked(cursor, simulation.now()))));
        }
    }

    // The agent

    /** It acknowledges at once, late, with all before, never, or it rejects. */
    private void answer(long number, int connection) {
        int what = faults ? random.nextInt(20) : 2;
        Duration delay = simulation.upTo(what < 2 ? Duration.ofSeconds(5) : Duration.ofMillis(100));
        simulation.after(delay, () -> {
            if (connection != life || what == 19) {
                return;
            }
            Instant now = simulation.now();
            if (what == 18) {
                perform(reader.rejected(number, "by chance", now));
            } else {
                perform(reader.acked(what % 4 == 0 ? number : 0, List.of(number), now));
            }
        });
    }

    // Faults

    private void attach(MailboxReader attached) {
        life++;
        unacknowledged.clear();
        undeleted.clear();
        mark = Mark.START;
        reader = attached;
        perform(attached.attached(simulation.now()));
    }

    private void disturb() {
        switch (simulation.chance(turmoil) ? random.nextInt(12) : -1) {
            case 0 -> attach(newReader());
            case 1 -> attach(reader);
            case 2 -> {
                reader.detached();
                life++;
                unacknowledged.clear();
                simulation.after(simulation.upTo(Duration.ofSeconds(3)), () -> attach(newReader()));
            }
            case 3 -> {
                storeAway = true;
                simulation.after(simulation.upTo(Duration.ofSeconds(2)), () -> storeAway = false);
            }
            case 4 -> loseThePrimary();
            default -> {}
        }
    }

    /** Its replica lags, and takes over; for a while some do not know that, the reader's node among them. */
    private void loseThePrimary() {
        if (replica.isPresent() || former.isPresent()) {
            return;
        }
        replica = Optional.of(store.copy(++histories));
        store.positions(AGENT).forEach(position -> note(addresses.get(position), histories, position));
        simulation.after(simulation.upTo(Duration.ofSeconds(2)), () -> {
            takeovers++;
            former = Optional.of(store);
            store = replica.orElseThrow();
            replica = Optional.empty();
            waiting.clear();
            waiting.addAll(store.positions(AGENT));
            waiting.forEach(position -> uncounted.add(addresses.get(position)));
            simulation.after(simulation.upTo(Duration.ofSeconds(1)), this::moveTheReader);
            simulation.after(simulation.upTo(Duration.ofSeconds(2)), () -> {
                moveTheReader();
                former = Optional.empty();
            });
        });
    }

    private void moveTheReader() {
        readersStore = store;
        mark = Mark.START;
    }
}
