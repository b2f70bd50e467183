package io.signalbox.bus.retained;

import static io.signalbox.bus.redis.RedisCalls.get;
import static io.signalbox.bus.redis.RedisServers.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.retained.RetainedStore.Entry;
import io.signalbox.bus.retained.RetainedStore.Page;
import io.signalbox.bus.retained.RetainedStore.Position;
import io.signalbox.bus.retained.RetainedStore.Put;
import io.signalbox.bus.retained.RetainedStore.Size;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link RetainedStore} keeps to. */
@Timeout(120)
abstract class RetainedStoreContractTest {
    private static final long NO_LIMIT = Long.MAX_VALUE / 2;

    /** All stores of a test share what is in them. */
    abstract RetainedStore store(long maxMessages, long maxBytes);

    RetainedStore store() {
        return store(100_000, NO_LIMIT);
    }

    static Put put(String address, String text) {
        return new Put(address, text.getBytes(StandardCharsets.UTF_8), 0, 0);
    }

    private static Put shortLived(String address, String text) {
        return new Put(address, text.getBytes(StandardCharsets.UTF_8), 1, 0);
    }

    static Optional<String> at(RetainedStore store, String address) {
        return get(store.get(address)).map(RetainedStoreContractTest::text);
    }

    private static String text(Entry entry) {
        return new String(entry.message(), StandardCharsets.UTF_8);
    }

    /** Of all pages. */
    private static List<Entry> read(RetainedStore store, String pattern, long maxBytes) {
        List<Entry> read = new ArrayList<>();
        Optional<Position> after = Optional.of(Position.START);
        while (after.isPresent()) {
            Page page = get(store.page(new AddressPattern(pattern), after.get(), maxBytes));
            read.addAll(page.entries());
            after = page.next();
        }
        return read;
    }

    private static List<String> addresses(RetainedStore store, String pattern) {
        return read(store, pattern, NO_LIMIT).stream().map(Entry::address).toList();
    }

    static Throwable failure(Future<?> future) {
        return get(future.transform(result -> result.failed()
                ? Future.succeededFuture(result.cause())
                : Future.failedFuture(new AssertionError("succeeded with " + result.result()))));
    }

    @Test
    void shouldHaveTheLastOneOfEachAddress() {
        RetainedStore store = store();
        get(store.put(put("news/today", "old")));
        get(store.put(put("news/sports", "other")));

        long revision = get(store.put(put("news/today", "new")));

        assertThat(at(store, "news/today")).contains("new");
        assertThat(get(store.get("news/today")).orElseThrow().revision()).isEqualTo(revision);
        assertThat(at(store, "news/sports")).contains("other");
        assertThat(at(store, "news")).isEmpty();
    }

    @Test
    void shouldForgetWhatIsRemoved() {
        RetainedStore store = store();
        get(store.put(put("a", "1")));
        get(store.put(put("b", "2")));

        get(store.remove("a", 0));
        get(store.remove("never", 0));

        assertThat(at(store, "a")).isEmpty();
        assertThat(addresses(store, "#")).containsExactly("b");
        assertThat(get(store.purge())).isEqualTo(new Size(1, 2));
    }

    @Test
    void shouldNeverGoBackWithARevisionEvenWhenNothingIsLeft() {
        RetainedStore store = store();
        List<Long> revisions = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            revisions.add(get(store.put(put("a", "m"))));
            revisions.add(get(store.remove("a", 0)));
        }

        assertThat(revisions).isSorted().doesNotHaveDuplicates();
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource({
        "news, news",
        "news/#, news news/a news/a/b news/größe",
        "news/+, news/a news/größe",
        "+/a, /a news/a newsflash/a",
        "+, news newsflash",
        "#, /a news news/a news/a/b news/größe newsflash newsflash/a",
        "news/a/#, news/a news/a/b",
        "+/a/#, /a news/a news/a/b newsflash/a",
        "nothing/#, ",
    })
    void shouldFindWhatAPatternMatches(String pattern, String found) {
        RetainedStore store = store();
        for (String address : List.of("news", "news/a", "news/a/b", "news/größe", "newsflash", "newsflash/a", "/a")) {
            get(store.put(put(address, "at " + address)));
        }

        List<Entry> read = read(store, pattern, NO_LIMIT);

        assertThat(read.stream().map(Entry::address))
                .containsExactlyInAnyOrder(found == null ? new String[0] : found.split(" "));
        assertThat(read).allMatch(entry -> text(entry).equals("at " + entry.address()));
    }

    @Test
    void shouldGiveManyPageByPageEachOnceFromAnyPlaceOn() {
        RetainedStore store = store();
        List<String> all = Stream.concat(
                        Stream.of("many"), IntStream.range(0, 9_000).mapToObj(i -> "many/" + i))
                .toList();
        get(Future.all(all.stream().map(address -> store.put(put(address, "x"))).toList()));
        get(store.put(put("other", "x")));

        List<Entry> read = read(store, "many/#", NO_LIMIT);
        List<Entry> rest = new ArrayList<>();
        Optional<Position> after = Optional.of(read.get(4_321).position());
        while (after.isPresent()) {
            Page page = get(store.page(new AddressPattern("many/#"), after.get(), NO_LIMIT));
            rest.addAll(page.entries());
            after = page.next();
        }

        assertThat(read.stream().map(Entry::address)).containsExactlyInAnyOrderElementsOf(all);
        assertThat(rest.stream().map(Entry::address))
                .containsExactlyElementsOf(
                        read.stream().skip(4_322).map(Entry::address).toList());
    }

    @Test
    void shouldGiveNoMoreBytesAtOnceThanWantedButOneInAnyCase() {
        RetainedStore store = store();
        int size = 1_000;
        List<String> all = IntStream.range(0, 100).mapToObj(i -> "large/" + i).toList();
        all.forEach(address -> get(store.put(put(address, "x".repeat(size)))));

        List<Integer> pages = new ArrayList<>();
        List<String> read = new ArrayList<>();
        Optional<Position> after = Optional.of(Position.START);
        while (after.isPresent()) {
            Page page = get(store.page(new AddressPattern("large/+"), after.get(), 2 * size + 100));
            pages.add(page.entries().size());
            page.entries().forEach(entry -> read.add(entry.address()));
            after = page.next();
        }

        assertThat(pages).allMatch(count -> count <= 2).contains(2);
        assertThat(read).containsExactlyInAnyOrderElementsOf(all);
        assertThat(read(store, "large/+", 1)).hasSize(all.size());
    }

    @Test
    void shouldForgetWhatHasLivedItsTime() {
        RetainedStore store = store();
        get(store.put(shortLived("short", "1")));
        get(store.put(shortLived("renewed", "2")));
        get(store.put(put("renewed", "3")));
        get(store.put(new Put("long", new byte[5], 3_600_000, 0)));

        await(() -> get(store.purge()).messages() == 2);

        assertThat(addresses(store, "#")).containsExactlyInAnyOrder("renewed", "long");
        assertThat(get(store.purge())).isEqualTo(new Size(2, 8 + 9));
    }

    @ParameterizedTest(name = "{0} messages, {1} bytes")
    @CsvSource({"3, 1000", "1000, 12"})
    void shouldRefuseWhatThereIsNoRoomForInAllTogether(long messages, long bytes) {
        RetainedStore store = store(messages, bytes);
        for (String address : List.of("a", "b", "c")) {
            get(store.put(put(address, "one")));
        }

        Throwable refused = failure(store.put(put("d", "one")));
        get(store.put(put("a", "two")));
        get(store.remove("b", 0));
        get(store.put(put("d", "one")));

        assertThat(refused)
                .isInstanceOf(RetainedFullException.class)
                .hasMessage("3 messages of 12 bytes are retained, allowed are " + messages + " of " + bytes);
        assertThat(addresses(store, "#")).containsExactlyInAnyOrder("a", "c", "d");
        assertThat(at(store, "a")).as("in the place of another").contains("two");
    }

    @Test
    void shouldRefuseAndTakeByWhatAnotherNodeDid() {
        RetainedStore here = store(2, NO_LIMIT);
        RetainedStore there = store(2, NO_LIMIT);
        get(here.put(put("a", "1")));
        get(here.put(put("b", "1")));

        get(there.purge());
        Throwable refused = failure(there.put(put("c", "1")));
        get(here.remove("a", 0));
        get(there.purge());
        get(there.put(put("c", "1")));

        assertThat(refused).isInstanceOf(RetainedFullException.class);
        assertThat(addresses(here, "#")).containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void shouldMakeRoomByWhatHasLivedItsTime() {
        RetainedStore store = store(2, NO_LIMIT);
        get(store.put(shortLived("a", "1")));
        get(store.put(shortLived("b", "1")));

        await(() -> {
            get(store.purge());
            return get(store.put(put("c", "1")).transform(done -> Future.succeededFuture(done.succeeded())));
        });

        assertThat(at(store, "c")).contains("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"}:{rt1", "%s", "a b\n", "größe", "state", "(", "[", "-", "\uffff", "a/\ud83d\ude00"})
    void shouldTakeAddressesWhateverTheyAreCalled(String odd) {
        RetainedStore store = store();
        get(store.put(put("plain", "1")));

        get(store.put(put(odd, "2")));

        assertThat(at(store, odd)).contains("2");
        assertThat(addresses(store, "#")).containsExactlyInAnyOrder("plain", odd);
        get(store.remove(odd, 0));
        assertThat(addresses(store, "#")).containsExactly("plain");
    }
}
