package io.signalbox.verticles.rollout;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.ChangeRollout;
import io.signalbox.codecs.internal.ChannelMove;
import io.signalbox.codecs.internal.ChannelMovePage;
import io.signalbox.codecs.internal.ChannelsView;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.FollowedChannels;
import io.signalbox.codecs.internal.GetChannels;
import io.signalbox.codecs.internal.GetRollout;
import io.signalbox.codecs.internal.ListChannelMoves;
import io.signalbox.codecs.internal.MoveStable;
import io.signalbox.codecs.internal.ReportOutcomes;
import io.signalbox.codecs.internal.RolloutOutcomes;
import io.signalbox.codecs.internal.RolloutView;
import io.signalbox.codecs.internal.StartRollout;
import io.signalbox.codecs.internal.VersionOutcomes;
import io.signalbox.config.BusConfig;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.postgres.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes on one real PostgreSQL; only the store connects them. */
@Timeout(90)
class RolloutVerticleTest {
    private static final String KIND = "tasks-" + UUID.randomUUID();
    private static final int EPOCH = 7;

    private static TestDatabase database;

    private final String definition = "d" + UUID.randomUUID();
    private final Node one = new Node("n1");
    private final Node other = new Node("n2");

    private static final class Node {
        final Vertx vertx = Vertx.vertx();
        final SimpleMeterRegistry meters = new SimpleMeterRegistry();
        final LocalMessageBus bus = new LocalMessageBus(new Random(1), meters);
        final BusConfig config = new BusConfig(1024, Duration.ofSeconds(20));
        final BusServices services;
        final Queue<FollowedChannels> told = new ConcurrentLinkedQueue<>();

        Node(String id) {
            services = new BusServices(bus, vertx, id, config, InstantSource.system(), meters);
            bus.subscribe(new AddressPattern(RolloutVerticle.CHANNELS), "", message -> {
                try {
                    told.add(FollowedChannels.parseFrom(message.payload()));
                } catch (InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
                return OfferResult.ACCEPTED;
            });
            get(vertx.deployVerticle(new RolloutVerticle(
                    bus,
                    services,
                    new PgRolloutStore(database.store()),
                    id,
                    config,
                    epoch -> new ShardFence(KIND, Map.of(0, epoch)),
                    InstantSource.system(),
                    meters)));
        }

        ChannelsView decide(MessageLite request) {
            return get(services.call(RolloutVerticle.ADDRESS, request, ChannelsView.parser(), Duration.ofSeconds(20)));
        }

        Throwable refusal(MessageLite request) {
            return failure(
                    services.call(RolloutVerticle.ADDRESS, request, ChannelsView.parser(), Duration.ofSeconds(20)));
        }

        void close() {
            services.close();
            vertx.close().await();
        }
    }

    @BeforeAll
    static void start() throws IOException {
        database = TestDatabase.start();
        get(database.store()
                .query(
                        "INSERT INTO shards (kind, number, owner, epoch) VALUES ($1, 0, 'n1', $2)",
                        Tuple.of(KIND, EPOCH)));
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
    }

    @BeforeEach
    void publish() {
        PublishedDefinitions.publish(database.store(), definition, "1.0.0", "review@1.0.0");
        PublishedDefinitions.publish(database.store(), definition, "1.1.0", "review@1.1.0");
    }

    @AfterEach
    void close() {
        one.close();
        other.close();
    }

    private StartRollout start(long revision) {
        return StartRollout.newBuilder()
                .setDefinition(definition)
                .setRevision(revision)
                .setVersion("1.1.0")
                .setShare(1000)
                .setBy("ann")
                .setWhy("try it")
                .build();
    }

    private ReportOutcomes report(int epoch, long canaryFailures) {
        return ReportOutcomes.newBuilder()
                .setEpoch(epoch)
                .addRollouts(RolloutOutcomes.newBuilder()
                        .setDefinition(definition)
                        .setRollout(1)
                        .setStable(VersionOutcomes.newBuilder().setSucceeded(100))
                        .setCanary(VersionOutcomes.newBuilder()
                                .setSucceeded(10 - canaryFailures)
                                .setFailed(canaryFailures)))
                .build();
    }

    private void report(Node node, ReportOutcomes report) {
        get(node.services.call(RolloutVerticle.ADDRESS, report, Done.parser(), Duration.ofSeconds(20)));
    }

    private RolloutView rollout(Node node) {
        GetRollout get =
                GetRollout.newBuilder().setDefinition(definition).setRollout(1).build();
        return get(node.services.call(RolloutVerticle.ADDRESS, get, RolloutView.parser(), Duration.ofSeconds(20)));
    }

    private List<ChannelMove> moves(Node node) {
        ListChannelMoves list =
                ListChannelMoves.newBuilder().setDefinition(definition).build();
        return get(node.services.call(RolloutVerticle.ADDRESS, list, ChannelMovePage.parser(), Duration.ofSeconds(20)))
                .getMovesList();
    }

    private boolean isTold(Node node, long revision, boolean canary) {
        return node.told.stream()
                .anyMatch(told -> told.getDefinition().equals(definition)
                        && told.getRevision() == revision
                        && told.hasCanary() == canary);
    }

    @Test
    void shouldTellEveryNodeWhatIsGivenAlsoWhoWasNotTold() {
        ChannelsView after = one.decide(start(0));

        assertThat(after.getRollout().getState()).isEqualTo("running");
        assertThat(isTold(one, 1, true)).isTrue();
        await(() -> isTold(other, 1, true));
        assertThat(other.told.stream()
                        .filter(told -> told.getDefinition().equals(definition))
                        .findFirst()
                        .orElseThrow()
                        .getCanary()
                        .getSkillsList())
                .extracting(skill -> skill.getName() + "@" + skill.getVersion())
                .containsExactly("review@1.1.0");
    }

    @Test
    void shouldRefuseWhatIsNotPublishedAndWhoSawAnotherRevision() {
        MoveStable unpublished = MoveStable.newBuilder()
                .setDefinition(definition)
                .setVersion("9.9.9")
                .build();

        assertThat(one.refusal(unpublished))
                .isInstanceOfSatisfying(
                        ServiceException.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.NOT_FOUND));
        assertThat(one.refusal(start(3)))
                .isInstanceOfSatisfying(
                        ServiceException.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.CONFLICT));
        assertThat(one.refusal(GetChannels.newBuilder().setDefinition("x").build()))
                .isInstanceOfSatisfying(
                        ServiceException.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.NOT_FOUND));
    }

    @Test
    void shouldRollBackABadCanaryOnceWithItsEvidence() {
        one.decide(start(0));

        for (int i = 0; i < 5; i++) {
            report(one, report(EPOCH, 8));
        }

        await(() -> rollout(one).getState().equals("rolled_back"));
        await(() -> isTold(one, 2, false));
        assertThat(moves(one)).hasSize(2);
        ChannelMove back = moves(one).getFirst();
        assertThat(back.getBy()).isEqualTo("signalbox");
        assertThat(back.getWhy()).contains("the canary fails in");
        assertThat(one.meters
                        .counter("signalbox.rollout.decisions", "action", "rollback", "by", "signalbox")
                        .count())
                .isEqualTo(1);
        assertThat(back.getEvidence().getCanary().getFailed()).isPositive();
        assertThat(rollout(other).getEvidence().getErrors().getLogEvidence())
                .isGreaterThan(rollout(other).getEvidence().getErrors().getLogLimit());
    }

    @Test
    void shouldLeaveAloneWhatIsOverWhenOutcomesComeLate() {
        one.decide(start(0));
        for (int i = 0; i < 5; i++) {
            report(one, report(EPOCH, 8));
        }
        await(() -> rollout(one).getState().equals("rolled_back"));
        long seen = rollout(one).getEvidence().getStrata();

        report(one, report(EPOCH, 8));
        one.decide(start(2).toBuilder().setShare(500).build());

        await(() -> isTold(one, 3, true));
        assertThat(rollout(one).getEvidence().getStrata()).isEqualTo(seen);
        assertThat(moves(one)).extracting(ChannelMove::getAction).containsExactly("start", "rollback", "start");
    }

    @Test
    void shouldGoOnWithTheEvidenceOfTheOwnerBefore() {
        one.decide(start(0));
        report(one, report(EPOCH - 1, 0));
        await(() -> rollout(one).getEvidence().getStrata() == 1);

        report(other, report(EPOCH, 0));

        await(() -> rollout(one).getEvidence().getStrata() == 2);
        assertThat(rollout(one).getEvidence().getStable().getSucceeded()).isEqualTo(200);
    }

    @Test
    void shouldLetNoFormerOwnerRollBack() {
        one.decide(start(0));

        for (int i = 0; i < 5; i++) {
            report(one, report(EPOCH - 1, 10));
        }
        report(other, report(EPOCH, 0));

        await(() -> rollout(other).getEvidence().getStable().getSucceeded() >= 100);
        assertThat(rollout(other).getState()).isEqualTo("running");
    }

    @Test
    void shouldComparePausedRolloutsNoFurther() {
        one.decide(start(0));
        report(one, report(EPOCH, 1));
        await(() -> rollout(one).getEvidence().getStrata() == 1);

        ChannelsView paused = one.decide(ChangeRollout.newBuilder()
                .setDefinition(definition)
                .setRevision(1)
                .setRollout(1)
                .setAction("pause")
                .setBy("ann")
                .build());

        assertThat(paused.getRollout().getState()).isEqualTo("paused");
        await(() -> isTold(other, 2, false));
        assertThat(rollout(other).getEvidence().getCanary().getFailed()).isEqualTo(1);
    }
}
