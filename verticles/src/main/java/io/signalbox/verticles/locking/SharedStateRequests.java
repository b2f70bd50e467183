package io.signalbox.verticles.locking;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.CoordinationRequest;
import io.signalbox.codecs.proto.ArriveAtBarrier;
import io.signalbox.codecs.proto.BarrierAnswer;
import io.signalbox.codecs.proto.Document;
import io.signalbox.codecs.proto.GetDocument;
import io.signalbox.codecs.proto.LeaveBarrier;
import io.signalbox.codecs.proto.PutDocument;
import io.signalbox.config.LocksConfig;
import io.signalbox.verticles.locking.BarrierStore.Arrival;
import io.signalbox.verticles.locking.BarrierStore.Party;
import io.signalbox.verticles.locking.DocumentStore.Result;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** What agents ask about documents and barriers. Confined to its event loop. */
final class SharedStateRequests {
    private static final int MAX_PARTIES = 10_000;
    private static final int MAX_CONTENT_TYPE = 200;

    private final DocumentStore documents;
    private final BarrierStore barriers;
    private final LocksConfig config;
    private final LockNotices notices;
    private final InstantSource clock;

    SharedStateRequests(
            DocumentStore documents,
            BarrierStore barriers,
            LocksConfig config,
            LockNotices notices,
            InstantSource clock) {
        this.documents = documents;
        this.barriers = barriers;
        this.config = config;
        this.notices = notices;
        this.clock = clock;
    }

    Future<Document> get(GetDocument request) {
        String name = Failures.checkName(request.getName());
        return documents
                .get(name)
                .map(found -> found.orElseGet(
                        () -> Document.newBuilder().setName(name).build()));
    }

    Future<Document> put(CoordinationRequest from, PutDocument request) {
        if (request.getPayload().size() > config.maxDocumentSize().bytes()) {
            throw new ServiceException(
                    Code.TOO_LARGE,
                    "a document of " + request.getPayload().size() + " bytes, allowed are "
                            + config.maxDocumentSize().bytes());
        }
        if (request.getRevision() < 0 || request.getToken() < 0) {
            throw Failures.invalid("no document has such a revision or token");
        }
        if (request.getContentType().length() > MAX_CONTENT_TYPE
                || request.getContentType().indexOf('\0') >= 0) {
            throw Failures.invalid("contentType has up to " + MAX_CONTENT_TYPE + " characters, no NUL");
        }
        Document document = Document.newBuilder()
                .setName(Failures.checkName(request.getName()))
                .setRevision(request.getRevision())
                .setContentType(request.getContentType())
                .setPayload(request.getPayload())
                .setToken(request.getToken())
                .setWriter("agent/" + from.getAgent())
                .setWrittenAt(clock.millis())
                .build();
        return documents.put(document).map(result -> put(document, result));
    }

    private static Document put(Document document, Result result) {
        return switch (result.outcome()) {
            case PUT ->
                document.toBuilder()
                        .clearPayload()
                        .setRevision(result.revision())
                        .build();
            case CONFLICT ->
                throw new ServiceException(
                        Code.CONFLICT,
                        "the document is in revision " + result.revision() + "; read it and decide anew");
            case STALE ->
                throw new ServiceException(
                        Code.TOKEN_SUPERSEDED,
                        "the document was written under token " + Long.toUnsignedString(result.token())
                                + "; this one is older, its lock was lost");
            case FULL -> throw new ServiceException(Code.OVERLOADED, "there are as many documents as may be");
        };
    }

    Future<BarrierAnswer> arrive(CoordinationRequest from, ArriveAtBarrier request) {
        if (request.getParties() < 1 || request.getParties() > MAX_PARTIES) {
            throw Failures.invalid("parties must be 1 to " + MAX_PARTIES);
        }
        Duration lease = request.getLeaseMs() == 0 ? config.lease() : Duration.ofMillis(request.getLeaseMs());
        if (lease.isNegative() || lease.compareTo(config.maxLease()) > 0) {
            throw Failures.invalid("a lease is up to " + config.maxLease().toMillis() + " ms");
        }
        Arrival arrival = new Arrival(
                Failures.checkName(request.getName()),
                Failures.checkPart(request.getParty()),
                from.getAgent(),
                from.getGeneration(),
                request.getParties(),
                lease);
        return barriers.arrive(arrival).map(parties -> arrived(arrival, parties));
    }

    private BarrierAnswer arrived(Arrival arrival, List<Party> parties) {
        if (parties.isEmpty()) {
            throw new ServiceException(Code.OVERLOADED, "there are as many barriers as may be");
        }
        parties.stream()
                .skip(1)
                .forEach(party -> notices.passed(party.agent(), party.generation(), answer(arrival, party)));
        return answer(arrival, parties.getFirst());
    }

    private static BarrierAnswer answer(Arrival arrival, Party party) {
        return BarrierAnswer.newBuilder()
                .setName(arrival.barrier())
                .setParty(party.party())
                .setPhase(party.phase())
                .setPassed(party.passed())
                .setArrived(party.arrived())
                .setParties(arrival.needed())
                .build();
    }

    Future<BarrierAnswer> leave(CoordinationRequest from, LeaveBarrier request) {
        String barrier = Failures.checkName(request.getName());
        String party = Failures.checkPart(request.getParty());
        return barriers.leave(barrier, party, from.getAgent())
                .map(BarrierAnswer.newBuilder().setName(barrier).setParty(party).build());
    }
}
