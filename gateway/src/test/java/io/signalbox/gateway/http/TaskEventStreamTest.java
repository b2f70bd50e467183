package io.signalbox.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.service.BusServices;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.GetTaskEvents;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskEvents;
import io.signalbox.codecs.proto.Message;
import io.signalbox.config.BusConfig;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The seam between what is read from the store and what comes live, over a real socket. */
@Timeout(60)
class TaskEventStreamTest {
    private static final String TASK = "01234567-89ab-7def-8123-456789abcdef";
    private static final int EVENTS = 250;

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LocalMessageBus bus = new LocalMessageBus(new Random(1), meters);
    private final BusConfig config = new BusConfig(1_000, Duration.ofSeconds(10));
    private final BusServices services = new BusServices(bus, vertx, "n1", config, InstantSource.system(), meters);
    private final List<TaskEvent> stored = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private HttpServer server;
    private TaskEventStreams streams;

    @BeforeEach
    void start() {
        services.serve(vertx.getOrCreateContext(), "$sys/allocation", (type, request) -> read(request));
        vertx.getOrCreateContext();
        Router router = Router.router(vertx);
        ServiceCalls calls = new ServiceCalls(services, config.requestTimeout());
        streams = new TaskEventStreams(calls, bus, vertx.getOrCreateContext(), config.maxQueued());
        router.get("/v1/tasks/:id/events").handler(streams::open);
        server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .await();
    }

    @AfterEach
    void stop() {
        http.shutdownNow();
        services.close();
        vertx.close().await();
    }

    /** Slow, so that live events come between asking and answering. */
    private Future<TaskEvents> read(EncodedMessage request) {
        try {
            GetTaskEvents get = GetTaskEvents.parseFrom(request.payload());
            List<TaskEvent> page = stored.stream()
                    .filter(event -> event.getRevision() > get.getAfterRevision())
                    .limit(get.getLimit())
                    .toList();
            asked.complete(null);
            Promise<TaskEvents> later = Promise.promise();
            vertx.setTimer(
                    5,
                    ignored -> later.complete(TaskEvents.newBuilder()
                            .addAllEvents(page)
                            .setEnded(get.getAfterRevision() >= EVENTS)
                            .build()));
            return later.future();
        } catch (InvalidProtocolBufferException e) {
            return Future.failedFuture(e);
        }
    }

    private static TaskEvent event(long revision) {
        String type = revision == EVENTS ? "succeeded" : "progress";
        return TaskEvent.newBuilder().setRevision(revision).setType(type).build();
    }

    private void tell(TaskEvent event) {
        bus.publish(EncodedMessage.of(Message.newBuilder()
                .setAddress("task/" + TASK)
                .setPayload(event.toByteString())
                .build()));
    }

    private CompletableFuture<HttpResponse<Stream<String>>> open(long lastEventId) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.actualPort() + "/v1/tasks/" + TASK + "/events"))
                .header("Last-Event-ID", Long.toString(lastEventId))
                .build();
        return http.sendAsync(request, BodyHandlers.ofLines());
    }

    private CompletableFuture<List<Long>> follow(long lastEventId) {
        return open(lastEventId)
                .thenApply(response -> response.body()
                        .filter(line -> line.startsWith("id: "))
                        .map(line -> Long.parseLong(line.substring(4)))
                        .toList());
    }

    private static List<Long> from(long first) {
        return LongStream.rangeClosed(first, EVENTS).boxed().toList();
    }

    @Test
    void shouldGiveWhatHappenedBeforeAndEnd() throws Exception {
        LongStream.rangeClosed(1, EVENTS).forEach(revision -> stored.add(event(revision)));

        assertThat(follow(0).get(20, TimeUnit.SECONDS)).isEqualTo(from(1));
        assertThat(follow(EVENTS - 3).get(20, TimeUnit.SECONDS)).isEqualTo(from(EVENTS - 2));
    }

    @Test
    void shouldTellAReaderThatHasReadAllNotToAskAgain() throws Exception {
        LongStream.rangeClosed(1, EVENTS).forEach(revision -> stored.add(event(revision)));

        assertThat(open(EVENTS).get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(204);
        assertThat(open(EVENTS - 1).get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldGiveEachEventOnceInOrderWhateverComesLiveInBetween(long seed) throws Exception {
        Random random = new Random(seed);
        stored.add(event(1));
        CompletableFuture<List<Long>> followed = follow(0);
        asked.get(20, TimeUnit.SECONDS);

        for (long revision = 2; revision <= EVENTS; revision++) {
            TaskEvent next = event(revision);
            stored.add(next);
            boolean last = revision == EVENTS;
            if (last || random.nextInt(4) > 0) {
                tell(next); // the others are lost on their way
            }
            if (random.nextInt(4) == 0) {
                tell(event(1 + random.nextLong(revision)));
            }
            if (random.nextInt(8) == 0) {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(10));
            }
        }

        assertThat(followed.get(20, TimeUnit.SECONDS)).as("seed %d", seed).isEqualTo(from(1));
    }

    @Test
    void shouldLetTheReaderGoOnElsewhereWhenTheNodeStops() throws Exception {
        LongStream.rangeClosed(1, 10).forEach(revision -> stored.add(event(revision)));
        CompletableFuture<List<Long>> followed = follow(0);
        asked.get(20, TimeUnit.SECONDS);

        vertx.setTimer(200, ignored -> streams.close());

        assertThat(followed.get(20, TimeUnit.SECONDS)).hasSizeLessThanOrEqualTo(10);
    }
}
