package io.signalbox.verticles.locking;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.proto.Document;
import io.signalbox.verticles.locking.BarrierStore.Arrival;
import io.signalbox.verticles.locking.BarrierStore.Party;
import io.signalbox.verticles.locking.DocumentStore.Outcome;
import io.signalbox.verticles.locking.DocumentStore.Result;
import io.signalbox.verticles.postgres.TestDatabase;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Epochs, documents and barriers on a real PostgreSQL. */
class PgSharedStateTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private static TestDatabase database;

    private final String name = "n" + UUID.randomUUID();
    private final DocumentStore documents = new PgDocumentStore(database.store(), 10_000);
    private final BarrierStore barriers = new PgBarrierStore(database.store(), 10_000);

    @BeforeAll
    static void start() throws IOException {
        database = TestDatabase.start();
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
    }

    private Document document(long revision, String content, long token) {
        return Document.newBuilder()
                .setName(name)
                .setRevision(revision)
                .setContentType("text/plain")
                .setPayload(ByteString.copyFromUtf8(content))
                .setToken(token)
                .setWriter("agent/x")
                .setWrittenAt(7)
                .build();
    }

    private Result put(long revision, String content, long token) {
        return get(documents.put(document(revision, content, token)));
    }

    @Test
    void shouldGiveEachEpochOnce() {
        LockEpochs epochs = new PgLockEpochs(database.store());
        List<Future<Integer>> taken =
                IntStream.range(0, 50).mapToObj(i -> epochs.next()).toList();

        assertThat(taken.stream().map(epoch -> get(epoch))).doesNotHaveDuplicates();
        assertThat(get(epochs.next())).isGreaterThan(get(taken.getFirst()));
    }

    @Test
    void shouldPutWhatReplacesTheRevisionThatIsThere() {
        assertThat(put(0, "a", 0)).isEqualTo(new Result(Outcome.PUT, 1, 0));
        assertThat(put(0, "b", 0)).isEqualTo(new Result(Outcome.CONFLICT, 1, 0));
        assertThat(put(2, "b", 0)).isEqualTo(new Result(Outcome.CONFLICT, 1, 0));
        assertThat(put(1, "b", 0)).isEqualTo(new Result(Outcome.PUT, 2, 0));

        assertThat(get(documents.get(name))).contains(document(2, "b", 0));
    }

    @Test
    void shouldRefuseLowerTokensThanTheDocumentWasWrittenUnder() {
        put(0, "a", 5);

        assertThat(put(1, "b", 4)).isEqualTo(new Result(Outcome.STALE, 1, 5));
        assertThat(put(1, "b", 0)).isEqualTo(new Result(Outcome.STALE, 1, 5));
        assertThat(put(1, "b", 5).outcome()).isEqualTo(Outcome.PUT);
        assertThat(put(2, "c", 9)).isEqualTo(new Result(Outcome.PUT, 3, 9));
    }

    @Test
    void shouldGoOnWithRevisionsAndTokenOfADocumentThatWasRemoved() {
        put(0, "a", 5);
        put(1, "", 6);

        assertThat(get(documents.get(name))).isEmpty();
        assertThat(put(0, "b", 5).outcome()).isEqualTo(Outcome.STALE);
        assertThat(put(0, "b", 6)).isEqualTo(new Result(Outcome.PUT, 3, 6));
    }

    @Test
    void shouldLetOneOfManyThatPutAtOnceWin() {
        List<Future<Result>> puts = IntStream.range(0, 20)
                .mapToObj(i -> documents.put(document(0, "by " + i, 0)))
                .toList();

        assertThat(puts.stream().map(put -> get(put).outcome()).filter(Outcome.PUT::equals))
                .hasSize(1);
    }

    @Test
    void shouldRefuseMoreThanThereMayBe() {
        DocumentStore full = new PgDocumentStore(database.store(), 0);
        BarrierStore none = new PgBarrierStore(database.store(), 0);

        assertThat(get(full.put(document(0, "a", 0))).outcome()).isEqualTo(Outcome.FULL);
        assertThat(get(none.arrive(arrival("x", 2, LONG)))).isEmpty();
    }

    private Arrival arrival(String party, int needed, Duration lease) {
        return new Arrival(name, party, "agent-of-" + party, 7, needed, lease);
    }

    private Party arrive(String party) {
        return get(barriers.arrive(arrival(party, 2, LONG))).getFirst();
    }

    @Test
    void shouldLetAllPassWhenTheLastOneArrives() {
        assertThat(arrive("x")).isEqualTo(new Party("x", "agent-of-x", 7, 1, false, 1));
        assertThat(arrive("x").arrived()).isEqualTo(1);

        List<Party> passing = get(barriers.arrive(arrival("y", 2, LONG)));

        assertThat(passing.stream().map(Party::party)).containsExactly("y", "x");
        assertThat(passing).allMatch(Party::passed);
        assertThat(arrive("x")).isEqualTo(new Party("x", "agent-of-x", 7, 1, true, 2));
        assertThat(arrive("z")).isEqualTo(new Party("z", "agent-of-z", 7, 2, false, 1));
    }

    @Test
    void shouldNotCountWhoIsNotHeardOfOrHasLeft() {
        get(barriers.arrive(arrival("x", 3, Duration.ofMillis(1))));
        get(barriers.arrive(arrival("y", 3, LONG)));
        get(barriers.leave(name, "y", "agent-of-y"));
        get(barriers.leave(name, "z", "another"));

        await(() -> get(barriers.arrive(arrival("z", 3, LONG))).getFirst().arrived() == 1);
    }
}
