package io.signalbox.bus.mailbox;

import static io.signalbox.bus.redis.RedisCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.mailbox.MailboxStore.Append;
import io.signalbox.bus.mailbox.MailboxStore.Appended;
import io.signalbox.bus.mailbox.MailboxStore.Changed;
import io.signalbox.bus.mailbox.MailboxStore.Claimed;
import io.signalbox.bus.mailbox.MailboxStore.Cursor;
import io.signalbox.bus.mailbox.MailboxStore.Entry;
import io.signalbox.bus.mailbox.MailboxStore.Mark;
import io.signalbox.bus.mailbox.MailboxStore.Pending;
import io.signalbox.bus.mailbox.MailboxStore.Position;
import io.signalbox.bus.outbound.Lane;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link MailboxStore} keeps to. */
@Timeout(120)
abstract class MailboxStoreContractTest {
    static final long NO_LIMIT = Long.MAX_VALUE;
    private static final String AGENT = "agent-1";
    private static final int MANY = 10_000;

    /** All stores of a test share what is in them. */
    abstract MailboxStore store(int maxMessages, long maxBytes);

    MailboxStore store() {
        return store(MANY, NO_LIMIT);
    }

    static Append message(String agent, Lane lane, String text) {
        return new Append(agent, lane, UUID.randomUUID(), text.getBytes(StandardCharsets.UTF_8), false, false, 0);
    }

    private static Append message(String text) {
        return message(AGENT, Lane.NORMAL, text);
    }

    private static Append with(Append append, boolean live, boolean again) {
        return new Append(append.agent(), append.lane(), append.id(), append.message(), live, again, 0);
    }

    private static Claimed claimAll(MailboxStore store) {
        return get(store.claim(AGENT, Cursor.START, MailboxStore.MAX_CLAIMED, NO_LIMIT));
    }

    private static long history(MailboxStore store) {
        return get(store.claim("nobody", Cursor.START, 1, 1)).history();
    }

    private static String text(Entry entry) {
        return new String(entry.message(), StandardCharsets.UTF_8);
    }

    private static List<String> texts(Claimed claimed) {
        return claimed.entries().stream().map(MailboxStoreContractTest::text).toList();
    }

    private static List<Position> positions(List<Entry> entries) {
        return entries.stream().map(Entry::position).toList();
    }

    private static Position normal(Appended appended) {
        return new Position(Lane.NORMAL, appended.position());
    }

    static Throwable failure(Future<?> future) {
        return get(future.transform(result -> result.failed()
                ? Future.succeededFuture(result.cause())
                : Future.failedFuture(new AssertionError("succeeded with " + result.result()))));
    }

    @Test
    void shouldGiveOutWhatWasAppendedUrgentOnesFirst() {
        MailboxStore store = store();
        get(store.append(message(AGENT, Lane.BULK, "bulk 1")));
        get(store.append(message("normal 1")));
        get(store.append(message("normal 2")));
        get(store.append(message(AGENT, Lane.URGENT, "urgent 1")));
        get(store.append(message("other", Lane.URGENT, "of another")));

        Claimed claimed = claimAll(store);

        assertThat(texts(claimed)).containsExactly("urgent 1", "normal 1", "normal 2", "bulk 1");
        assertThat(claimed.entries().getFirst().position().lane()).isEqualTo(Lane.URGENT);
        assertThat(claimed.entries().getLast().position().lane()).isEqualTo(Lane.BULK);
        assertThat(claimed.more()).isFalse();
    }

    @Test
    void shouldGiveOutOnlyWhatIsAfterTheCursorOfEachLane() {
        MailboxStore store = store();
        long urgent = get(store.append(message(AGENT, Lane.URGENT, "urgent"))).position();
        long normal = get(store.append(message("normal 1"))).position();
        long bulk = get(store.append(message(AGENT, Lane.BULK, "bulk 1"))).position();
        get(store.append(message("normal 2")));
        get(store.append(message(AGENT, Lane.BULK, "bulk 2")));

        Claimed claimed = get(store.claim(AGENT, new Cursor(history(store), urgent, normal, bulk - 1), 10, NO_LIMIT));

        assertThat(texts(claimed)).containsExactly("normal 2", "bulk 1", "bulk 2");
    }

    @Test
    void shouldGiveOutAllWhenTheCursorIsOfAnotherHistory() {
        MailboxStore store = store();
        Appended appended = get(store.append(message("1")));
        long elsewhere = appended.history() + 1;

        Claimed claimed = get(store.claim(
                AGENT,
                new Cursor(elsewhere, appended.position(), appended.position(), appended.position()),
                10,
                NO_LIMIT));

        assertThat(texts(claimed)).containsExactly("1");
        assertThat(claimed.history()).isEqualTo(appended.history()).isPositive();
        assertThat(get(store.append(message("2"))).history()).isEqualTo(appended.history());
    }

    @Test
    void shouldSayWhatWaitsBeforeEachInItsLane() {
        MailboxStore store = store();

        Appended first = get(store.append(message("1")));
        Appended elsewhere = get(store.append(message(AGENT, Lane.URGENT, "other lane")));
        Appended second = get(store.append(message("2")));
        get(store.delete(AGENT, List.of(normal(second))));
        Appended third = get(store.append(message("3")));

        assertThat(List.of(first.predecessor(), elsewhere.predecessor())).containsOnly(MailboxStore.BEGINNING);
        assertThat(second.predecessor()).isEqualTo(first.position());
        assertThat(third.predecessor()).as("the second does not wait any more").isEqualTo(first.position());
        assertThat(List.of(first.position(), elsewhere.position(), second.position(), third.position()))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void shouldNeverGoBackEvenWhenTheMailboxWasEmpty() {
        MailboxStore store = store();
        long last = MailboxStore.BEGINNING;

        for (int i = 0; i < 20; i++) {
            Appended appended = get(store.append(message("m")));
            assertThat(appended.position()).isGreaterThan(last);
            assertThat(appended.predecessor()).isEqualTo(MailboxStore.BEGINNING);
            last = appended.position();
            get(store.delete(AGENT, List.of(normal(appended))));
        }
    }

    @ParameterizedTest(name = "live {0}, again {1}: {2}, then claimed {3}")
    @CsvSource({"false, false, 1, 1", "true, false, 1, 2", "false, true, 2, 2", "true, true, 2, 3"})
    void shouldCountHowOftenItMayHaveBeenHandedOut(boolean live, boolean again, int appended, int claimed) {
        MailboxStore store = store();

        assertThat(get(store.append(with(message("m"), live, again))).attempt()).isEqualTo(appended);
        Entry first = claimAll(store).entries().getFirst();
        Entry second = claimAll(store).entries().getFirst();
        Entry third = get(store.claimAgain(AGENT, List.of(first.position()))).getFirst();

        assertThat(List.of(first.attempt(), second.attempt(), third.attempt()))
                .containsExactly(claimed, claimed + 1, claimed + 2);
    }

    @ParameterizedTest(name = "live {0}, again {1}")
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void shouldNotAppendASecondTimeWhatWaits(boolean live, boolean again) {
        MailboxStore store = store();
        Appended before = get(store.append(message("before")));
        Append message = message("m");
        Appended first = get(store.append(message));
        get(store.append(message("after")));

        Appended repeated = get(store.append(with(message, live, again)));

        assertThat(repeated).isEqualTo(new Appended(first.position(), before.position(), 1, true, first.history()));
        assertThat(texts(claimAll(store))).containsExactly("before", "m", "after");
        assertThat(get(store.claimAgain(AGENT, List.of(normal(first))))
                        .getFirst()
                        .attempt())
                .as("a live copy counts")
                .isEqualTo(live ? 3 : 2);
    }

    @Test
    void shouldAppendAgainWhatDoesNotWaitAnyMore() {
        MailboxStore store = store();
        Append message = message("m");
        Appended first = get(store.append(message));
        get(store.delete(AGENT, List.of(normal(first))));

        Appended again = get(store.append(with(message, false, true)));

        assertThat(again.repeated()).isFalse();
        assertThat(claimAll(store).entries().getFirst().attempt()).isEqualTo(2);
    }

    @Test
    void shouldClaimNoMoreThanWanted() {
        MailboxStore store = store();
        for (String text : List.of("1", "22", "333", "4")) {
            get(store.append(message(text)));
        }
        get(store.append(message(AGENT, Lane.BULK, "5")));

        Claimed byNumber = get(store.claim(AGENT, Cursor.START, 3, NO_LIMIT));
        Claimed byBytes = get(store.claim(AGENT, Cursor.START, 10, 3));
        Claimed oversized = get(store.claim(AGENT, new Cursor(history(store), 0, lastOf(byBytes), 0), 10, 1));
        Claimed rest = get(store.claim(AGENT, new Cursor(history(store), 0, lastOf(byNumber), 0), 2, NO_LIMIT));

        assertThat(texts(byNumber)).containsExactly("1", "22", "333");
        assertThat(texts(byBytes)).containsExactly("1", "22");
        assertThat(texts(oversized)).containsExactly("333");
        assertThat(texts(rest)).containsExactly("4", "5");
        assertThat(List.of(byNumber.more(), byBytes.more(), oversized.more())).containsOnly(true);
        assertThat(rest.more()).isFalse();
        assertThat(rest.entries().getFirst().attempt())
                .as("it was not claimed before")
                .isEqualTo(1);
    }

    /** A live copy that comes late is known by this: what has that position waits no more, or was claimed. */
    @Test
    void shouldSayUpToWhereAClaimIsComplete() {
        MailboxStore store = store();
        long gone = get(store.append(message("1"))).position();
        get(store.delete(AGENT, List.of(new Position(Lane.NORMAL, gone))));
        long ofEmpty = claimAll(store).upTo();
        long waiting = get(store.append(message("2"))).position();
        long ofOne = claimAll(store).upTo();
        long later = get(store.append(message("3"))).position();

        assertThat(ofEmpty).isGreaterThanOrEqualTo(gone).isLessThan(waiting);
        assertThat(ofOne).isGreaterThanOrEqualTo(waiting).isLessThan(later);
    }

    private static long lastOf(Claimed claimed) {
        return claimed.entries().getLast().position().position();
    }

    @Test
    void shouldClaimAgainOnlyWhatIsThere() {
        MailboxStore store = store();
        Appended first = get(store.append(message("1")));
        Appended second = get(store.append(message("2")));
        get(store.delete(AGENT, List.of(normal(first))));

        List<Entry> again = get(store.claimAgain(AGENT, List.of(normal(first), normal(second))));

        assertThat(positions(again)).containsExactly(normal(second));
        assertThat(get(store.claimAgain("nobody", List.of(normal(second))))).isEmpty();
        assertThat(get(store.claimAgain(AGENT, List.of()))).isEmpty();
    }

    @Test
    void shouldDeleteWithoutHarmWhatIsNotThere() {
        MailboxStore store = store();
        Position position = normal(get(store.append(message("1"))));
        get(store.append(message("2")));

        get(store.delete(AGENT, List.of(position, position, new Position(Lane.URGENT, 7))));
        get(store.delete(AGENT, List.of(position)));
        get(store.delete(AGENT, List.of()));
        get(store.delete("nobody", List.of(position)));

        assertThat(texts(claimAll(store))).containsExactly("2");
        assertThat(get(store.pending(AGENT)).bytes()).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0} messages, {1} bytes")
    @CsvSource({"2, 100", "100, 6"})
    void shouldRefuseWhatAFullMailboxCannotTake(int messages, long bytes) {
        MailboxStore store = store(messages, bytes);
        Append first = message("abc");
        Appended appended = get(store.append(first));
        get(store.append(message(AGENT, Lane.BULK, "def")));

        Throwable refused = failure(store.append(message("g")));
        Appended repeated = get(store.append(with(first, false, true)));
        Pending full = get(store.pending(AGENT));
        get(store.append(message("other", Lane.NORMAL, "abc")));
        get(store.delete(AGENT, List.of(normal(appended))));
        get(store.append(message("ghi")));

        assertThat(refused).isInstanceOf(MailboxFullException.class).hasMessageContaining("2 messages of 6 bytes");
        assertThat(repeated.repeated()).as("what waits needs no room").isTrue();
        assertThat(full.messages()).isEqualTo(2);
        assertThat(texts(claimAll(store))).containsExactly("ghi", "def");
    }

    @Test
    void shouldRefuseWhatNoMailboxCanTake() {
        MailboxStore store = store(10, 3);

        assertThat(failure(store.append(message("four")))).isInstanceOf(MailboxFullException.class);

        assertThat(get(store.pending(AGENT))).isEqualTo(new Pending(0, 0, Instant.EPOCH));
    }

    @Test
    void shouldSayWhatWaits() {
        MailboxStore store = store();
        Instant begun = Instant.now().minusSeconds(1);

        Appended first = get(store.append(message("1")));
        get(store.append(message(AGENT, Lane.URGENT, "22")));
        Pending both = get(store.pending(AGENT));
        get(store.delete(AGENT, List.of(normal(first))));
        Pending left = get(store.pending(AGENT));

        assertThat(both.messages()).isEqualTo(2);
        assertThat(both.bytes()).isEqualTo(3);
        assertThat(both.oldest()).isBetween(begun, Instant.now().plusSeconds(1));
        assertThat(left.messages()).isEqualTo(1);
        assertThat(left.bytes()).isEqualTo(2);
        assertThat(left.oldest()).isAfter(both.oldest());
    }

    @Test
    void shouldTellWhichMailboxesHaveSomethingNew() {
        MailboxStore store = store();
        get(store.append(message("a", Lane.NORMAL, "old")));
        get(store.append(message("b", Lane.NORMAL, "old")));
        Changed all = get(store.changedSince(Mark.START));
        Changed none = get(store.changedSince(all.until()));
        long urgent = get(store.append(message("b", Lane.URGENT, "new"))).position();
        long bulk = get(store.append(message("c", Lane.BULK, "new"))).position();
        Position gone = new Position(
                Lane.BULK, get(store.append(message("d", Lane.BULK, "new"))).position());
        get(store.delete("d", List.of(gone)));

        Changed changed = get(store.changedSince(none.until()));

        assertThat(all.newest()).containsOnlyKeys("a", "b");
        assertThat(none.newest()).isEmpty();
        assertThat(changed.newest()).containsOnlyKeys("b", "c");
        assertThat(changed.newest().get("b"))
                .isEqualTo(
                        new Cursor(history(store), urgent, all.newest().get("b").normal(), 0));
        assertThat(changed.newest().get("c")).isEqualTo(new Cursor(history(store), 0, 0, bulk));
        assertThat(get(store.changedSince(changed.until())).newest()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:log", "a}:{mb1", "%61", "index", "größe", "", "a b\n", "A"})
    void shouldKeepAgentsApartWhateverTheyAreCalled(String odd) {
        MailboxStore store = store();
        get(store.append(message("a", Lane.NORMAL, "of a")));

        Appended appended = get(store.append(message(odd, Lane.NORMAL, "odd")));

        assertThat(texts(get(store.claim(odd, Cursor.START, 10, NO_LIMIT)))).containsExactly("odd");
        assertThat(get(store.changedSince(Mark.START)).newest()).containsOnlyKeys("a", odd);
        get(store.delete(odd, List.of(normal(appended))));
        assertThat(texts(get(store.claim("a", Cursor.START, 10, NO_LIMIT)))).containsExactly("of a");
    }

    @Test
    void shouldKeepManyInTheOrderInWhichTheyWereAppended() {
        MailboxStore store = store();
        List<Future<Appended>> appends = IntStream.range(0, MANY)
                .mapToObj(i -> store.append(message(Integer.toString(i))))
                .toList();
        List<Long> positions =
                appends.stream().map(append -> get(append).position()).toList();

        List<Entry> claimed = new ArrayList<>();
        Claimed page = new Claimed(List.of(), true, 0, 0);
        while (page.more()) {
            long after = claimed.isEmpty() ? 0 : claimed.getLast().position().position();
            page = get(store.claim(AGENT, new Cursor(history(store), 0, after, 0), 999, NO_LIMIT));
            claimed.addAll(page.entries());
        }

        assertThat(positions).isSorted();
        assertThat(claimed.stream().map(MailboxStoreContractTest::text))
                .containsExactlyElementsOf(
                        IntStream.range(0, MANY).mapToObj(Integer::toString).toList());
        assertThat(failure(store.append(message("one more")))).isInstanceOf(MailboxFullException.class);
        assertThat(get(store.claimAgain(AGENT, positions(claimed))))
                .hasSize(MANY)
                .allMatch(entry -> entry.attempt() == 2);
        get(store.delete(AGENT, positions(claimed)));
        assertThat(get(store.pending(AGENT)).messages()).isZero();
    }
}
