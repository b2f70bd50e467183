package io.signalbox.verticles.deadletter;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.mailbox.MailboxFailures;
import io.signalbox.bus.mailbox.MailboxStore;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.DeadLetterPage;
import io.signalbox.codecs.internal.DeadLetterView;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.DropDeadLetter;
import io.signalbox.codecs.internal.GetDeadLetter;
import io.signalbox.codecs.internal.GetMailbox;
import io.signalbox.codecs.internal.ListDeadLetters;
import io.signalbox.codecs.internal.MailboxStatus;
import io.signalbox.codecs.internal.PutDeadLetters;
import io.signalbox.codecs.internal.ReplayDeadLetter;
import io.signalbox.codecs.internal.ReplayDeadLetters;
import io.signalbox.codecs.internal.Replayed;
import io.signalbox.verticles.deadletter.DeadLetterStore.Filter;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Dead letters, and what waits in mailboxes, as a service at {@value #ADDRESS}. Confined to its event loop. */
public final class DeadLetterVerticle extends VerticleBase {
    public static final String ADDRESS = "$sys/dead-letters";

    private static final Logger log = LoggerFactory.getLogger(DeadLetterVerticle.class);
    private static final Duration SWEEP = Duration.ofMinutes(1);
    private static final int SWEPT_AT_ONCE = 500;
    private static final int MAX_PAGE = 1000;
    private static final int DEFAULT_PAGE = 100;

    private final BusServices services;
    private final DeadLetterStore store;
    private final MailboxStore mailboxes;
    private final Duration retention;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final Replay replay;
    private final AtomicLong kept = new AtomicLong();
    private Subscription subscription;
    private long timer;

    /**
     * @param retention how long dead letters are kept
     * @param replicas of the mailboxes' store that must have a replayed message whose sender asked for it
     * @param wake told the agent whose mailbox has something new after a replay
     */
    public DeadLetterVerticle(
            BusServices services,
            DeadLetterStore store,
            MailboxStore mailboxes,
            Duration retention,
            int replicas,
            Consumer<String> wake,
            InstantSource clock,
            MeterRegistry meters) {
        this.services = services;
        this.store = store;
        this.mailboxes = mailboxes;
        this.retention = retention;
        this.clock = clock;
        this.meters = meters;
        this.replay = new Replay(store, mailboxes, replicas, wake, clock);
    }

    @Override
    public Future<?> start() {
        Gauge.builder("signalbox.deadletters.kept", kept, AtomicLong::get)
                .description("Dead letters, counted once a minute")
                .register(meters);
        subscription = services.serve(context, ADDRESS, this::handle);
        timer = vertx.setPeriodic(0, SWEEP.toMillis(), ignored -> sweep());
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        subscription.close();
        vertx.cancelTimer(timer);
        return Future.succeededFuture();
    }

    private Future<? extends MessageLite> handle(String type, EncodedMessage request) {
        try {
            return switch (type) {
                case "PutDeadLetters" -> put(PutDeadLetters.parseFrom(request.payload()));
                case "ListDeadLetters" -> list(ListDeadLetters.parseFrom(request.payload()));
                case "GetDeadLetter" -> get(GetDeadLetter.parseFrom(request.payload()));
                case "ReplayDeadLetter" -> replay(ReplayDeadLetter.parseFrom(request.payload()));
                case "ReplayDeadLetters" -> replay(ReplayDeadLetters.parseFrom(request.payload()));
                case "DropDeadLetter" -> drop(DropDeadLetter.parseFrom(request.payload()));
                case "GetMailbox" -> mailbox(GetMailbox.parseFrom(request.payload()));
                default ->
                    Future.failedFuture(
                            new ServiceException(Code.UNSUPPORTED, "the dead letters' service does not do " + type));
            };
        } catch (InvalidProtocolBufferException e) {
            return Future.failedFuture(new ServiceException(Code.MALFORMED, type + " does not parse"));
        }
    }

    private Future<Done> put(PutDeadLetters request) {
        List<DeadLetter> letters =
                request.getMessagesList().stream().map(DeadLetter::of).toList();
        return store.put(letters).recover(Replay::refused).map(put -> {
            count("put", letters.size());
            return Done.getDefaultInstance();
        });
    }

    private void count(String event, int letters) {
        Counter.builder("signalbox.deadletters.events")
                .description("What happened to dead letters")
                .tag("event", event)
                .register(meters)
                .increment(letters);
    }

    private Future<DeadLetterPage> list(ListDeadLetters request) {
        int limit = limit(request.getLimit());
        Filter filter = new Filter(request.getAgent(), reason(request.getReasonCode()));
        return store.list(filter, PagePlace.parse(request.getCursor()), limit)
                .recover(Replay::refused)
                .map(found -> {
                    DeadLetterPage.Builder page = DeadLetterPage.newBuilder();
                    found.forEach(letter -> page.addLetters(view(letter)));
                    if (found.size() == limit) {
                        page.setNextCursor(PagePlace.of(found.getLast()).cursor());
                    }
                    return page.build();
                });
    }

    private static Optional<Code> reason(int code) {
        return code == 0
                ? Optional.empty()
                : Optional.of(Code.of(code)
                        .filter(DeadLetter.REASONS::contains)
                        .orElseThrow(() -> new ServiceException(Code.INVALID_ARGUMENT, "no message dies of " + code)));
    }

    private static DeadLetterView.Builder view(DeadLetter letter) {
        return DeadLetterView.newBuilder()
                .setAgent(letter.agent())
                .setId(letter.id().toString())
                .setReasonCode(letter.reason().number())
                .setDetail(letter.detail())
                .setAttempts(letter.attempts())
                .setDiedAtMs(letter.diedAt().toEpochMilli())
                .setPriority(letter.priority())
                .setSource(letter.source())
                .setType(letter.type())
                .setSize(letter.size());
    }

    private Future<DeadLetterView> get(GetDeadLetter request) {
        return store.find(request.getAgent(), id(request.getAgent(), request.getId()))
                .recover(Replay::refused)
                .map(found -> {
                    DeadLetter letter = found.orElseThrow(() -> notFound(request.getAgent(), request.getId()));
                    return view(letter).setMessage(letter.decoded()).build();
                });
    }

    private Future<Replayed> replay(ReplayDeadLetter request) {
        return counted(replay.one(request.getAgent(), id(request.getAgent(), request.getId())));
    }

    private Future<Replayed> replay(ReplayDeadLetters request) {
        if (request.getAgent().isEmpty()) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "whose dead letters?");
        }
        Filter filter = new Filter(request.getAgent(), reason(request.getReasonCode()));
        return counted(replay.some(filter, limit(request.getLimit())));
    }

    private Future<Replayed> counted(Future<Replayed> replayed) {
        return replayed.onSuccess(done -> count("replayed", done.getReplayed()));
    }

    private Future<Done> drop(DropDeadLetter request) {
        return store.drop(request.getAgent(), id(request.getAgent(), request.getId()))
                .recover(Replay::refused)
                .map(dropped -> {
                    if (!dropped) {
                        throw notFound(request.getAgent(), request.getId());
                    }
                    count("dropped", 1);
                    return Done.getDefaultInstance();
                });
    }

    private Future<MailboxStatus> mailbox(GetMailbox request) {
        return mailboxes
                .pending(request.getAgent())
                .recover(MailboxFailures::refused)
                .map(pending -> MailboxStatus.newBuilder()
                        .setAgent(request.getAgent())
                        .setMessages(pending.messages())
                        .setBytes(pending.bytes())
                        .setOldestMs(
                                pending.messages() == 0 ? 0 : pending.oldest().toEpochMilli())
                        .build());
    }

    /** Removes what was kept long enough, a batch at a time, and counts what is left. */
    private void sweep() {
        store.sweep(clock.instant().minus(retention), SWEPT_AT_ONCE)
                .onSuccess(swept -> {
                    count("expired", swept);
                    if (swept == SWEPT_AT_ONCE) {
                        sweep();
                    } else {
                        store.count("").onSuccess(kept::set).onFailure(DeadLetterVerticle::warn);
                    }
                })
                .onFailure(DeadLetterVerticle::warn);
    }

    private static void warn(Throwable cause) {
        log.warn("Dead letters were not swept, it is tried again in {}: {}", SWEEP, cause.getMessage());
    }

    static ServiceException notFound(String agent, String id) {
        return new ServiceException(Code.NOT_FOUND, "agent " + agent + " has no dead letter '" + id + "'");
    }

    private static UUID id(String agent, String text) {
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equals(text)) {
                return id;
            }
        } catch (IllegalArgumentException e) {
            throw notFound(agent, text);
        }
        throw notFound(agent, text);
    }

    private static int limit(int wanted) {
        return wanted <= 0 ? DEFAULT_PAGE : Math.min(wanted, MAX_PAGE);
    }
}
