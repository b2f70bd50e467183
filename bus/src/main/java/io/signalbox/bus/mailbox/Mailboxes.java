package io.signalbox.bus.mailbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.MailboxPlace;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.config.MailboxConfig;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Puts durable messages into mailboxes: stored first, then a live copy goes to the agent over the bus, which names its place
 * in the mailbox. Thread-safe.
 */
public final class Mailboxes {
    private static final String INBOX = "agent/";
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final MessageBus bus;
    private final MailboxStore store;
    private final MailboxConfig config;
    private final AtomicLong unstored = new AtomicLong();
    private final Counter stored;
    private final Counter repeated;
    private final Counter refused;
    private final Counter uncopied;

    public Mailboxes(MessageBus bus, MailboxStore store, MailboxConfig config, MeterRegistry meters) {
        this.bus = bus;
        this.store = store;
        this.config = config;
        this.stored = Counter.builder("signalbox.mailbox.stored")
                .description("Durable messages that were put into mailboxes")
                .register(meters);
        this.repeated = Counter.builder("signalbox.mailbox.repeated")
                .description("Durable messages that were sent again and still waited")
                .register(meters);
        this.refused = Counter.builder("signalbox.mailbox.refused")
                .description("Durable messages that could not be put into mailboxes")
                .register(meters);
        this.uncopied = Counter.builder("signalbox.mailbox.uncopied")
                .description("Stored messages whose live copy nobody took; they are found in the mailbox")
                .register(meters);
        Gauge.builder("signalbox.mailbox.unstored", unstored, AtomicLong::get)
                .description("Durable messages on their way to the store")
                .baseUnit("bytes")
                .register(meters);
    }

    /** Whether messages to the address can be durable. */
    public static boolean isInbox(String address) {
        return address.startsWith(INBOX)
                && address.indexOf('/', INBOX.length()) < 0
                && address.length() > INBOX.length();
    }

    /**
     * Completes once the message is as safe as it asks for.
     *
     * @param message to an inbox, durable
     * @param id of the message
     * @param again its sender does not know what became of an earlier try
     * @return fails with {@link ServiceException}: {@code MAILBOX_FULL}, {@code OVERLOADED} and {@code UNAVAILABLE}: nothing
     *     was done; {@code TIMEOUT}: whether it was done is unknown; {@code UNREPLICATED}: it was, on the primary store
     */
    public Future<Void> put(EncodedMessage message, UUID id, boolean again) {
        long size = message.size();
        if (unstored.addAndGet(size) > config.maxUnstored().bytes()) {
            unstored.addAndGet(-size);
            refused.increment();
            return Future.failedFuture(new ServiceException(
                    Code.OVERLOADED, "too many durable messages are on their way to the store", RETRY_AFTER));
        }
        MailboxStore.Append append = new MailboxStore.Append(
                message.address().substring(INBOX.length()),
                Lane.of(message.priority()),
                id,
                message.bytes(),
                bus.hasSubscribers(message.address()),
                again,
                message.durability() == Durability.DURABILITY_REPLICATED_VALUE ? config.replicas() : 0);
        return store.append(append)
                .onComplete(done -> unstored.addAndGet(-size))
                .map(appended -> stored(message, append, appended))
                .recover(cause -> {
                    refused.increment();
                    return MailboxFailures.refused(cause);
                });
    }

    private Void stored(EncodedMessage message, MailboxStore.Append append, MailboxStore.Appended appended) {
        if (appended.repeated()) {
            repeated.increment();
        } else {
            stored.increment();
        }
        if (append.live()) {
            MailboxPlace place = new MailboxPlace(
                    appended.history(), appended.position(), appended.predecessor(), appended.attempt());
            if (bus.publish(message.at(place)) != OfferResult.ACCEPTED) {
                uncopied.increment();
            }
        }
        return null;
    }
}
