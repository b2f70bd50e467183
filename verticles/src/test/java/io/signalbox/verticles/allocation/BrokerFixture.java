package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import io.signalbox.verticles.allocation.Samples.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.semver4j.Semver;

/** A broker with a clock of its own, and what it last asked for. */
final class BrokerFixture {
    static final String SKILL = "text.echo";
    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration GRACE = Duration.ofSeconds(15);
    static final BrokerSettings SETTINGS = new BrokerSettings(
            100, LEASE, GRACE, Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofSeconds(10), Map.of());

    final TaskBroker broker = new TaskBroker(SETTINGS, 1L << 32, new Random(3));
    Instant now = Instant.parse("2030-01-01T00:00:00Z");
    long ids;

    BrokerSettings settings(Map<String, Integer> weights) {
        return new BrokerSettings(
                100, LEASE, GRACE, Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofSeconds(10), weights);
    }

    UUID submit() {
        return submit(5, Optional.empty());
    }

    UUID submit(int priority, Optional<Instant> deadline) {
        TaskSpec spec = spec(priority, deadline);
        effects = broker.submitted(spec, now);
        return spec.id();
    }

    TaskSpec spec(int priority, Optional<Instant> deadline) {
        return Samples.spec(new UUID(0, ++ids), SKILL, "", priority, now, deadline, 3);
    }

    TaskSpec held(Plan plan, Optional<Instant> deadline) {
        return new TaskSpec(new UUID(0, ++ids), SKILL, "", "", 5, now, deadline, 3, plan.build());
    }

    UUID submit(Plan plan) {
        TaskSpec spec = held(plan, Optional.empty());
        effects = broker.submitted(spec, now);
        return spec.id();
    }

    List<Effect> effects = List.of();

    void connect(String id, long generation, int slots) {
        connect(id, generation, slots, Map.of());
    }

    void connect(String id, long generation, int slots, Map<UUID, Long> held) {
        effects = broker.connected(agent(id, generation, slots), held, now);
    }

    void suspend(String id, long generation) {
        effects = broker.suspended(agent(id, generation, 1), Map.of(), now);
    }

    private static RosterAgent agent(String id, long generation, int slots) {
        return new RosterAgent(id, generation, List.of(new AgentSkill(SKILL, Semver.parse("1.2.0"))), slots);
    }

    void pass(Duration time) {
        now = now.plus(time);
        effects = broker.tick(now);
    }

    Effect.Assign assigned() {
        return effects.stream()
                .filter(Effect.Assign.class::isInstance)
                .map(Effect.Assign.class::cast)
                .reduce((a, b) -> {
                    throw new AssertionError("more than one assignment: " + effects);
                })
                .orElseThrow(() -> new AssertionError("no assignment in " + effects));
    }

    Settlement accepted(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).settlement();
    }

    Settlement decline(Effect.Assign assign) {
        return settle(
                assign.task(),
                broker.decline(assign.agent(), assign.generation(), assign.task(), assign.token(), "busy", now));
    }

    Settlement fail(Effect.Assign assign, boolean retryable) {
        return settle(
                assign.task(),
                broker.fail(
                        assign.agent(),
                        assign.generation(),
                        assign.task(),
                        assign.token(),
                        Code.AGENT_FAILED,
                        "no luck",
                        retryable,
                        now));
    }

    Settlement settle(UUID task, Verdict verdict) {
        Settlement settlement = accepted(verdict);
        effects = broker.settled(task, settlement, now);
        return settlement;
    }

    void complete(Effect.Assign assign) {
        settle(assign.task(), broker.complete(assign.agent(), assign.generation(), assign.task(), assign.token()));
    }
}
