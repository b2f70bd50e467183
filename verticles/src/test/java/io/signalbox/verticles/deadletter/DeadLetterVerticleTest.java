package io.signalbox.verticles.deadletter;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static io.signalbox.verticles.deadletter.Letters.NOW;
import static io.signalbox.verticles.deadletter.Letters.dead;
import static io.signalbox.verticles.deadletter.Letters.letter;
import static io.signalbox.verticles.deadletter.Letters.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.mailbox.MailboxFullException;
import io.signalbox.bus.mailbox.MailboxStore.Append;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.bus.redis.RedisFailure;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.DeadLetterPage;
import io.signalbox.codecs.internal.DeadLetterView;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.DropDeadLetter;
import io.signalbox.codecs.internal.GetDeadLetter;
import io.signalbox.codecs.internal.GetMailbox;
import io.signalbox.codecs.internal.GetTask;
import io.signalbox.codecs.internal.ListDeadLetters;
import io.signalbox.codecs.internal.MailboxStatus;
import io.signalbox.codecs.internal.PutDeadLetters;
import io.signalbox.codecs.internal.ReplayDeadLetter;
import io.signalbox.codecs.internal.ReplayDeadLetters;
import io.signalbox.codecs.internal.Replayed;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Message;
import io.signalbox.config.BusConfig;
import io.signalbox.verticles.postgres.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Over the bus, with a real PostgreSQL; the mailboxes are imitated, for they have to fail on demand. */
class DeadLetterVerticleTest {
    private static final Duration RETENTION = Duration.ofDays(30);
    private static final Duration PATIENT = Duration.ofSeconds(20);
    private static final RedisFailure NO_ANSWER = new RedisFailure(RedisFailure.Reason.UNKNOWN, "no answer");

    private static TestDatabase database;

    private final String agent = "t" + UUID.randomUUID();
    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final BusServices services = new BusServices(
            new LocalMessageBus(new Random(1), meters), vertx, "n1", new BusConfig(100, PATIENT), now::get, meters);
    private final FakeMailboxStore mailboxes = new FakeMailboxStore();
    private final Queue<String> woken = new ConcurrentLinkedQueue<>();
    private DeadLetterStore store;

    @BeforeAll
    static void startDatabase() throws IOException {
        database = TestDatabase.start();
    }

    @AfterAll
    static void stopDatabase() throws IOException {
        database.close();
    }

    @BeforeEach
    void start() {
        store = new PgDeadLetterStore(database.store());
    }

    @AfterEach
    void stop() {
        services.close();
        get(vertx.close());
    }

    private void deploy(DeadLetterStore used) {
        get(vertx.deployVerticle(
                new DeadLetterVerticle(services, used, mailboxes, RETENTION, 2, woken::add, now::get, meters)));
    }

    private <T extends MessageLite> Future<T> ask(MessageLite request, Parser<T> answer) {
        return services.call(DeadLetterVerticle.ADDRESS, request, answer, PATIENT);
    }

    private <T extends MessageLite> T answer(MessageLite request, Parser<T> parser) {
        return get(ask(request, parser));
    }

    private ServiceException refusal(MessageLite request) {
        return (ServiceException) failure(ask(request, Done.parser()));
    }

    private void put(DeadLetter... letters) {
        get(store.put(List.of(letters)));
    }

    private ReplayDeadLetter replay(DeadLetter letter) {
        return ReplayDeadLetter.newBuilder()
                .setAgent(letter.agent())
                .setId(letter.id().toString())
                .build();
    }

    private Replayed replayed(DeadLetter letter) {
        return answer(replay(letter), Replayed.parser());
    }

    private ReplayDeadLetters replaySome(int limit) {
        return ReplayDeadLetters.newBuilder().setAgent(agent).setLimit(limit).build();
    }

    private static Replayed.Builder replayed(int count) {
        return Replayed.newBuilder().setReplayed(count);
    }

    private List<UUID> waiting() {
        return mailboxes.waiting.stream().map(each -> each.append().id()).toList();
    }

    private Optional<DeadLetter> find(DeadLetter letter) {
        return get(store.find(letter.agent(), letter.id()));
    }

    @Test
    void shouldKeepWhatIsPutHoweverOftenAndShowIt() {
        deploy(store);
        UUID id = UUID.randomUUID();
        Message sent = message(id).setPriority(8).putHeaders("k", "v").build();
        PutDeadLetters put = PutDeadLetters.newBuilder()
                .addMessages(dead(agent, sent))
                .addMessages(dead(agent, message(UUID.randomUUID()).build()))
                .build();

        answer(put, Done.parser());
        answer(put, Done.parser());

        DeadLetterView shown = answer(
                GetDeadLetter.newBuilder().setAgent(agent).setId(id.toString()).build(), DeadLetterView.parser());
        assertThat(shown)
                .isEqualTo(DeadLetterView.newBuilder()
                        .setAgent(agent)
                        .setId(id.toString())
                        .setReasonCode(Code.REJECTED.number())
                        .setDetail("not for me")
                        .setAttempts(2)
                        .setDiedAtMs(NOW.toEpochMilli())
                        .setPriority(8)
                        .setSource("agent/sender")
                        .setType("note")
                        .setSize(sent.getSerializedSize())
                        .setMessage(sent)
                        .build());
        assertThat(get(store.count(agent))).isEqualTo(2);
    }

    @Test
    void shouldKeepNoneOfABatchWithSomethingImpossible() {
        deploy(store);
        PutDeadLetters put = PutDeadLetters.newBuilder()
                .addMessages(dead(agent, message(UUID.randomUUID()).build()))
                .addMessages(dead(agent, Message.getDefaultInstance()))
                .build();

        assertThat(refusal(put).code()).isEqualTo(Code.MALFORMED);
        assertThat(get(store.count(agent))).isZero();
    }

    @Test
    void shouldSayThatItsStoreIsAway() {
        deploy(new PgDeadLetterStore(database.away()));
        String id = UUID.randomUUID().toString();
        List<MessageLite> requests = List.of(
                PutDeadLetters.newBuilder()
                        .addMessages(dead(agent, message(UUID.randomUUID()).build()))
                        .build(),
                ListDeadLetters.getDefaultInstance(),
                GetDeadLetter.newBuilder().setAgent(agent).setId(id).build(),
                ReplayDeadLetter.newBuilder().setAgent(agent).setId(id).build(),
                replaySome(1),
                DropDeadLetter.newBuilder().setAgent(agent).setId(id).build());

        assertThat(requests).map(this::refusal).allSatisfy(refusal -> {
            assertThat(refusal.code()).isEqualTo(Code.UNAVAILABLE);
            assertThat(refusal.retryAfter()).isPositive();
        });
    }

    @Test
    void shouldListByPages() {
        deploy(store);
        List<DeadLetter> letters = IntStream.range(0, 5)
                .mapToObj(i ->
                        letter(agent, UUID.randomUUID(), i == 2 ? Code.EXPIRED : Code.REJECTED, NOW.minusSeconds(i)))
                .toList();
        put(letters.toArray(DeadLetter[]::new));
        ListDeadLetters rejected = ListDeadLetters.newBuilder()
                .setAgent(agent)
                .setReasonCode(Code.REJECTED.number())
                .setLimit(3)
                .build();

        DeadLetterPage first = answer(rejected, DeadLetterPage.parser());
        DeadLetterPage second =
                answer(rejected.toBuilder().setCursor(first.getNextCursor()).build(), DeadLetterPage.parser());

        List<String> ids = new ArrayList<>();
        first.getLettersList().forEach(letter -> ids.add(letter.getId()));
        second.getLettersList().forEach(letter -> ids.add(letter.getId()));
        assertThat(ids)
                .containsExactlyElementsOf(IntStream.of(0, 1, 3, 4)
                        .mapToObj(i -> letters.get(i).id().toString())
                        .toList());
        assertThat(second.getNextCursor()).isEmpty();
        assertThat(first.getLetters(0).hasMessage()).isFalse();
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow() {
        deploy(store);
        ListDeadLetters list = ListDeadLetters.getDefaultInstance();

        assertThat(refusal(list.toBuilder().setCursor("x").build()).code()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refusal(list.toBuilder()
                                .setReasonCode(Code.NO_ROUTE.number())
                                .build())
                        .code())
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refusal(ReplayDeadLetters.getDefaultInstance()).code()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refusal(GetTask.getDefaultInstance()).code()).isEqualTo(Code.UNSUPPORTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "00000000-0000-0000-0000-000000000000", "0-0-0-0-0", "\0"})
    void shouldHaveNoLetterThatNobodyPut(String id) {
        deploy(store);

        for (MessageLite request : List.of(
                GetDeadLetter.newBuilder().setAgent(agent).setId(id).build(),
                ReplayDeadLetter.newBuilder().setAgent(agent).setId(id).build(),
                DropDeadLetter.newBuilder().setAgent("\0").setId(id).build())) {
            assertThat(refusal(request).code()).isEqualTo(Code.NOT_FOUND);
        }
    }

    @Test
    void shouldDropALetterOnce() {
        deploy(store);
        DeadLetter letter = letter(agent);
        put(letter);
        DropDeadLetter drop = DropDeadLetter.newBuilder()
                .setAgent(agent)
                .setId(letter.id().toString())
                .build();

        answer(drop, Done.parser());

        assertThat(find(letter)).isEmpty();
        assertThat(refusal(drop).code()).isEqualTo(Code.NOT_FOUND);
    }

    @ParameterizedTest
    @CsvSource({"9, URGENT, DURABILITY_LOCAL, 0", "0, BULK, DURABILITY_REPLICATED, 2"})
    void shouldPutAReplayedMessageIntoItsLaneAsOneThatTheAgentMayHave(
            int priority, Lane lane, Durability durability, int replicas) {
        deploy(store);
        Message sent = message(UUID.randomUUID())
                .setPriority(priority)
                .setDurability(durability)
                .build();
        DeadLetter letter = DeadLetter.of(dead(agent, sent).build());
        put(letter);

        assertThat(replayed(letter)).isEqualTo(replayed(1).build());

        assertThat(mailboxes.waiting)
                .singleElement()
                .satisfies(waiting -> assertThat(waiting.append())
                        .usingRecursiveComparison()
                        .isEqualTo(new Append(agent, lane, letter.id(), sent.toByteArray(), false, true, replicas)));
        assertThat(find(letter)).isEmpty();
        assertThat(woken).containsExactly(agent);
    }

    @Test
    void shouldPutAMessageInOnceWhenItsReplayIsRepeatedAfterAnUnknownOutcome() {
        deploy(store);
        DeadLetter letter = letter(agent);
        put(letter);
        mailboxes.ends.add(() -> Future.failedFuture(NO_ANSWER));

        assertThat(refusal(replay(letter)).code()).isEqualTo(Code.TIMEOUT);
        assertThat(find(letter)).as("until it is known to wait").contains(letter);
        replayed(letter);

        assertThat(waiting()).containsExactly(letter.id());
        assertThat(find(letter)).isEmpty();
    }

    /** Its node has put it to the dead letters and is about to delete it. */
    @Test
    void shouldPutInAfreshWhatHasNotYetLeftTheMailbox() {
        deploy(store);
        DeadLetter letter = letter(agent);
        put(letter);
        mailboxes.waiting.add(new FakeMailboxStore.Waiting(
                new Append(agent, letter.lane(), letter.id(), new byte[0], false, false, 0), letter.position()));

        replayed(letter);

        assertThat(mailboxes.waiting)
                .singleElement()
                .satisfies(waiting -> assertThat(waiting.position()).isNotEqualTo(letter.position()));
    }

    @Test
    void shouldKeepALetterThatDiesAgainDuringItsReplay() {
        deploy(store);
        DeadLetter letter = letter(agent);
        DeadLetter again = letter(agent, letter.id(), Code.ATTEMPTS_EXHAUSTED, NOW.plusMillis(5));
        put(letter);
        mailboxes.ends.add(() -> store.put(List.of(again)));

        replayed(letter);

        assertThat(find(letter)).contains(again);
    }

    @ParameterizedTest
    @CsvSource({"NOT_SENT, UNAVAILABLE", "UNKNOWN, TIMEOUT", "REFUSED, UNAVAILABLE", "UNREPLICATED, UNREPLICATED"})
    void shouldSayWhyMailboxesFailAndKeepTheLetter(RedisFailure.Reason reason, Code code) {
        deploy(store);
        DeadLetter letter = letter(agent);
        put(letter);
        mailboxes.refusal = Optional.of(new RedisFailure(reason, "made by a test"));
        mailboxes.bound = 0;
        GetMailbox mailbox = GetMailbox.newBuilder().setAgent(agent).build();

        for (MessageLite request : List.of(replay(letter), replaySome(5), mailbox)) {
            assertThat(refusal(request).code()).isEqualTo(code);
            assertThat(refusal(request).retryAfter()).isPositive();
        }

        assertThat(find(letter)).contains(letter);
        assertThat(woken).isEmpty();
    }

    private List<UUID> putMany(int count) {
        List<DeadLetter> letters = IntStream.range(0, count)
                .mapToObj(i -> letter(agent, UUID.randomUUID(), Code.REJECTED, NOW.minusMillis(count - i)))
                .toList();
        put(letters.reversed().toArray(DeadLetter[]::new));
        return letters.stream().map(DeadLetter::id).toList();
    }

    @Test
    void shouldReplayTheOldestFirstUpToTheLimit() {
        deploy(store);
        List<UUID> ids = putMany(45);

        assertThat(answer(replaySome(30), Replayed.parser()))
                .isEqualTo(replayed(30).setMore(true).build());
        assertThat(waiting()).isEqualTo(ids.subList(0, 30));
        assertThat(answer(replaySome(30), Replayed.parser()))
                .isEqualTo(replayed(15).build());

        assertThat(waiting()).isEqualTo(ids);
        assertThat(get(store.count(agent))).isZero();
    }

    @Test
    void shouldReplayThoseOfOneReason() {
        deploy(store);
        DeadLetter expired = letter(agent, UUID.randomUUID(), Code.EXPIRED, NOW);
        put(expired, letter(agent));

        answer(replaySome(30).toBuilder().setReasonCode(Code.EXPIRED.number()).build(), Replayed.parser());

        assertThat(waiting()).containsExactly(expired.id());
    }

    @Test
    void shouldTellHowManyWereReplayedBeforeTheMailboxWasFull() {
        deploy(store);
        List<UUID> ids = putMany(30);
        mailboxes.refusal = Optional.of(new MailboxFullException("it has 23"));
        mailboxes.bound = 23;

        Replayed answer = answer(replaySome(100), Replayed.parser());

        assertThat(answer)
                .isEqualTo(replayed(23)
                        .setMore(true)
                        .setCode(Code.MAILBOX_FULL.number())
                        .setReason("it has 23")
                        .build());
        assertThat(waiting()).isEqualTo(ids.subList(0, 23));
        assertThat(get(store.count(agent))).isEqualTo(7);
        assertThat(refusal(replaySome(100)).code()).as("nothing more").isEqualTo(Code.MAILBOX_FULL);
    }

    /** Each message dies again as soon as it is replayed. */
    @Test
    void shouldNotReplayForEverWhatDiesAtOnce() {
        deploy(store);
        List<UUID> ids = putMany(20);
        ids.forEach(id ->
                mailboxes.ends.add(() -> store.put(List.of(letter(agent, id, Code.REJECTED, NOW.plusMillis(1))))));

        assertThat(answer(replaySome(100), Replayed.parser()))
                .isEqualTo(replayed(20).build());
        assertThat(get(store.count(agent))).isEqualTo(20);
    }

    @Test
    void shouldLeaveTheRestToTheNextRequestWhenTimeRunsOut() {
        deploy(store);
        putMany(30);
        mailboxes.ends.add(() -> {
            now.set(NOW.plusSeconds(3));
            return Future.succeededFuture();
        });

        assertThat(answer(replaySome(100), Replayed.parser()))
                .isEqualTo(replayed(20).setMore(true).build());
    }

    @Test
    void shouldTellWhatWaitsInAMailbox() {
        deploy(store);
        DeadLetter letter = letter(agent);
        put(letter);
        GetMailbox mailbox = GetMailbox.newBuilder().setAgent(agent).build();
        MailboxStatus empty = MailboxStatus.newBuilder().setAgent(agent).build();

        assertThat(answer(mailbox, MailboxStatus.parser())).isEqualTo(empty);
        replayed(letter);

        assertThat(answer(mailbox, MailboxStatus.parser()))
                .isEqualTo(empty.toBuilder()
                        .setMessages(1)
                        .setBytes(letter.size())
                        .setOldestMs(NOW.minusSeconds(1).toEpochMilli())
                        .build());
    }

    @Test
    void shouldRemoveWhatWasKeptLongEnoughInBatches() {
        Instant old = NOW.minus(RETENTION).minusMillis(1);
        DeadLetter young = letter(agent, UUID.randomUUID(), Code.REJECTED, old.plusMillis(1));
        put(young);
        put(IntStream.range(0, 1001)
                .mapToObj(i -> letter(agent, UUID.randomUUID(), Code.REJECTED, old))
                .toArray(DeadLetter[]::new));

        deploy(store);

        await(() -> get(store.count(agent)) == 1);
        assertThat(find(young)).contains(young);
        await(() -> meters.get("signalbox.deadletters.kept").gauge().value() >= 1);
    }
}
