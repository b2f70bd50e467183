package io.signalbox.verticles.deadletter;

import static io.signalbox.verticles.PortCalls.assertAnswersOnTheCallersContext;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static io.signalbox.verticles.deadletter.Letters.NOW;
import static io.signalbox.verticles.deadletter.Letters.dead;
import static io.signalbox.verticles.deadletter.Letters.letter;
import static io.signalbox.verticles.deadletter.Letters.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.verticles.deadletter.DeadLetterStore.Filter;
import io.signalbox.verticles.postgres.StoreException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link DeadLetterStore} keeps to. The tests share a store and keep apart by agents of their own. */
abstract class DeadLetterStoreContractTest {
    /** UUIDs as unsigned numbers, which their texts' order is. */
    private static final Comparator<DeadLetter> NEWEST_FIRST = Comparator.comparing(DeadLetter::diedAt)
            .thenComparing(letter -> letter.id().toString())
            .thenComparing(DeadLetter::agent)
            .reversed();

    private final String own = "t" + UUID.randomUUID();

    abstract DeadLetterStore store();

    /** One that cannot reach its server. */
    abstract DeadLetterStore away();

    abstract Vertx vertx();

    private void put(DeadLetter... letters) {
        get(store().put(List.of(letters)));
    }

    private Optional<DeadLetter> find(DeadLetter letter) {
        return get(store().find(letter.agent(), letter.id()));
    }

    private static Filter of(String agent) {
        return new Filter(agent, Optional.empty());
    }

    private static DeadLetter withoutMessage(DeadLetter letter) {
        return new DeadLetter(
                letter.agent(),
                letter.id(),
                letter.reason(),
                letter.detail(),
                letter.attempts(),
                letter.diedAt(),
                letter.position(),
                letter.priority(),
                letter.source(),
                letter.type(),
                letter.size(),
                ByteString.EMPTY);
    }

    @Test
    void shouldKeepWhatWasPut() {
        DeadLetter one = letter(own);
        DeadLetter other = letter(own);

        put(one, other);

        assertThat(find(one)).contains(one);
        assertThat(find(other)).contains(other);
        assertThat(get(store().count(own))).isEqualTo(2);
        assertThat(get(store().find(own, UUID.randomUUID()))).isEmpty();
    }

    @Test
    void shouldKeepOneLetterHoweverOftenItIsPut() {
        DeadLetter letter = letter(own);

        put(letter);
        put(letter);
        put(letter, letter);

        assertThat(get(store().list(of(own), Optional.empty(), 10))).containsExactly(withoutMessage(letter));
    }

    @Test
    void shouldKeepTheNewerWhenAMessageDiesAgain() {
        UUID id = UUID.randomUUID();
        DeadLetter first = letter(own, id, Code.REJECTED, NOW);
        DeadLetter second = letter(own, id, Code.ATTEMPTS_EXHAUSTED, NOW.plusSeconds(1));
        DeadLetter third = letter(own, id, Code.EXPIRED, NOW.minusSeconds(1)); // by a clock that is behind

        put(first);
        put(second);
        assertThat(find(first)).contains(second);

        put(second, third);
        assertThat(find(first)).contains(third);
    }

    @Test
    void shouldKeepApartTheSameMessageOfTwoAgents() {
        UUID id = UUID.randomUUID();
        DeadLetter one = letter(own + "1", id, Code.REJECTED, NOW);
        DeadLetter other = letter(own + "2", id, Code.EXPIRED, NOW);
        put(one, other);

        assertThat(get(store().drop(own + "1", id))).isTrue();

        assertThat(find(one)).isEmpty();
        assertThat(find(other)).contains(other);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\u00e9t\u00e9 \ud83d\ude80 \u4eba\u5de5", "'; DROP TABLE dead_letters; --", "a\0b\0"})
    void shouldKeepAnyText(String text) {
        DeadLetter odd = DeadLetter.of(dead(
                        own + text,
                        message(UUID.randomUUID()).setSource(text).setType(text).build())
                .setDetail(text)
                .build());
        put(odd);

        DeadLetter kept = find(odd).orElseThrow();

        String readable = text.replace('\0', '\ufffd');
        assertThat(List.of(kept.detail(), kept.source(), kept.type())).containsOnly(readable);
        assertThat(kept.agent()).isEqualTo(own + readable);
        assertThat(kept.message()).as("the message itself stays as it was").isEqualTo(odd.message());
        assertThat(get(store().list(of(odd.agent()), Optional.of(PagePlace.of(odd)), 5)))
                .isEmpty();
        assertThat(get(store().remove(List.of(odd)))).isEqualTo(1);
    }

    @Test
    void shouldKeepABigMessage() {
        DeadLetter big = DeadLetter.of(dead(
                        own,
                        message(UUID.randomUUID())
                                .setPayload(ByteString.copyFrom(new byte[1_000_000]))
                                .build())
                .build());

        put(big);

        assertThat(find(big)).contains(big);
    }

    /** Against a sorted list; many die at the same moment. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldListNewestFirstByPagesWithoutTheMessages(long seed) {
        Random random = new Random(seed);
        List<Code> reasons = List.of(Code.EXPIRED, Code.REJECTED);
        List<DeadLetter> all = IntStream.range(0, 40)
                .mapToObj(i -> letter(
                        own,
                        new UUID(random.nextLong(), random.nextLong()),
                        reasons.get(random.nextInt(2)),
                        NOW.plusMillis(random.nextInt(5))))
                .toList();
        put(all.toArray(DeadLetter[]::new));

        for (Optional<Code> reason : List.of(Optional.<Code>empty(), Optional.of(Code.EXPIRED))) {
            List<DeadLetter> expected = all.stream()
                    .filter(letter -> reason.isEmpty() || letter.reason() == reason.get())
                    .sorted(NEWEST_FIRST)
                    .map(DeadLetterStoreContractTest::withoutMessage)
                    .toList();
            assertThat(pages(new Filter(own, reason), 7)).as("seed " + seed).isEqualTo(expected);
        }
    }

    private List<DeadLetter> pages(Filter filter, int limit) {
        List<DeadLetter> all = new ArrayList<>();
        Optional<PagePlace> below = Optional.empty();
        List<DeadLetter> page;
        do {
            page = get(store().list(filter, below, limit));
            assertThat(page).hasSizeLessThanOrEqualTo(limit);
            all.addAll(page);
            below = all.isEmpty() ? below : Optional.of(PagePlace.of(all.getLast()));
        } while (page.size() == limit);
        return all;
    }

    @Test
    void shouldListAllAgentsTogetherAndGoOnBelowALetterThatIsGone() {
        Instant far = Instant.parse("2200-01-01T00:00:00Z").plusMillis(Math.abs(own.hashCode()) * 10L);
        UUID id = UUID.randomUUID();
        DeadLetter third = letter(own + "a", id, Code.REJECTED, far);
        DeadLetter second = letter(own + "b", id, Code.REJECTED, far);
        DeadLetter first = letter(own + "a", UUID.randomUUID(), Code.REJECTED, far.plusMillis(1));
        put(third, first, second);
        Optional<PagePlace> below = Optional.of(new PagePlace(far.plusMillis(2), id, ""));
        assertThat(get(store().list(of(""), below, 3)))
                .containsExactly(withoutMessage(first), withoutMessage(second), withoutMessage(third));

        get(store().drop(second.agent(), id));

        assertThat(get(store().list(of(""), Optional.of(PagePlace.of(second)), 1)))
                .containsExactly(withoutMessage(third));
    }

    /** Its id says the contrary of its position. */
    private DeadLetter waiting(long position, Code reason, Instant diedAt) {
        return DeadLetter.of(dead(own, message(new UUID(1, -position)).build())
                .setPosition(position)
                .setReasonCode(reason.number())
                .setDiedAtMs(diedAt.toEpochMilli())
                .build());
    }

    @Test
    void shouldGiveTheOldestInTheOrderInWhichTheyWaited() {
        DeadLetter first = waiting(9, Code.REJECTED, NOW.minusMillis(1));
        DeadLetter second = waiting(1, Code.EXPIRED, NOW);
        DeadLetter third = waiting(2, Code.REJECTED, NOW);
        DeadLetter late = waiting(3, Code.REJECTED, NOW.plusMillis(1));
        put(late, third, first, second, letter(own + "other"));

        assertThat(get(store().oldest(of(own), NOW, 10))).containsExactly(first, second, third);
        assertThat(get(store().oldest(of(own), NOW, 2))).containsExactly(first, second);
        assertThat(get(store().oldest(new Filter(own, Optional.of(Code.REJECTED)), NOW, 10)))
                .containsExactly(first, third);
    }

    @Test
    void shouldRemoveLettersAsTheyWereReadAndNoneThatDiedAgain() {
        DeadLetter read = letter(own);
        DeadLetter again = letter(own, read.id(), Code.EXPIRED, NOW.plusMillis(1));
        DeadLetter other = letter(own);
        DeadLetter kept = letter(own);
        put(again, other, kept);

        assertThat(get(store().remove(List.of(read, other)))).isEqualTo(1);

        assertThat(find(read)).contains(again);
        assertThat(find(other)).isEmpty();
        assertThat(find(kept)).contains(kept);
    }

    @Test
    void shouldDropOneOnce() {
        DeadLetter letter = letter(own);
        put(letter, letter(own));

        assertThat(get(store().drop(own, letter.id()))).isTrue();
        assertThat(get(store().drop(own, letter.id()))).isFalse();

        assertThat(get(store().count(own))).isEqualTo(1);
        assertThat(get(store().count(""))).isPositive();
    }

    /** Others keep what died in this century. */
    @Test
    void shouldSweepTheOldestByBatches() {
        Instant old = Instant.parse("1990-01-01T00:00:00Z");
        List<DeadLetter> letters = IntStream.range(0, 5)
                .mapToObj(i -> letter(own, UUID.randomUUID(), Code.REJECTED, old.plusMillis(i)))
                .toList();
        put(letters.reversed().toArray(DeadLetter[]::new));

        assertThat(get(store().sweep(old.plusMillis(4), 3))).isEqualTo(3);
        assertThat(get(store().oldest(of(own), NOW, 10))).isEqualTo(letters.subList(3, 5));
        assertThat(get(store().sweep(old.plusMillis(4), 3))).isEqualTo(1);
        assertThat(get(store().sweep(old.plusMillis(4), 3))).isZero();
        assertThat(get(store().oldest(of(own), NOW, 10))).containsExactly(letters.getLast());
    }

    @Test
    void shouldTakeTheSameLettersFromManyAtOnceInAnyOrder() {
        List<DeadLetter> letters =
                IntStream.range(0, 300).mapToObj(i -> letter(own)).toList();

        List<Future<Void>> puts = IntStream.range(0, 20)
                .mapToObj(i -> store().put(i % 2 == 0 ? letters : letters.reversed()))
                .toList();

        puts.forEach(put -> get(put));
        assertThat(get(store().count(own))).isEqualTo(300);
    }

    @Test
    void shouldFailWithAStoreExceptionWhenTheServerIsAway() {
        DeadLetter letter = letter(own);
        List<Future<?>> calls = List.of(
                away().put(List.of(letter)),
                away().find(own, letter.id()),
                away().list(of(own), Optional.empty(), 1),
                away().oldest(of(own), NOW, 1),
                away().remove(List.of(letter)),
                away().drop(own, letter.id()),
                away().count(own),
                away().sweep(NOW, 1));

        for (Future<?> call : calls) {
            assertThat(failure(call))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE));
        }
    }

    @Test
    void shouldAnswerOnTheCallersContext() {
        assertAnswersOnTheCallersContext(vertx(), () -> store().put(List.of(letter(own))));
        assertAnswersOnTheCallersContext(vertx(), () -> store().count(own));
    }
}
