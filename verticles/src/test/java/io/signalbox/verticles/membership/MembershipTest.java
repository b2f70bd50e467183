package io.signalbox.verticles.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.config.NodeKind;
import io.signalbox.verticles.membership.Effect.Reason;
import io.signalbox.verticles.membership.MembershipStore.Incarnation;
import io.signalbox.verticles.membership.MembershipStore.NodeRow;
import io.signalbox.verticles.membership.MembershipStore.Renewal;
import io.signalbox.verticles.membership.MembershipStore.ShardRow;
import io.signalbox.verticles.membership.MembershipStore.Suspect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Step by step what {@link MembershipSimulationTest} meets by chance. The lease is 3 s. */
class MembershipTest {
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Shard SHARD = new Shard("tasks", 0);
    private static final Incarnation SELF = new Incarnation("a", 10);
    private static final Suspect SILENT_B = new Suspect(new Incarnation("b", 5), true);

    private final Membership membership = new Membership(
            new NodeProfile("a", NodeKind.PRIMARY, 100, "", new UUID(0, 1), new UUID(1, 1)), Set.of("tasks"), LEASE);
    private long version;
    private long renewals;

    private static long at(int millis) {
        return Duration.ofMillis(millis).toNanos();
    }

    /** Of node b, whose capacity of one makes every shard that matters here node a's. */
    private NodeRow b(int age) {
        Member member = new Member("b", 5, NodeKind.EDGE, 1, "", State.LIVE);
        return new NodeRow(member, ++renewals, Duration.ofMillis(age), LEASE);
    }

    private List<Effect> renewed(int millis, NodeRow... others) {
        return membership.renewed(new Renewal(true, List.of(others), version), at(millis));
    }

    private List<Effect> joined() {
        membership.start(at(0));
        membership.ready(at(0));
        return membership.joined(Optional.of(SELF.number()), at(10));
    }

    private List<Effect> shardsRead(int millis, String owner, int incarnation, int epoch) {
        version = epoch;
        return membership.shardsRead(List.of(row(owner, incarnation, epoch)), at(millis));
    }

    private static ShardRow row(String owner, int incarnation, int epoch) {
        return new ShardRow(SHARD, owner, incarnation, epoch);
    }

    /** At 50 ms, with the one shard under epoch 20. */
    private void owner() {
        joined();
        renewed(20);
        shardsRead(30, "", 0, 19);
        membership.done(at(40));
        assertThat(shardsRead(50, "a", 10, 20)).contains(new Effect.ShardsGained(Map.of(SHARD, 20)));
    }

    /** At 520 ms. */
    private void leavingOwner() {
        owner();
        membership.drain(at(500));
        assertThat(renewed(520)).contains(new Effect.ShardsLeaving(Set.of(SHARD)));
    }

    @Test
    void shouldActWhenItHasJoinedAndTellWhatItIs() {
        assertThat(membership.whyNot()).contains(Reason.NOT_JOINED);

        assertThat(joined()).containsExactly(new Effect.Act(10), new Effect.Renew(SELF, State.LIVE));

        assertThat(membership.whyNot()).isEmpty();
        assertThat(membership.incarnation()).isEqualTo(10);
        assertThat(membership.members()).containsExactly(new Member("a", 10, NodeKind.PRIMARY, 100, "", State.JOINING));
    }

    @Test
    void shouldCountTheLeaseFromTheStartOfARenewalAndStopBeforeItsEnd() {
        joined();
        renewed(20);
        assertThat(membership.shardsRead(List.of(), at(2_000))).containsExactly(new Effect.Renew(SELF, State.LIVE));

        renewed(2_600);

        assertThat(membership.mayAct(at(4_699))).isTrue();
        assertThat(membership.mayAct(at(4_700))).isFalse();
        assertThat(membership.tick(at(4_700))).contains(new Effect.StopActing(Reason.STORE_AWAY));
    }

    @Test
    void shouldAskForNothingButARenewalWhenItsLeaseIsOver() {
        owner();
        List<Effect> effects = new ArrayList<>();
        boolean isAsking = false;
        for (int millis = 600; millis < 5_000; millis += 50) {
            List<Effect> step = isAsking ? membership.failed(at(millis)) : membership.tick(at(millis));
            isAsking = step.stream().anyMatch(effect -> effect instanceof Effect.StoreCall);
            if (millis >= 2_710) {
                effects.addAll(step);
            }
        }

        assertThat(effects)
                .contains(new Effect.StopActing(Reason.STORE_AWAY))
                .hasOnlyElementsOfTypes(Effect.StopActing.class, Effect.Renew.class);
    }

    @Test
    void shouldFenceASilentPeerOnceForEachTimeThatItIsRead() {
        joined();
        renewed(20, b(0));
        membership.shardsRead(List.of(), at(30));
        membership.peerClosed("b", at(40));
        membership.tick(at(700));
        renewed(710, b(690));
        Effect fence = new Effect.Fence(SELF, List.of(SILENT_B));

        assertThat(membership.tick(at(760))).isEmpty();
        assertThat(membership.tick(at(780))).containsExactly(fence);
        assertThat(membership.fenced(Set.of(), at(790))).isEmpty();
        assertThat(membership.tick(at(820))).isEmpty();
        assertThat(membership.tick(at(830))).containsExactly(new Effect.Renew(SELF, State.LIVE));
        assertThat(renewed(840, b(820))).containsExactly(fence);
        assertThat(membership.fenced(Set.of(SILENT_B.incarnation()), at(850)))
                .contains(new Effect.PeerDown(b(0).member()));
    }

    @Test
    void shouldNotSuspectAPeerWhoseLinkIsOpenAgain() {
        joined();
        renewed(20, b(0));
        membership.shardsRead(List.of(), at(30));
        membership.peerClosed("b", at(40));
        membership.peerOpened("b", at(50));
        membership.tick(at(700));
        renewed(710, b(690));

        assertThat(membership.tick(at(1_000))).isEmpty();
    }

    @Test
    void shouldGiveASilentPeerTimeWhenItsOwnRenewalsWereLateToo() {
        joined();
        renewed(20, b(0));
        membership.shardsRead(List.of(), at(30));
        membership.peerClosed("b", at(40));
        membership.tick(at(520));
        renewed(1_300, b(1_280));

        assertThat(renewed(1_310, b(1_290))).isEmpty();
        membership.tick(at(1_800));
        assertThat(renewed(2_050, b(2_030))).containsExactly(new Effect.Fence(SELF, List.of(SILENT_B)));
    }

    @Test
    void shouldTellANewStateAtOnceWhenTheOldOneIsBeingTold() {
        joined();
        membership.drain(at(15));

        assertThat(renewed(20)).containsExactly(new Effect.Renew(SELF, State.DRAINING));
    }

    @Test
    void shouldNotActAgainWhenItIsLeaving() {
        joined();
        assertThat(membership.leave(at(15))).containsExactly(new Effect.StopActing(Reason.LEFT));

        assertThat(renewed(20)).containsExactly(new Effect.Leave(SELF));

        assertThat(membership.done(at(30))).isEmpty();
        assertThat(membership.hasEnded()).isTrue();
    }

    @Test
    void shouldLookSoonerWhenAnUnknownPeerConnects() {
        joined();
        renewed(20);
        membership.shardsRead(List.of(), at(30));

        assertThat(membership.peerOpened("c", at(100))).isEmpty();
        assertThat(membership.tick(at(140))).containsExactly(new Effect.Renew(SELF, State.LIVE));
    }

    @Test
    void shouldNotWorkOnAShardThatIsLeavingAndReleaseItWhenWorkHasStopped() {
        leavingOwner();

        assertThat(membership.epoch(SHARD)).isEmpty();
        assertThat(membership.hasNoShards()).isFalse();
        membership.tick(at(1_020));
        assertThat(renewed(1_030)).isEmpty();
        assertThat(membership.stopped(Set.of(SHARD), at(1_040)))
                .contains(new Effect.ReleaseShards(SELF, List.of(row("a", 10, 20))));
        membership.done(at(1_050));
        shardsRead(1_060, "", 0, 21);
        assertThat(membership.hasNoShards()).isTrue();
    }

    /** It is live again, so the shard is meant for it after all; but work on it was told to stop. */
    @Test
    void shouldLetALeavingShardGoBeforeItTakesItAgain() {
        leavingOwner();
        membership.ready(at(530));
        renewed(540);
        membership.stopped(Set.of(SHARD), at(550));
        membership.failed(at(560));
        membership.tick(at(1_100));
        version = 0;
        renewed(1_110);

        List<Effect> read = shardsRead(1_120, "a", 10, 20);

        assertThat(read).containsExactly(new Effect.ReleaseShards(SELF, List.of(row("a", 10, 20))));
        membership.done(at(1_130));
        assertThat(shardsRead(1_140, "", 0, 21)).containsExactly(new Effect.ClaimShards(SELF, List.of(row("", 0, 21))));
        membership.done(at(1_150));
        shardsRead(1_160, "a", 10, 22);
        assertThat(membership.epoch(SHARD)).hasValue(22);
    }

    @Test
    void shouldForgetAShardThatItGotBackUnderAnotherEpoch() {
        owner();
        version = 23;
        membership.tick(at(600));
        renewed(610);

        assertThat(shardsRead(620, "a", 10, 23))
                .containsExactly(new Effect.ShardsLost(Set.of(SHARD)), new Effect.ShardsGained(Map.of(SHARD, 23)));
    }

    @Test
    void shouldNotClaimWhatWasRefusedBeforeTheNextRenewal() {
        joined();
        renewed(20);
        Effect claim = new Effect.ClaimShards(SELF, List.of(row("dead", 3, 19)));
        assertThat(shardsRead(30, "dead", 3, 19)).containsExactly(claim);
        membership.done(at(40));

        assertThat(shardsRead(50, "dead", 3, 19)).isEmpty();
        List<Effect> later = new ArrayList<>(membership.tick(at(530)));
        later.addAll(renewed(540));
        assertThat(later).contains(claim);
    }

    /** After a pause of the process others may be the first to ask. */
    @Test
    void shouldNotSeemToActToAnybodyOnceItsLeaseIsOver() {
        AtomicLong clock = new AtomicLong(at(60));
        PublishedView view = new PublishedView(clock::get);
        owner();
        view.publish(membership);
        assertThat(view.mayAct()).isTrue();
        assertThat(view.epoch(SHARD)).hasValue(20);

        clock.set(at(10 + 2_700));

        assertThat(view.mayAct()).isFalse();
        assertThat(view.whyNot()).contains(Reason.STORE_AWAY.text());
        assertThat(view.epoch(SHARD)).isEmpty();
        assertThat(view.owner(SHARD)).contains(new ClusterView.Owner("a", 10, 20));
    }

    @Test
    void shouldLoseEverythingAndJoinAgainWhenItWasFenced() {
        leavingOwner();
        membership.ready(at(600));

        List<Effect> refused = membership.renewed(new Renewal(false, List.of(), 0), at(610));

        assertThat(refused)
                .containsExactly(
                        new Effect.StopActing(Reason.FENCED),
                        new Effect.ShardsLost(Set.of(SHARD)),
                        new Effect.Join(10));
        assertThat(membership.incarnation()).isZero();
        assertThat(membership.joined(Optional.of(30), at(620))).contains(new Effect.Act(30));
        assertThat(membership.members()).allMatch(member -> member.state() == State.JOINING);
        renewed(630);
        shardsRead(640, "a", 30, 31);
        assertThat(membership.epoch(SHARD)).hasValue(31);
    }

    @Test
    void shouldDoNothingMoreWhenAnotherProcessHasItsId() {
        joined();
        membership.renewed(new Renewal(false, List.of(), 0), at(20));

        assertThat(membership.joined(Optional.empty(), at(30)))
                .containsExactly(new Effect.StopActing(Reason.SUPERSEDED));
        assertThat(membership.hasEnded()).isTrue();
        assertThat(membership.tick(at(60_000))).isEmpty();
    }
}
