package io.signalbox.bus.mailbox;

import static io.signalbox.bus.redis.RedisCalls.get;
import static io.signalbox.bus.redis.RedisServers.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.mailbox.MailboxStore.Appended;
import io.signalbox.bus.mailbox.MailboxStore.Changed;
import io.signalbox.bus.mailbox.MailboxStore.Claimed;
import io.signalbox.bus.mailbox.MailboxStore.Cursor;
import io.signalbox.bus.mailbox.MailboxStore.Entry;
import io.signalbox.bus.mailbox.MailboxStore.Mark;
import io.signalbox.bus.mailbox.MailboxStore.Position;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.bus.redis.RedisFailure;
import io.signalbox.bus.redis.RedisFailure.Reason;
import io.signalbox.bus.redis.RedisLink;
import io.signalbox.bus.redis.RedisProcess;
import io.signalbox.bus.redis.RedisServers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On a real Redis that syncs its file before each answer. */
class RedisMailboxStoreTest extends MailboxStoreContractTest {
    private static final Position NOWHERE = new Position(Lane.NORMAL, 1);

    private final Vertx vertx = Vertx.vertx();
    private final RedisServers servers = RedisServers.standalone();
    private final RedisProcess server = servers.server(0);
    private final RedisLink link =
            get(RedisLink.open(vertx, servers.config(), List.of(RedisMailboxStore.library()), new Random(1)));

    @AfterEach
    void stop() {
        get(vertx.close());
        servers.close();
    }

    @Override
    MailboxStore store(int maxMessages, long maxBytes) {
        return new RedisMailboxStore(link, maxMessages, maxBytes);
    }

    private static List<String> claim(MailboxStore store, String agent) {
        return get(store.claim(agent, Cursor.START, MailboxStore.MAX_CLAIMED, NO_LIMIT)).entries().stream()
                .map(entry -> new String(entry.message(), StandardCharsets.UTF_8))
                .toList();
    }

    private void killAndStart() {
        server.kill();
        server.start();
        await(link::isUp);
    }

    @Test
    void shouldHaveAfterAKillWhatItAcknowledgedBefore() {
        MailboxStore store = store();
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        Set<String> asked = new TreeSet<>();
        for (int round = 0; round < 5; round++) {
            List<Future<Appended>> appends = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String text = round + " " + i;
                asked.add(text);
                appends.add(store.append(message("agent-" + i % 7, Lane.NORMAL, text))
                        .onSuccess(done -> acknowledged.add(text)));
            }
            get(appends.get(round * 40));
            server.kill();
            get(Future.join(appends).otherwiseEmpty());
            server.start();
            await(link::isUp);
        }

        List<String> claimed = IntStream.range(0, 7)
                .mapToObj(i -> claim(store, "agent-" + i))
                .flatMap(List::stream)
                .toList();

        assertThat(acknowledged).hasSizeGreaterThan(5);
        assertThat(claimed).containsAll(acknowledged).doesNotHaveDuplicates();
        assertThat(asked).containsAll(claimed);
    }

    @Test
    void shouldKnowAfterAKillWhatWasHandedOutBefore() {
        MailboxStore store = store();
        get(store.append(message("a", Lane.NORMAL, "1")));
        get(store.append(message("a", Lane.NORMAL, "2")));
        Position first = get(store.claim("a", Cursor.START, 1, NO_LIMIT))
                .entries()
                .getFirst()
                .position();

        killAndStart();

        Claimed claimed = get(store.claim("a", Cursor.START, 10, NO_LIMIT));
        assertThat(claimed.entries().stream().map(Entry::attempt)).containsExactly(2, 1);
        get(store.delete("a", List.of(first)));
        killAndStart();
        assertThat(claim(store, "a")).containsExactly("2");
    }

    /** One key stays for each shard, however many mailboxes there were: it keeps positions from going back. */
    @Test
    void shouldLeaveNoKeyOfAnEmptiedMailboxBehind() {
        MailboxStore store = store();
        int agents = 2000;
        for (int i = 0; i < agents; i++) {
            get(store.append(message("agent-" + i, Lane.BULK, "m")));
        }
        assertThat(get(store.changedSince(Mark.START)).newest()).hasSize(agents);

        for (int i = 0; i < agents; i++) {
            Entry entry = get(store.claim("agent-" + i, Cursor.START, 1, NO_LIMIT))
                    .entries()
                    .getFirst();
            get(store.delete("agent-" + i, List.of(entry.position())));
        }

        List<String> keys = server.ask("KEYS *")
                .lines()
                .filter(line -> line.startsWith("{"))
                .toList();
        assertThat(keys).hasSizeLessThanOrEqualTo(256).allMatch(key -> key.matches("\\{mb\\d+}:index"));
        assertThat(keys).allMatch(key -> server.answers("ZCARD " + key, ":1\r\n"));
        assertThat(get(store.changedSince(Mark.START)).newest()).isEmpty();
    }

    @Test
    void shouldGiveOutButNotTakeInWhenRedisIsOutOfMemory() {
        MailboxStore store = store();
        get(store.append(message("a", Lane.NORMAL, "1")));
        Position second = new Position(
                Lane.NORMAL, get(store.append(message("a", Lane.NORMAL, "2"))).position());
        server.ask("CONFIG SET maxmemory 1");

        Throwable refused = failure(store.append(message("a", Lane.NORMAL, "3")));

        assertThat(refused).hasMessageStartingWith("OOM");
        assertThat(((RedisFailure) refused).reason()).isEqualTo(Reason.REFUSED);
        assertThat(claim(store, "a")).containsExactly("1", "2");
        assertThat(get(store.claimAgain("a", List.of(second)))).hasSize(1);
        assertThat(get(store.changedSince(Mark.START)).newest()).containsOnlyKeys("a");
        get(store.delete("a", List.of(second)));
        assertThat(get(store.pending("a")).messages()).isEqualTo(1);
    }

    @Test
    void shouldForgetTheClaimsOfWhatIsDeleted() {
        MailboxStore store = store();
        Appended first = get(store.append(message("a", Lane.NORMAL, "1")));
        get(store.append(message("a", Lane.NORMAL, "2")));
        claim(store, "a");

        get(store.delete("a", List.of(new Position(Lane.NORMAL, first.position()))));

        assertThat(server.ask("HLEN " + MailboxKeys.of("a").claims())).startsWith(":1\r\n");
    }

    /** As if the clock had been an hour ahead when another mailbox of the shard was emptied. */
    @Test
    void shouldNotGoBackWithTheClock() {
        MailboxStore store = store();
        Appended first = get(store.append(message("a", Lane.NORMAL, "1")));
        long ahead = (Instant.now().getEpochSecond() + 3600) * 1_000_000;
        server.ask("ZADD " + MailboxKeys.of("a").index() + " " + ahead + " \"\"");
        get(store.delete("a", List.of(new Position(Lane.NORMAL, first.position()))));
        Mark before = get(store.changedSince(Mark.START)).until();

        long second = get(store.append(message("a", Lane.NORMAL, "2"))).position();
        Changed changed = get(store.changedSince(before));
        get(store.delete("a", List.of(new Position(Lane.NORMAL, second))));
        long third = get(store.append(message("a", Lane.NORMAL, "3"))).position();

        assertThat(second).isBetween(ahead + 1, ahead + 8);
        assertThat(third).isEqualTo(second + 8);
        assertThat(changed.newest()).containsOnlyKeys("a");
    }

    @Test
    void shouldTellOfEverythingWhenRedisLostItsData() {
        MailboxStore store = store();
        get(store.append(message("a", Lane.NORMAL, "1")));
        String index = MailboxKeys.of("a").index();
        server.ask("ZADD " + index + " " + (Instant.now().getEpochSecond() + 3600) * 1_000_000 + " \"\"");
        Mark before = get(store.changedSince(Mark.START)).until();
        server.ask("FLUSHALL");
        get(store.append(message("a", Lane.NORMAL, "2")));

        Changed changed = get(store.changedSince(before));

        assertThat(changed.newest()).containsOnlyKeys("a");
    }

    @Test
    void shouldFailWithWhatIsKnownWhenRedisIsAway() {
        MailboxStore store = store();
        List<Supplier<Future<?>>> calls = List.of(
                () -> store.append(message("a", Lane.NORMAL, "1")),
                () -> store.claim("a", Cursor.START, 1, 1),
                () -> store.claimAgain("a", List.of(NOWHERE)),
                () -> store.delete("a", List.of(NOWHERE)),
                () -> store.pending("a"),
                () -> store.changedSince(Mark.START));

        server.kill();

        // The connections notice it one after the other.
        calls.forEach(call -> await(() -> ((RedisFailure) failure(call.get())).reason() == Reason.NOT_SENT));
    }
}
