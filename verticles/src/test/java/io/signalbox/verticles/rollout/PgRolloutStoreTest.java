package io.signalbox.verticles.rollout;

import static io.signalbox.verticles.PortCalls.assertAnswersOnTheCallersContext;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.proto.Skill;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.postgres.TestDatabase;
import io.signalbox.verticles.rollout.Channels.Action;
import io.signalbox.verticles.rollout.Channels.Decider;
import io.signalbox.verticles.rollout.Channels.Outcome;
import io.signalbox.verticles.rollout.Rollout.State;
import io.signalbox.verticles.rollout.RolloutStore.Judged;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a real PostgreSQL; each test has a definition of its own. */
class PgRolloutStoreTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Evidence SEEN = new Evidence(
            new Outcomes(90, 1, Map.of(20, 80L, 31, 10L)),
            new Outcomes(5, 5, Map.of(21, 5L)),
            Outcomes.NONE,
            new Outcomes(1, 0, Map.of(3, 1L)),
            new OddsTest.Kept(List.of(0.5, -1.25), 2.5, 1, 91, 5, 10),
            OddsTest.Kept.NONE,
            1023,
            7);

    private static TestDatabase database;
    private static RolloutStore store;

    private final String definition = "d" + UUID.randomUUID();

    @BeforeAll
    static void start() throws IOException {
        database = TestDatabase.start();
        store = new PgRolloutStore(database.store());
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
    }

    @BeforeEach
    void publish() {
        PublishedDefinitions.publish(database.store(), definition, "1.0.0", "review@1.0.0");
        PublishedDefinitions.publish(database.store(), definition, "1.1.0", "review@1.2.0");
        PublishedDefinitions.publish(database.store(), definition, "2.0.0", "review@2.0.0");
    }

    private Channels channels() {
        return get(store.find(definition)).orElseThrow().channels();
    }

    private static Decider at(long revision) {
        return new Decider(revision, "ann", "because");
    }

    private Outcome.Changed start(Channels from) {
        return (Outcome.Changed) from.start("1.1.0", 500, Bounds.DEFAULT, at(from.revision()), NOW);
    }

    private static Outcome.Changed change(Channels from, Action action) {
        long number = from.rollout().orElseThrow().number();
        return (Outcome.Changed) from.change(number, action, at(from.revision()), NOW);
    }

    private static boolean take(Outcome.Changed changed) {
        return get(store.take(changed.channels(), changed.move(), Optional.empty()));
    }

    @Test
    void shouldHaveTheFirstVersionAsStableUntilSomethingIsDecided() {
        assertThat(channels()).isEqualTo(new Channels(definition, 0, "1.0.0", Optional.empty()));
        assertThat(get(store.find("unheard-of"))).isEmpty();
        assertThat(get(store.isPublished(definition, "1.1.0"))).isTrue();
        assertThat(get(store.isPublished(definition, "1.1.1"))).isFalse();
    }

    @Test
    void shouldKeepADecisionWithItsHistory() {
        Outcome.Changed started = start(channels());
        take(started);
        Outcome.Changed promoted = change(channels(), Action.PROMOTE);
        take(promoted);

        assertThat(channels()).isEqualTo(promoted.channels());
        assertThat(get(store.moves(definition, Long.MAX_VALUE, 9))).containsExactly(promoted.move(), started.move());
        assertThat(get(store.moves(definition, 2, 9))).containsExactly(started.move());
        assertThat(get(store.rollouts(definition, 9, 9)))
                .extracting(judged -> judged.rollout().state())
                .containsExactly(State.PROMOTED);
    }

    @Test
    void shouldTellTheSkillsOfBothVersions() {
        take(start(channels()));

        RolloutStore.Followed followed = get(store.find(definition)).orElseThrow();

        assertThat(followed.stableSkills()).extracting(Skill::getVersion).containsExactly("1.0.0");
        assertThat(followed.canarySkills()).extracting(Skill::getVersion).containsExactly("1.2.0");
    }

    @Test
    void shouldTakeOneOfManyDecisionsOverOneRevision() {
        Channels seen = channels();
        List<Future<Boolean>> at = IntStream.range(0, 8)
                .mapToObj(n -> (Outcome.Changed) seen.move(n % 2 == 0 ? "1.1.0" : "2.0.0", at(0), NOW))
                .map(changed -> store.take(changed.channels(), changed.move(), Optional.empty()))
                .toList();

        assertThat(at.stream().filter(taken -> get(taken))).hasSize(1);
        assertThat(get(store.moves(definition, Long.MAX_VALUE, 9))).hasSize(1);
        assertThat(channels().stable())
                .isEqualTo(get(store.moves(definition, Long.MAX_VALUE, 9))
                        .getFirst()
                        .stable());
    }

    @Test
    void shouldRefuseADecisionOverARevisionThatIsNotThere() {
        Channels later = new Channels(definition, 4, "1.1.0", Optional.empty());
        Outcome.Changed moved = (Outcome.Changed) later.move("2.0.0", at(4), NOW);

        assertThat(take(moved)).isFalse();
        assertThat(channels().revision()).isZero();
    }

    @Test
    void shouldTakeNothingWhenTheFenceDoesNotHold() {
        Outcome.Changed moved = (Outcome.Changed) channels().move("1.1.0", at(0), NOW);
        Optional<ShardFence> lost = Optional.of(new ShardFence("nobody's", Map.of(0, 1)));

        Throwable failure = failure(store.take(moved.channels(), moved.move(), lost));

        assertThat(failure)
                .isInstanceOfSatisfying(
                        StoreException.class,
                        fenced -> assertThat(fenced.kind()).isEqualTo(StoreException.Kind.FENCED));
        assertThat(channels().revision()).isZero();
    }

    @Test
    void shouldKeepEvidenceOfTheLatestOwner() {
        take(start(channels()));
        Evidence older = Evidence.NONE;

        get(store.keep(definition, 1, 5, SEEN));
        get(store.keep(definition, 1, 4, older));

        assertThat(get(store.rollouts(definition, 2, 1)))
                .extracting(Judged::evidence)
                .containsExactly(SEEN);
    }

    @Test
    void shouldKeepWhatADecisionWasMadeBy() {
        take(start(channels()));
        get(store.keep(definition, 1, 5, SEEN));
        Outcome.Changed back = change(channels(), Action.ROLLBACK);

        take(new Outcome.Changed(back.channels(), back.move().with(SEEN)));
        get(store.keep(definition, 1, 6, Evidence.NONE)); // too late

        assertThat(get(store.moves(definition, 9, 1)).getFirst().evidence()).contains(SEEN);
        assertThat(get(store.rollouts(definition, 2, 1)))
                .extracting(Judged::evidence)
                .containsExactly(SEEN);
    }

    @Test
    void shouldFindWhatChangedLately() {
        Instant before = get(store.changedAfter(Instant.EPOCH)).at();
        take(start(channels()));

        RolloutStore.Changes changes = get(store.changedAfter(before));

        assertThat(changes.channels())
                .extracting(RolloutStore.Followed::channels)
                .contains(channels());
        assertThat(get(store.changedAfter(changes.at().plusSeconds(60))).channels())
                .isEmpty();
    }

    @Test
    void shouldAnswerOnTheCallersContext() {
        assertAnswersOnTheCallersContext(database.vertx(), () -> store.find(definition));
    }

    @Test
    void shouldSayThatItIsAway() {
        assertThat(failure(new PgRolloutStore(database.away()).find(definition)))
                .isInstanceOf(StoreException.class);
    }
}
