package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.FollowedChannels;
import io.signalbox.codecs.internal.FollowedVersion;
import io.signalbox.codecs.internal.ReportOutcomes;
import io.signalbox.codecs.internal.RolloutOutcomes;
import io.signalbox.codecs.internal.VersionOutcomes;
import io.signalbox.codecs.proto.Skill;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FollowersTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final int ALL = 10_000;

    private final Followers followers = new Followers();
    private final VersionTally tally = new VersionTally(followers);
    private final UUID task = UUID.randomUUID();

    private static FollowedVersion version(String version) {
        return FollowedVersion.newBuilder()
                .setVersion(version)
                .addSkills(Skill.newBuilder().setName("review").setVersion(version))
                .build();
    }

    private static FollowedChannels channels(long revision, String stable, String canary, int share) {
        FollowedChannels.Builder channels = FollowedChannels.newBuilder()
                .setDefinition("reviewer")
                .setRevision(revision)
                .setStable(version(stable));
        return canary.isEmpty()
                ? channels.build()
                : channels.setCanary(version(canary))
                        .setRollout(1)
                        .setShare(share)
                        .build();
    }

    private static RosterAgent agent(String definition, String version) {
        RosterAgent agent = new RosterAgent("a", 1, List.of(), 1);
        agent.definition = AgentDefinition.of(AgentInfo.newBuilder()
                .setDefinition(definition)
                .setDefinitionVersion(version)
                .build());
        return agent;
    }

    /** Agent a is at place 1072 of 10,000 in rollouts of this number of another definition; here only 0 and all are used. */
    @ParameterizedTest
    @CsvSource({
        "reviewer@stable,0,1.0.0",
        "reviewer@stable,10000,2.0.0",
        "reviewer@canary,0,2.0.0",
    })
    void shouldGiveTheCanaryToItsCohortAndToWhoWantsIt(String definition, int share, String expected) {
        followers.learn(channels(1, "1.0.0", "2.0.0", share));

        assertThat(followers.next(agent(definition, "0.9.0")))
                .map(FollowedVersion::getVersion)
                .contains(expected);
        assertThat(followers.next(agent(definition, expected))).isEmpty();
    }

    @Test
    void shouldGiveTheStableVersionWithoutACanary() {
        followers.learn(channels(1, "1.0.0", "2.0.0", ALL));
        followers.learn(channels(2, "1.0.0", "", 0));

        assertThat(followers.next(agent("reviewer@canary", "2.0.0")))
                .map(FollowedVersion::getVersion)
                .contains("1.0.0");
    }

    @Test
    void shouldLeaveAloneWhoFollowsNoChannel() {
        followers.learn(channels(1, "1.0.0", "2.0.0", ALL));

        assertThat(followers.next(agent("reviewer@1.0.0", ""))).isEmpty();
        assertThat(followers.next(agent("other@stable", "1.0.0"))).isEmpty();
        assertThat(followers.next(agent("", ""))).isEmpty();
    }

    @Test
    void shouldNotGoBackToChannelsThatCameLate() {
        followers.learn(channels(2, "1.0.0", "", 0));

        assertThat(followers.learn(channels(1, "1.0.0", "2.0.0", ALL))).isFalse();
        assertThat(followers.rolloutOf("reviewer")).isEmpty();
    }

    private static AgentDefinition of(String definition, String version) {
        return agent(definition, version).definition;
    }

    private Optional<RolloutOutcomes> drained() {
        return tally.drain(7).map(report -> report.getRollouts(0));
    }

    @Test
    void shouldCountEndsByVersionWithTheirTime() {
        followers.learn(channels(1, "1.0.0", "2.0.0", 100));
        tally.assigned(task, of("reviewer@stable", "1.0.0"), NOW);
        tally.succeeded(task, NOW.plusMillis(12));
        tally.assigned(task, of("reviewer@stable", "2.0.0"), NOW);
        tally.failed(task);

        ReportOutcomes report = tally.drain(7).orElseThrow();

        assertThat(report.getEpoch()).isEqualTo(7);
        assertThat(report.getRollouts(0).getRollout()).isEqualTo(1);
        assertThat(report.getRollouts(0).getStable())
                .isEqualTo(VersionOutcomes.newBuilder()
                        .setSucceeded(1)
                        .putLatencies(12, 1)
                        .build());
        assertThat(report.getRollouts(0).getCanary())
                .isEqualTo(VersionOutcomes.newBuilder().setFailed(1).build());
        assertThat(tally.drain(7)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"reviewer@1.0.0,''", "reviewer@canary,2.0.0", "reviewer@stable,0.9.0", "other@stable,1.0.0", "'',''"})
    void shouldCountOnlyWhomChanceGaveOneOfTheTwo(String definition, String version) {
        followers.learn(channels(1, "1.0.0", "2.0.0", 100));

        tally.assigned(task, of(definition, version), NOW);
        tally.failed(task);

        assertThat(drained()).isEmpty();
    }

    @Test
    void shouldCountAnAssignmentOnce() {
        followers.learn(channels(1, "1.0.0", "2.0.0", 100));
        tally.assigned(task, of("reviewer@stable", "1.0.0"), NOW);

        tally.failed(task);
        tally.succeeded(task, NOW);

        assertThat(drained().orElseThrow().getStable().getSucceeded()).isZero();
    }

    @Test
    void shouldNotCountWhatWasDeclinedNorWhatEndsAfterTheRollout() {
        followers.learn(channels(1, "1.0.0", "2.0.0", 100));
        tally.assigned(task, of("reviewer@stable", "1.0.0"), NOW);
        tally.forget(task);
        tally.failed(task);
        tally.assigned(task, of("reviewer@stable", "2.0.0"), NOW);
        followers.learn(channels(2, "1.0.0", "", 0));

        tally.failed(task);

        assertThat(drained()).isEmpty();
    }
}
