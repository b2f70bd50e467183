package io.signalbox.verticles.registry;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.DirectivePage;
import io.signalbox.codecs.internal.DirectiveView;
import io.signalbox.codecs.internal.GetDirective;
import io.signalbox.codecs.internal.IssueDirective;
import io.signalbox.codecs.internal.ListDirectives;
import io.signalbox.codecs.internal.RevokeDirective;
import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.registry.Directive.Verb;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes directives to the fleet, keeps in step with what other nodes took, and applies all. Confined to its event loop. */
final class FleetService {
    private static final Logger log = LoggerFactory.getLogger(FleetService.class);

    /** So many agents are judged in one go, then others have their turn: each change is told to every event loop. */
    private static final int CHUNK = 500;

    private static final int MILLIS_BETWEEN_CHUNKS = 5;
    private static final int RELOAD_MILLIS = 1000;
    private static final int MAX_RATE = 1_000_000;
    private static final int MAX_REASON = 1000;

    /** The registry of this node. */
    interface Registry {
        /** The agent has another standing. */
        void judged(LiveAgent agent);

        /** This node's agent is not to be any more. */
        void killed(LiveAgent agent);

        /** Other nodes are to know that there are other directives. */
        void revised();
    }

    private final Context context;
    private final DirectiveStore store;
    private final FleetDirectives directives;
    private final AgentDirectory directory;
    private final Registry registry;
    private final InstantSource clock;
    private final AtomicInteger standing = new AtomicInteger();
    private String judgedUpTo = "";
    private boolean judging;
    private boolean loading;

    FleetService(
            Context context,
            DirectiveStore store,
            FleetDirectives directives,
            AgentDirectory directory,
            Registry registry,
            InstantSource clock) {
        this.context = context;
        this.store = store;
        this.directives = directives;
        this.directory = directory;
        this.registry = registry;
        this.clock = clock;
    }

    /** Completes when what the store has is known; agents are judged then or soon after. */
    Future<Void> load() {
        return store.load().map(stored -> {
            if (directives.replace(stored.revision(), stored.directives())) {
                standing.set(directives.size());
                judgeAll();
            }
            return null;
        });
    }

    /** Directives that stand. Thread-safe. */
    int standing() {
        return standing.get();
    }

    /** Another node knows the fleet at this revision. */
    void heardOf(long revision) {
        if (revision > directives.revision() && !loading) {
            loading = true;
            load().onComplete(done -> loading = false)
                    .onFailure(cause -> log.warn("Directives of other nodes cannot be loaded now", cause));
        }
    }

    private void judgeAll() {
        judgedUpTo = "";
        if (!judging) {
            judging = true;
            judgeNext();
        }
    }

    private void judgeNext() {
        List<LiveAgent> chunk = directory.after(judgedUpTo).limit(CHUNK).toList();
        chunk.forEach(agent -> directory.judge(agent).ifPresent(this::judged));
        if (chunk.size() < CHUNK) {
            judging = false;
        } else {
            judgedUpTo = chunk.getLast().id();
            context.owner().setTimer(MILLIS_BETWEEN_CHUNKS, ignored -> judgeNext());
        }
    }

    private void judged(LiveAgent agent) {
        if (agent.isKilled() && directory.isOwn(agent)) {
            registry.killed(agent);
        } else {
            registry.judged(agent);
        }
    }

    /** Empty: it is not for this. */
    Optional<Future<? extends MessageLite>> handle(String type, EncodedMessage request)
            throws InvalidProtocolBufferException {
        return switch (type) {
            case "IssueDirective" -> Optional.of(issue(IssueDirective.parseFrom(request.payload())));
            case "RevokeDirective" -> Optional.of(revoke(RevokeDirective.parseFrom(request.payload())));
            case "GetDirective" -> Optional.of(find(GetDirective.parseFrom(request.payload())));
            case "ListDirectives" -> Optional.of(list(ListDirectives.parseFrom(request.payload())));
            default -> Optional.empty();
        };
    }

    private Future<DirectiveView> issue(IssueDirective request) {
        Directive directive = checked(request);
        if (request.getDryRun()) {
            return Future.succeededFuture(directive.view());
        }
        if (directives.size() >= FleetDirectives.MAX) {
            throw new ServiceException(
                    Code.OVERLOADED, FleetDirectives.MAX + " directives stand; revoke those that are not needed");
        }
        return store.issue(directive)
                .compose(stored -> {
                    log.info(
                            "{} by {} selects {} agents: {} (directive {})",
                            stored.verb(),
                            stored.by(),
                            stored.matched(),
                            stored.reason(),
                            stored.id());
                    return applied().map(done -> stored.view());
                })
                .recover(FleetService::refused);
    }

    /** What is committed counts; when it cannot be read back now, then soon. */
    private Future<Void> applied() {
        return load().onSuccess(done -> registry.revised()).recover(cause -> {
            log.warn("Directives cannot be loaded now, it is tried again", cause);
            context.owner().setTimer(RELOAD_MILLIS, ignored -> applied());
            return Future.succeededFuture();
        });
    }

    private Directive checked(IssueDirective request) {
        Verb verb = verb(request);
        boolean limits = verb == Verb.LIMIT_RATE;
        int rate = request.getMessagesPerSecond();
        if (limits ? rate < 1 || rate > MAX_RATE : rate != 0) {
            throw invalid("messagesPerSecond is of limit_rate alone, 1 to " + MAX_RATE);
        }
        if (request.getReason().isBlank() || request.getReason().length() > MAX_REASON) {
            throw invalid("a directive needs a reason, up to " + MAX_REASON + " characters");
        }
        AgentSelector selector = request.getSelector();
        AgentQuery query = AgentQuery.of(selector);
        if (selector.getAll() != query.isOfEveryAgent()) {
            throw invalid("say which agents are meant, or that all are");
        }
        if (selector.toString().contains("\\000") || request.getReason().indexOf('\0') >= 0) {
            throw invalid("a text has a NUL character");
        }
        long matched = directory.candidates(selector, "").filter(query::matches).count();
        Instant now = clock.instant();
        return new Directive(
                UUID.randomUUID(),
                0,
                verb,
                selector,
                rate,
                request.getReason(),
                request.getBy(),
                now,
                (int) matched,
                Optional.empty());
    }

    private static Verb verb(IssueDirective request) {
        return switch (request.getVerb()) {
            case FLEET_VERB_RESUME -> Verb.RESUME;
            case FLEET_VERB_PAUSE -> Verb.PAUSE;
            case FLEET_VERB_DRAIN -> Verb.DRAIN;
            case FLEET_VERB_QUARANTINE -> Verb.QUARANTINE;
            case FLEET_VERB_KILL -> Verb.KILL;
            case FLEET_VERB_LIMIT_RATE -> Verb.LIMIT_RATE;
            case FLEET_VERB_UNSPECIFIED, UNRECOGNIZED ->
                throw invalid("a verb is resume, pause, drain, quarantine, kill or limit_rate");
        };
    }

    private Future<DirectiveView> revoke(RevokeDirective request) {
        return store.revoke(id(request.getId()), request.getBy(), clock.instant())
                .compose(found -> {
                    DirectiveView view = view(request.getId(), found);
                    return applied().map(done -> view);
                })
                .recover(FleetService::refused);
    }

    private Future<DirectiveView> find(GetDirective request) {
        return store.find(id(request.getId()))
                .map(found -> view(request.getId(), found))
                .recover(FleetService::refused);
    }

    private static DirectiveView view(String id, Optional<Directive> found) {
        return found.map(Directive::view).orElseThrow(() -> noDirective(id));
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw noDirective(text);
        }
    }

    private static ServiceException noDirective(String id) {
        return new ServiceException(Code.NOT_FOUND, "no directive " + id);
    }

    private Future<DirectivePage> list(ListDirectives request) {
        int limit = Pages.limit(request.getLimit());
        return store.list(request.getRevokedToo(), cursor(request.getCursor()), limit)
                .map(found -> {
                    DirectivePage.Builder page = DirectivePage.newBuilder();
                    found.forEach(directive -> page.addDirectives(directive.view()));
                    if (found.size() == limit) {
                        page.setNextCursor(Long.toString(found.getLast().revision()));
                    }
                    return page.build();
                })
                .recover(FleetService::refused);
    }

    private static long cursor(String text) {
        try {
            return text.isEmpty() ? Long.MAX_VALUE : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw invalid("'" + text + "' is no cursor");
        }
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(Code.INVALID_ARGUMENT, message);
    }

    private static <T> Future<T> refused(Throwable cause) {
        return Future.failedFuture(cause instanceof StoreException failure ? failure.refusal() : cause);
    }
}
