package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.semver4j.Semver;

/** Tasks and agents to try things with. */
final class Samples {
    static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private Samples() {}

    static UUID id(long number) {
        return new UUID(0, number);
    }

    static TaskSpec spec(long number, String skill, String range) {
        return spec(id(number), skill, range, 5, NOW, Optional.empty(), 3);
    }

    static TaskSpec due(long number, Instant deadline) {
        return spec(id(number), "s", "", 5, NOW, Optional.of(deadline), 3);
    }

    /** Of a tenant without a name, and without a plan. */
    static TaskSpec spec(
            UUID id,
            String skill,
            String range,
            int priority,
            Instant submittedAt,
            Optional<Instant> deadline,
            int attempts) {
        return new TaskSpec(id, skill, range, "", priority, submittedAt, deadline, attempts, TaskPlan.NONE);
    }

    static OpenTask task(long number) {
        return ranked(number, number);
    }

    static OpenTask ranked(long number, long rank) {
        return new OpenTask(spec(number, "s", ""), rank, 1);
    }

    /** @param skills each {@code name@version} */
    static RosterAgent agent(String id, int slots, String... skills) {
        return new RosterAgent(id, 1, skills(skills), slots);
    }

    static RosterAgent connected(String id, int slots, String... skills) {
        RosterAgent agent = agent(id, slots, skills);
        agent.connected = true;
        return agent;
    }

    private static List<AgentSkill> skills(String... skills) {
        return Arrays.stream(skills).map(Samples::skill).toList();
    }

    static AgentSkill skill(String text) {
        int at = text.indexOf('@');
        return new AgentSkill(text.substring(0, at), Semver.parse(text.substring(at + 1)));
    }

    static Plan plan() {
        return new Plan(TaskPlan.NONE);
    }

    /** A plan as a test wants it. */
    record Plan(TaskPlan build) {
        Plan notBefore(Instant at) {
            return with(at, build.requires(), build.onLoss(), build.approval());
        }

        Plan requires(UUID... tasks) {
            return with(build.notBefore(), List.of(tasks), build.onLoss(), build.approval());
        }

        Plan onLoss(TaskPlan.OnLoss onLoss) {
            return with(build.notBefore(), build.requires(), onLoss, build.approval());
        }

        Plan approval() {
            return with(build.notBefore(), build.requires(), build.onLoss(), true);
        }

        Plan budget(long tokens, int depth, int width) {
            return new Plan(new TaskPlan(
                    build.notBefore(),
                    build.requires(),
                    build.onLoss(),
                    build.approval(),
                    build.parent(),
                    build.root(),
                    build.depth(),
                    new Budget(tokens, 0, depth, width)));
        }

        /** In the parent's tree. */
        Plan partOf(TaskSpec parent) {
            return new Plan(new TaskPlan(
                    build.notBefore(),
                    build.requires(),
                    build.onLoss(),
                    build.approval(),
                    Optional.of(parent.id()),
                    Optional.of(parent.root()),
                    parent.plan().depth() + 1,
                    parent.plan().budget()));
        }

        private Plan with(Instant notBefore, List<UUID> requires, TaskPlan.OnLoss onLoss, boolean approval) {
            return new Plan(new TaskPlan(
                    notBefore,
                    requires,
                    onLoss,
                    approval,
                    build.parent(),
                    build.root(),
                    build.depth(),
                    build.budget()));
        }
    }
}
