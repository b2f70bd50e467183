package io.signalbox.verticles.locking;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.redis.RedisServers;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.CoordinationAnswer;
import io.signalbox.codecs.internal.CoordinationRequest;
import io.signalbox.codecs.internal.GetLock;
import io.signalbox.codecs.internal.ListLocks;
import io.signalbox.codecs.internal.LockPage;
import io.signalbox.codecs.internal.LockView;
import io.signalbox.codecs.proto.AcquireLock;
import io.signalbox.codecs.proto.ArriveAtBarrier;
import io.signalbox.codecs.proto.Document;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.GetDocument;
import io.signalbox.codecs.proto.LockAnswer;
import io.signalbox.codecs.proto.LockAnswers;
import io.signalbox.codecs.proto.LockClaim;
import io.signalbox.codecs.proto.LockMode;
import io.signalbox.codecs.proto.LockState;
import io.signalbox.codecs.proto.PutDocument;
import io.signalbox.codecs.proto.ReleaseLock;
import io.signalbox.codecs.proto.RenewLocks;
import io.signalbox.config.BusConfig;
import io.signalbox.config.ByteSize;
import io.signalbox.config.LocksConfig;
import io.signalbox.verticles.locking.DocumentStore.Outcome;
import io.signalbox.verticles.locking.DocumentStore.Result;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Over the bus, with a real Redis; documents and barriers are imitated, {@link PgSharedStateTest} has the real ones. */
class LockVerticleTest {
    private static final Duration PATIENT = Duration.ofSeconds(20);
    private static final int LONG = 60_000;
    private static final LocksConfig CONFIG = new LocksConfig(
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            Duration.ofHours(1),
            Duration.ofSeconds(10),
            3,
            1,
            1600,
            10,
            new ByteSize(10));

    private final LockWorld world = new LockWorld(RedisServers.standalone());
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LocalMessageBus bus = new LocalMessageBus(new Random(1), meters);
    private final BusServices services =
            new BusServices(bus, world.vertx, "n1", new BusConfig(100, PATIENT), Instant::now, meters);
    private final Queue<String> notices = new ConcurrentLinkedQueue<>();

    private static final class FakeDocuments implements DocumentStore {
        @Override
        public Future<Optional<Document>> get(String name) {
            return Future.succeededFuture(Optional.empty());
        }

        @Override
        public Future<Result> put(Document document) {
            return Future.succeededFuture(new Result(Outcome.valueOf(document.getName()), 7, 9));
        }
    }

    private static final class FakeBarriers implements BarrierStore {
        @Override
        public Future<List<Party>> arrive(Arrival arrival) {
            return Future.succeededFuture(
                    arrival.barrier().equals("full")
                            ? List.of()
                            : List.of(
                                    new Party(arrival.party(), arrival.agent(), arrival.generation(), 4, true, 2),
                                    new Party("other", "y", 7, 4, true, 2)));
        }

        @Override
        public Future<Void> leave(String barrier, String party, String agent) {
            return Future.succeededFuture();
        }
    }

    @BeforeEach
    void start() {
        LockStore store = world.store(CONFIG.ageing(), CONFIG.maxWaiters(), CONFIG.maxLocks());
        get(world.vertx.deployVerticle(new LockVerticle(
                bus, services, store, new FakeDocuments(), new FakeBarriers(), CONFIG, Instant::now, meters)));
        for (String agent : List.of("x", "y")) {
            bus.subscribe(new AddressPattern("$sys/agent/" + agent + "/7"), "", message -> {
                try {
                    notices.add(agent + " "
                            + Entry.parseFrom(message.payload()).getMessage().getType());
                } catch (InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
                return OfferResult.ACCEPTED;
            });
        }
    }

    @AfterEach
    void stop() {
        services.close();
        world.close();
    }

    private Future<CoordinationAnswer> ask(String agent, Message request) {
        return ask(
                CoordinationRequest.newBuilder()
                        .setAgent(agent)
                        .setGeneration(7)
                        .setType(request.getDescriptorForType().getName())
                        .setBody(request.toByteString())
                        .build(),
                CoordinationAnswer.parser());
    }

    private <T extends MessageLite> Future<T> ask(MessageLite request, Parser<T> answer) {
        return services.call(LockVerticle.ADDRESS, request, answer, PATIENT);
    }

    private LockAnswer lock(String agent, Message request) {
        try {
            return LockAnswer.parseFrom(get(ask(agent, request)).getBody());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static AcquireLock.Builder acquire() {
        return AcquireLock.newBuilder().setName("a");
    }

    private Code refusal(String agent, Message request) {
        return ((ServiceException) failure(ask(agent, request))).code();
    }

    @Test
    void shouldTellTheOneThatIsGrantedWhatAnotherReleases() {
        assertThat(lock("x", acquire().build()).getState()).isEqualTo(LockState.LOCK_STATE_HELD);
        assertThat(lock("y", acquire().setWaitMs(LONG).build()).getState()).isEqualTo(LockState.LOCK_STATE_WAITING);

        lock("x", ReleaseLock.newBuilder().setName("a").build());

        await(() -> List.copyOf(notices).equals(List.of("y LockGranted")));
    }

    @Test
    void shouldEndLeasesAndHandOverWithoutBeingAsked() {
        lock("x", acquire().setLeaseMs(100).build());
        lock("y", acquire().setWaitMs(LONG).build());

        await(() -> notices.size() == 2);

        assertThat(notices).containsExactlyInAnyOrder("x LockLapsed", "y LockGranted");
        assertThat(meters.counter("signalbox.locks.events", "event", "lapsed").count())
                .isEqualTo(1);
    }

    @Test
    void shouldTellTheOneThatIsPreempted() {
        lock("x", acquire().setPriority(1).build());

        assertThat(lock("y", acquire().setPreempt(true).build()).getState()).isEqualTo(LockState.LOCK_STATE_HELD);

        await(() -> List.copyOf(notices).equals(List.of("x LockRevoked")));
    }

    @Test
    void shouldSayThatAnotherTokenIsNotItsOwnAnyMore() throws Exception {
        long token = lock("x", acquire().build()).getToken();
        RenewLocks renew = RenewLocks.newBuilder()
                .addClaims(LockClaim.newBuilder().setName("a").setToken(token))
                .addClaims(LockClaim.newBuilder().setName("a").setToken(token - 1))
                .build();

        List<LockAnswer> answers =
                LockAnswers.parseFrom(get(ask("x", renew)).getBody()).getAnswersList();

        assertThat(answers.get(0).getToken()).isEqualTo(token);
        assertThat(answers.get(1).getState()).isEqualTo(LockState.LOCK_STATE_NONE);
    }

    @Test
    void shouldRefuseMoreWaitersThanThereMayBe() {
        lock("x", acquire().build());
        lock("y", acquire().setWaitMs(LONG).build());

        assertThat(refusal("z", acquire().setWaitMs(LONG).build())).isEqualTo(Code.OVERLOADED);
    }

    @Test
    void shouldTellThosePartiesThatPassABarrier() {
        get(ask("x", ArriveAtBarrier.newBuilder().setName("b").setParties(2).build()));

        await(() -> List.copyOf(notices).equals(List.of("y BarrierPassed")));
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(acquire().setName("").build(), Code.INVALID_ARGUMENT),
                Arguments.of(acquire().setName("a/+").build(), Code.INVALID_ARGUMENT),
                Arguments.of(acquire().setName("x".repeat(201)).build(), Code.INVALID_ARGUMENT),
                Arguments.of(acquire().setHolder("\0").build(), Code.INVALID_ARGUMENT),
                Arguments.of(acquire().setPriority(10).build(), Code.INVALID_ARGUMENT),
                Arguments.of(acquire().setLeaseMs(300_001).build(), Code.INVALID_ARGUMENT),
                Arguments.of(acquire().setLeaseMs(49).build(), Code.INVALID_ARGUMENT),
                Arguments.of(acquire().setMode(LockMode.LOCK_MODE_PERMIT).build(), Code.INVALID_ARGUMENT),
                Arguments.of(
                        acquire()
                                .setMode(LockMode.LOCK_MODE_PERMIT)
                                .setPermits(4)
                                .build(),
                        Code.INVALID_ARGUMENT),
                Arguments.of(arrive("b", 0), Code.INVALID_ARGUMENT),
                Arguments.of(arrive("full", 2), Code.OVERLOADED),
                Arguments.of(put("PUT", 11), Code.TOO_LARGE),
                Arguments.of(put("CONFLICT", 1), Code.CONFLICT),
                Arguments.of(put("STALE", 1), Code.TOKEN_SUPERSEDED),
                Arguments.of(put("FULL", 1), Code.OVERLOADED),
                Arguments.of(GetDocument.newBuilder().setName("").build(), Code.INVALID_ARGUMENT),
                Arguments.of(LockAnswer.getDefaultInstance(), Code.UNSUPPORTED));
    }

    private static ArriveAtBarrier arrive(String name, int parties) {
        return ArriveAtBarrier.newBuilder().setName(name).setParties(parties).build();
    }

    private static PutDocument put(String name, int bytes) {
        return PutDocument.newBuilder()
                .setName(name)
                .setPayload(ByteString.copyFrom(new byte[bytes]))
                .build();
    }

    @ParameterizedTest
    @MethodSource("refused")
    void shouldRefuse(Message request, Code code) {
        assertThat(refusal("x", request)).isEqualTo(code);
    }

    @Test
    void shouldRefuseAnotherModeOfWhatTheHolderHas() {
        lock("x", acquire().setMode(LockMode.LOCK_MODE_SHARED).build());

        assertThat(refusal("x", acquire().build())).isEqualTo(Code.CONFLICT);
    }

    @Test
    void shouldListLocksByPages() {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 30; i++) {
            names.add("lock" + i);
            lock("x", acquire().setName("lock" + i).build());
        }

        Set<String> listed = new TreeSet<>();
        LockPage page = get(ask(ListLocks.newBuilder().setLimit(7).build(), LockPage.parser()));
        while (!page.getNextCursor().isEmpty()) {
            assertThat(page.getLocksCount()).isEqualTo(7);
            page.getLocksList().forEach(lock -> listed.add(lock.getName()));
            page = get(ask(
                    ListLocks.newBuilder()
                            .setLimit(7)
                            .setCursor(page.getNextCursor())
                            .build(),
                    LockPage.parser()));
        }
        page.getLocksList().forEach(lock -> listed.add(lock.getName()));

        assertThat(listed).isEqualTo(names);
        assertThat(failure(ask(ListLocks.newBuilder().setCursor("?").build(), LockPage.parser())))
                .isInstanceOf(ServiceException.class);
        assertThat(failure(ask(GetLock.newBuilder().setName("nobody's").build(), LockView.parser())))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
    }

    @Test
    void shouldSayThatTheStoreIsAway() {
        world.server().kill();

        await(() -> refusal("x", acquire().build()) == Code.UNAVAILABLE);
    }
}
