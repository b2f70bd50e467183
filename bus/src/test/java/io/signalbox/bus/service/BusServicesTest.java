package io.signalbox.bus.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Ping;
import io.signalbox.codecs.proto.Receipt;
import io.signalbox.codecs.proto.Subscribe;
import io.signalbox.config.BusConfig;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BusServicesTest {
    private static final int MAX_QUEUED = 20;
    private static final Duration PATIENT = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final BusServices services = new BusServices(
            new LocalMessageBus(new Random(1), meters),
            vertx,
            "n1",
            new BusConfig(MAX_QUEUED, PATIENT),
            InstantSource.system(),
            meters);

    @AfterEach
    void close() {
        services.close();
        vertx.close().await();
    }

    private void serve(Service service) {
        services.serve(vertx.getOrCreateContext(), "$sys/test", service);
    }

    private Future<Subscribe> call(MessageLite request, Duration timeout) {
        return services.call("$sys/test", request, Subscribe.parser(), timeout);
    }

    private static Code code(Future<?> refused) {
        Throwable cause = org.assertj.core.api.Assertions.catchThrowable(() -> refused.await(20, TimeUnit.SECONDS));
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
                } catch (com.google.protobuf.InvalidProtocolBufferException e) {
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
}
