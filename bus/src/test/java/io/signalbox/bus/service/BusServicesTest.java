package io.signalbox.bus.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Error;
import io.signalbox.codecs.proto.Message;
import io.signalbox.codecs.proto.Ping;
import io.signalbox.codecs.proto.Receipt;
import io.signalbox.codecs.proto.Subscribe;
import io.signalbox.config.BusConfig;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BusServicesTest {
    private static final int MAX_QUEUED = 20;
    private static final Duration PATIENT = Duration.ofSeconds(20);
    private static final ByteString GARBAGE = ByteString.copyFrom(new byte[] {(byte) 0xff, 1});

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final MessageBus bus = new LocalMessageBus(new Random(1), meters);
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));
    private final BusServices services = node("n1");
    private final BusServices neighbour = node("n2");

    private BusServices node(String id) {
        return new BusServices(bus, vertx, id, new BusConfig(MAX_QUEUED, PATIENT), now::get, meters);
    }

    @AfterEach
    void close() {
        services.close();
        neighbour.close();
        vertx.close().await();
    }

    private void serve(Service service) {
        services.serve(vertx.getOrCreateContext(), "$sys/test", service);
    }

    private Future<Subscribe> call(MessageLite request, Duration timeout) {
        return services.call("$sys/test", request, Subscribe.parser(), timeout);
    }

    private static Code code(Future<?> refused) {
        Throwable cause = catchThrowable(() -> refused.await(20, TimeUnit.SECONDS));
        assertThat(cause).isInstanceOf(ServiceException.class);
        return ((ServiceException) cause).code();
    }

    @Test
    void shouldGiveTheServicesAnswer() throws Exception {
        serve((type, request) -> Future.succeededFuture(
                Subscribe.newBuilder().setPattern(type + "!").build()));

        Subscribe answer = call(Ping.getDefaultInstance(), PATIENT).await(20, TimeUnit.SECONDS);

        assertThat(answer.getPattern()).isEqualTo("Ping!");
    }

    @Test
    void shouldTellManyAnswersApart() throws Exception {
        serve((type, request) -> {
            Promise<MessageLite> later = Promise.promise();
            vertx.setTimer(1 + request.size() % 7, ignored -> {
                try {
                    later.complete(Subscribe.parseFrom(request.payload()));
                } catch (InvalidProtocolBufferException e) {
                    later.fail(e);
                }
            });
            return later.future();
        });

        List<Future<Subscribe>> answers = IntStream.range(0, MAX_QUEUED)
                .mapToObj(i ->
                        call(Subscribe.newBuilder().setPattern("x".repeat(i)).build(), PATIENT))
                .toList();

        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).await(20, TimeUnit.SECONDS).getPattern()).hasSize(i);
        }
    }

    @Test
    void shouldCarryARefusalWithItsCodeAndTime() {
        serve((type, request) -> Future.failedFuture(
                new ServiceException(Code.OVERLOADED, "come back later", Duration.ofMillis(1_500))));

        assertThatThrownBy(() -> call(Ping.getDefaultInstance(), PATIENT).await(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(ServiceException.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.OVERLOADED);
                    assertThat(e).hasMessage("come back later");
                    assertThat(e.retryAfter()).hasMillis(1_500);
                });
    }

    @Test
    void shouldKeepAFaultOfTheServiceToItself() {
        serve((type, request) -> {
            throw new IllegalStateException("secret of a test's service");
        });

        assertThatThrownBy(() -> call(Ping.getDefaultInstance(), PATIENT).await(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(ServiceException.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.UNAVAILABLE);
                    assertThat(e.getMessage()).doesNotContain("secret");
                });
    }

    @Test
    void shouldSayThatNobodyAnswersThere() {
        assertThat(code(services.call("$sys/none", Ping.getDefaultInstance(), Receipt.parser(), PATIENT)))
                .isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void shouldGiveUpWhenNoAnswerComesAndIgnoreOneThatComesLate() throws Exception {
        Promise<MessageLite> late = Promise.promise();
        CompletableFuture<Void> asked = new CompletableFuture<>();
        serve((type, request) -> {
            asked.complete(null);
            return late.future();
        });

        Future<Subscribe> answer = call(Ping.getDefaultInstance(), Duration.ofMillis(100));
        asked.get(20, TimeUnit.SECONDS);
        pass(Duration.ofMillis(100));

        assertThat(code(answer)).isEqualTo(Code.TIMEOUT);
        late.complete(Subscribe.getDefaultInstance());
        assertThat(answer.failed()).isTrue();
    }

    @Test
    void shouldBoundTheRequestsUnderWay() {
        serve((type, request) -> Promise.<MessageLite>promise().future());

        List<Future<Subscribe>> calls = IntStream.range(0, MAX_QUEUED + 1)
                .mapToObj(i -> call(Ping.getDefaultInstance(), PATIENT))
                .toList();

        assertThat(code(calls.getLast())).isEqualTo(Code.OVERLOADED);
        assertThat(calls.getFirst().isComplete()).isFalse();
    }

    @Test
    void shouldFailWhatIsUnderWayWhenItCloses() {
        serve((type, request) -> Promise.<MessageLite>promise().future());
        Future<Subscribe> waiting = call(Ping.getDefaultInstance(), PATIENT);

        services.close();

        assertThat(code(waiting)).isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void shouldFailWhatWasAskedOfOneThatIsGoneAndNothingElse() throws Exception {
        serve((type, request) -> never());
        Promise<MessageLite> elsewhere = Promise.promise();
        services.serve(vertx.getOrCreateContext(), "$sys/other", (type, request) -> elsewhere.future());
        Future<Subscribe> gone = call(Ping.getDefaultInstance(), PATIENT);
        Future<Subscribe> other = services.call("$sys/other", Ping.getDefaultInstance(), Subscribe.parser(), PATIENT);

        services.fail("$sys/test", "its node is gone");
        elsewhere.complete(Subscribe.getDefaultInstance());

        assertThat(code(gone)).as("nobody knows whether it was done").isEqualTo(Code.TIMEOUT);
        assertThat(other.await(20, TimeUnit.SECONDS)).isEqualTo(Subscribe.getDefaultInstance());
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    /** A service that never answers. */
    private static Future<MessageLite> never() {
        return Promise.<MessageLite>promise().future();
    }

    @Test
    void shouldNotGiveUpBeforeTheDeadline() {
        serve((type, request) -> never());
        Future<Subscribe> later = call(Ping.getDefaultInstance(), Duration.ofMillis(1_000));
        Future<Subscribe> earlier = call(Ping.getDefaultInstance(), Duration.ofMillis(999));

        // What is due is found in one go: when the earlier has failed, the later one was looked at too.
        pass(Duration.ofMillis(950));
        Future<Subscribe> due = call(Ping.getDefaultInstance(), Duration.ZERO);
        assertThat(code(due)).isEqualTo(Code.TIMEOUT);
        assertThat(List.of(earlier.isComplete(), later.isComplete())).containsOnly(false);

        pass(Duration.ofMillis(50));
        assertThat(code(earlier)).isEqualTo(Code.TIMEOUT);
        assertThat(code(later)).isEqualTo(Code.TIMEOUT);
    }

    @Test
    void shouldAnswerOnTheCallersContext() throws Exception {
        serve((type, request) -> Future.succeededFuture(Subscribe.getDefaultInstance()));
        Context caller = vertx.getOrCreateContext();
        CompletableFuture<Context> answeredOn = new CompletableFuture<>();

        caller.runOnContext(ignored -> call(Ping.getDefaultInstance(), PATIENT)
                .onComplete(done -> answeredOn.complete(Vertx.currentContext())));

        assertThat(answeredOn.get(20, TimeUnit.SECONDS)).isSameAs(caller);
    }

    @Test
    void shouldTellWithoutWantingAnAnswer() throws Exception {
        CompletableFuture<EncodedMessage> told = new CompletableFuture<>();
        assertThat(services.tell("$sys/test", Ping.getDefaultInstance())).isFalse();
        double unrouted = meters.counter("signalbox.bus.unrouted").count();
        serve((type, request) -> {
            told.complete(request);
            return Future.succeededFuture(Subscribe.getDefaultInstance());
        });

        assertThat(services.tell("$sys/test", Ping.getDefaultInstance())).isTrue();

        EncodedMessage request = told.get(20, TimeUnit.SECONDS);
        assertThat(request.replyTo()).isEmpty();
        assertThat(request.priority()).isEqualTo(9);
        // One more request and answer: by then an answer to the first would have been sent.
        call(Ping.getDefaultInstance(), PATIENT).await(20, TimeUnit.SECONDS);
        assertThat(meters.counter("signalbox.bus.unrouted").count()).isEqualTo(unrouted);
    }

    @Test
    void shouldSayThatAServiceHasTooMuchToDoUntilItHasNot() throws Exception {
        Context busy = vertx.getOrCreateContext();
        CountDownLatch goOn = new CountDownLatch(1);
        busy.runOnContext(ignored -> await(goOn));
        services.serve(busy, "$sys/test", (type, request) -> Future.succeededFuture(Subscribe.getDefaultInstance()));

        for (int i = 0; i < MAX_QUEUED; i++) {
            assertThat(services.tell("$sys/test", Ping.getDefaultInstance())).isTrue();
        }
        assertThat(services.tell("$sys/test", Ping.getDefaultInstance())).isFalse();
        assertThat(code(call(Ping.getDefaultInstance(), PATIENT))).isEqualTo(Code.OVERLOADED);
        CountDownLatch drained = new CountDownLatch(1);
        busy.runOnContext(ignored -> drained.countDown());
        goOn.countDown();

        assertThat(drained.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(call(Ping.getDefaultInstance(), PATIENT).await(20, TimeUnit.SECONDS))
                .isEqualTo(Subscribe.getDefaultInstance());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Answers at {@code $sys/raw} with a message as it is told. */
    private void answerRaw(UnaryOperator<Message.Builder> answer) {
        bus.subscribe(
                new AddressPattern("$sys/raw"),
                "",
                request -> bus.send(EncodedMessage.of(answer.apply(Message.newBuilder()
                                .setAddress(request.replyTo())
                                .setCorrelationId(request.decode().getCorrelationId()))
                        .build())));
    }

    private static List<Arguments> answersThatAreNone() {
        return List.of(
                Arguments.of("an answer that does not parse", "Subscribe", GARBAGE),
                Arguments.of("an error that does not parse", "Error", GARBAGE),
                Arguments.of(
                        "an error with a code that nobody knows",
                        "Error",
                        Error.newBuilder().setCode(9_999).build().toByteString()));
    }

    @ParameterizedTest
    @MethodSource("answersThatAreNone")
    void shouldCallAServiceUnavailableThatGivesNoProperAnswer(String what, String type, ByteString payload) {
        answerRaw(answer -> answer.setType(type).setPayload(payload));

        for (int i = 0; i < 2 * MAX_QUEUED; i++) {
            assertThat(code(services.call("$sys/raw", Ping.getDefaultInstance(), Subscribe.parser(), PATIENT)))
                    .as("%s, call %d", what, i)
                    .isEqualTo(Code.UNAVAILABLE);
        }
    }

    @Test
    void shouldStillEndOtherCallsWhenOneGotAnAnswerThatDoesNotParse() {
        answerRaw(answer -> answer.setType("Error").setPayload(GARBAGE));
        serve((type, request) -> never());
        Duration timeout = Duration.ofMillis(100);
        services.call("$sys/raw", Ping.getDefaultInstance(), Subscribe.parser(), timeout);
        Future<Subscribe> other = call(Ping.getDefaultInstance(), timeout);

        pass(timeout);

        assertThat(code(other)).isEqualTo(Code.TIMEOUT);
    }

    private Future<Subscribe> callAndFailOnItsResult(Duration timeout) {
        return call(Ping.getDefaultInstance(), timeout).onFailure(failure -> {
            throw new IllegalStateException("a fault of a test's caller");
        });
    }

    @Test
    void shouldStillEndOtherCallsWhenACallerFailsOnItsResult() {
        serve((type, request) -> never());
        Duration timeout = Duration.ofMillis(100);
        callAndFailOnItsResult(timeout);
        Future<Subscribe> late = call(Ping.getDefaultInstance(), timeout);

        pass(timeout);
        assertThat(code(late)).isEqualTo(Code.TIMEOUT);

        List<Future<Subscribe>> underWay = IntStream.range(0, 6)
                .mapToObj(i -> i % 2 == 0 ? callAndFailOnItsResult(PATIENT) : call(Ping.getDefaultInstance(), PATIENT))
                .toList();
        services.close();
        assertThat(underWay).allSatisfy(each -> assertThat(code(each)).isEqualTo(Code.UNAVAILABLE));
    }

    @Test
    void shouldIgnoreAnswersThatNobodyAskedFor() throws Exception {
        answerRaw(answer -> {
            bus.send(
                    EncodedMessage.of(answer.clone().setCorrelationId("unknown").build()));
            bus.send(EncodedMessage.of(answer.setPayload(
                            Subscribe.newBuilder().setPattern("first").build().toByteString())
                    .build()));
            return answer.setPayload(ByteString.EMPTY);
        });

        Subscribe answer = services.call("$sys/raw", Ping.getDefaultInstance(), Subscribe.parser(), PATIENT)
                .await(20, TimeUnit.SECONDS);

        assertThat(answer.getPattern()).as("the second answer changes nothing").isEqualTo("first");
    }

    @Test
    void shouldFreeThePlaceOfEveryCallHoweverItEnds() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        serve((type, request) -> switch (asked.getAndIncrement() % 3) {
            case 0 -> Future.succeededFuture(Subscribe.getDefaultInstance());
            case 1 -> Future.failedFuture(new ServiceException(Code.OVERLOADED, "no"));
            default -> Future.failedFuture(new IllegalStateException("a fault of a test's service"));
        });
        for (int i = 0; i < 3 * MAX_QUEUED; i++) {
            call(Ping.getDefaultInstance(), PATIENT).otherwiseEmpty().await(20, TimeUnit.SECONDS);
            code(services.call("$sys/none", Ping.getDefaultInstance(), Receipt.parser(), PATIENT));
        }
        services.serve(vertx.getOrCreateContext(), "$sys/silent", (type, request) -> never());

        for (int round = 0; round < 2; round++) {
            List<Future<Receipt>> silent = IntStream.range(0, MAX_QUEUED)
                    .mapToObj(i -> services.call(
                            "$sys/silent", Ping.getDefaultInstance(), Receipt.parser(), Duration.ofMillis(50)))
                    .toList();
            assertThat(code(call(Ping.getDefaultInstance(), PATIENT))).isEqualTo(Code.OVERLOADED);
            pass(Duration.ofMillis(50));
            silent.forEach(each -> assertThat(code(each)).isEqualTo(Code.TIMEOUT));
        }
    }

    @Test
    void shouldCountFaultsOfServicesAndNotTheirRefusals() {
        serve((type, request) -> Future.failedFuture(
                type.equals("Ping")
                        ? new IllegalStateException("a fault of a test's service")
                        : new ServiceException(Code.OVERLOADED, "no")));

        code(call(Ping.getDefaultInstance(), PATIENT));
        code(call(Receipt.getDefaultInstance(), PATIENT));

        assertThat(meters.counter("signalbox.bus.service.failures", "service", "$sys/test")
                        .count())
                .isEqualTo(1);
        assertThat(List.of("UNAVAILABLE", "OVERLOADED"))
                .allSatisfy(outcome -> assertThat(
                                meters.timer("signalbox.bus.call", "service", "$sys/test", "outcome", outcome)
                                        .count())
                        .isEqualTo(1));
    }

    @Test
    void shouldAnswerEachNodeItsOwnCallsByOneOfTheServicesThere() throws Exception {
        for (String server : List.of("first", "second")) {
            services.serve(
                    vertx.getOrCreateContext(),
                    "$sys/test",
                    (type, request) -> Future.succeededFuture(
                            Subscribe.newBuilder().setPattern(server + type).build()));
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            seen.add(call(Ping.getDefaultInstance(), PATIENT)
                    .await(20, TimeUnit.SECONDS)
                    .getPattern());
            seen.add(neighbour
                    .call("$sys/test", Receipt.getDefaultInstance(), Subscribe.parser(), PATIENT)
                    .await(20, TimeUnit.SECONDS)
                    .getPattern());
        }

        assertThat(seen).containsExactlyInAnyOrder("firstPing", "secondPing", "firstReceipt", "secondReceipt");
    }

    @Test
    void shouldFailWhatIsAskedAfterItClosed() {
        serve((type, request) -> Future.succeededFuture(Subscribe.getDefaultInstance()));

        services.close();

        assertThat(code(call(Ping.getDefaultInstance(), PATIENT))).isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void shouldStopServingWhenItsSubscriptionIsClosed() {
        Subscription served = services.serve(
                vertx.getOrCreateContext(),
                "$sys/test",
                (type, request) -> Future.succeededFuture(Subscribe.getDefaultInstance()));

        served.close();

        assertThat(code(call(Ping.getDefaultInstance(), PATIENT))).isEqualTo(Code.UNAVAILABLE);
    }

    /** Each call may be answered, or fail as the node is closing or has too much under way; it must end. */
    @Test
    void shouldEndEveryCallThatRacesWithTheClose() throws Exception {
        serve((type, request) -> Future.succeededFuture(Subscribe.getDefaultInstance()));
        for (int round = 0; round < 50; round++) {
            BusServices closing = node("closing" + round);
            CyclicBarrier together = new CyclicBarrier(3);
            try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                List<java.util.concurrent.Future<List<Future<Subscribe>>>> callers = IntStream.range(0, 2)
                        .mapToObj(i -> threads.submit(() -> {
                            together.await(20, TimeUnit.SECONDS);
                            return IntStream.range(0, 100)
                                    .mapToObj(call -> closing.call(
                                            "$sys/test", Ping.getDefaultInstance(), Subscribe.parser(), PATIENT))
                                    .toList();
                        }))
                        .toList();
                together.await(20, TimeUnit.SECONDS);
                closing.close();
                for (var caller : callers) {
                    for (Future<Subscribe> each : caller.get(20, TimeUnit.SECONDS)) {
                        Throwable failure = catchThrowable(() -> each.await(20, TimeUnit.SECONDS));
                        assertThat(failure == null || failure instanceof ServiceException)
                                .as("round %d: %s", round, failure)
                                .isTrue();
                    }
                }
            }
        }
    }
}
