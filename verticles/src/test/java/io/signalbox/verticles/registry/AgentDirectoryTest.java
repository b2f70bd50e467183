package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.proto.HeldAssignment;
import io.signalbox.codecs.proto.Skill;
import io.signalbox.verticles.registry.AgentDirectory.Outcome;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AgentDirectoryTest {
    private static final Skill READ =
            Skill.newBuilder().setName("read").setVersion("1.0.0").build();
    private static final Skill WRITE =
            Skill.newBuilder().setName("write").setVersion("2.0.0").build();

    private final AgentDirectory directory = new AgentDirectory(7, 100);
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");

    private static AgentDirectory.Request request(String id, String subject, Skill... skills) {
        return new AgentDirectory.Request(id, "", List.of(skills), 1, Map.of(), "n1", subject, "session");
    }

    private LiveAgent attach(String id, Skill... skills) {
        Outcome outcome = directory.attach(request(id, "me", skills), now);
        assertThat(outcome).isInstanceOf(Outcome.Attached.class);
        return ((Outcome.Attached) outcome).agent();
    }

    private static Code refused(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused) outcome).code();
    }

    @Test
    void shouldGiveEveryAttachAGreaterGenerationWithTheIncarnationInIt() {
        LiveAgent first = attach("a");
        LiveAgent second = attach("a");
        LiveAgent other = attach("b");

        assertThat(second.generation()).isGreaterThan(first.generation());
        assertThat(other.generation()).isGreaterThan(second.generation());
        assertThat(first.generation() >>> 32).isEqualTo(7);
        assertThat(directory.all()).containsExactly(second, other);
    }

    @Test
    void shouldNeverReviveADeadRegistrationByALateHeartbeat() {
        LiveAgent old = attach("a", READ);
        LiveAgent young = attach("a", WRITE);

        assertThat(directory.heard("a", old.generation(), now)).isFalse();
        assertThat(directory.change("a", old.generation(), Presence.PRESENCE_GONE, now))
                .isEmpty();
        assertThat(directory.find("a")).contains(young);

        directory.change("a", young.generation(), Presence.PRESENCE_GONE, now);
        assertThat(directory.heard("a", young.generation(), now)).isFalse();
        assertThat(directory.find("a")).isEmpty();
    }

    /** Generations of a restarted node are greater than all it gave before, however many those were. */
    @Test
    void shouldGiveGreaterGenerationsAfterARestart() {
        LiveAgent last = attach("a");
        for (int i = 0; i < 1_000; i++) {
            last = attach("a");
        }
        AgentDirectory restarted = new AgentDirectory(8, 100);

        LiveAgent first = ((Outcome.Attached) restarted.attach(request("a", "me"), now)).agent();

        assertThat(first.generation()).isGreaterThan(last.generation());
        assertThat(restarted.heard("a", last.generation(), now)).isFalse();
        assertThat(((Outcome.Attached) new AgentDirectory(Integer.MAX_VALUE, 1).attach(request("a", "me"), now))
                        .agent()
                        .generation())
                .isPositive();
    }

    /** Also when the id was free in between: no number is given twice. */
    @Test
    void shouldNotGiveAGenerationAgainAfterTheAgentWasGone() {
        LiveAgent old = attach("a");
        directory.change("a", old.generation(), Presence.PRESENCE_GONE, now);

        LiveAgent young = attach("a");

        assertThat(young.generation()).isGreaterThan(old.generation());
        assertThat(directory.change("a", old.generation(), Presence.PRESENCE_SUSPENDED, now))
                .isEmpty();
        assertThat(directory.find("a")).contains(young);
    }

    @Test
    void shouldNoteASignOfLifeAndLeaveTheRest() {
        LiveAgent agent = attach("a", READ);
        Instant later = now.plusSeconds(9);

        assertThat(directory.heard("a", agent.generation(), later)).isTrue();

        LiveAgent heard = directory.find("a").orElseThrow();
        assertThat(heard.lastSeen()).isEqualTo(later);
        assertThat(heard.since()).isEqualTo(now);
        assertThat(heard).usingRecursiveComparison().ignoringFields("lastSeen").isEqualTo(agent);
        assertThat(directory.heard("nobody", agent.generation(), later)).isFalse();
    }

    @Test
    void shouldSayNothingOfAPresenceThatWasSoBefore() {
        LiveAgent agent = attach("a");

        assertThat(directory.change("a", agent.generation(), Presence.PRESENCE_CONNECTED, now.plusSeconds(1)))
                .isEmpty();
        LiveAgent suspended = directory
                .change("a", agent.generation(), Presence.PRESENCE_SUSPENDED, now.plusSeconds(2))
                .orElseThrow();

        assertThat(suspended.since()).isEqualTo(now.plusSeconds(2));
        assertThat(suspended.generation()).isEqualTo(agent.generation());
        assertThat(directory.change("a", agent.generation(), Presence.PRESENCE_SUSPENDED, now))
                .isEmpty();
        assertThat(directory.find("a")).contains(suspended);
    }

    @Test
    void shouldTellTheLastOfAnAgentThatGoes() {
        LiveAgent agent = attach("a", READ);

        LiveAgent gone = directory
                .change("a", agent.generation(), Presence.PRESENCE_GONE, now.plusSeconds(1))
                .orElseThrow();

        assertThat(gone.presence()).isEqualTo(Presence.PRESENCE_GONE);
        assertThat(gone.skills()).containsExactly(READ);
        assertThat(directory.find("a")).isEmpty();
        assertThat(directory.agentsWith(READ)).isZero();
    }

    /** A refusal changes nothing: the agent that is there stays as it is. */
    @Test
    void shouldLeaveTheAgentAloneThatAnotherIdentityAskedFor() {
        LiveAgent mine = attach("a", READ);

        directory.attach(request("a", "you", WRITE), now.plusSeconds(1));

        assertThat(directory.find("a")).contains(mine);
        assertThat(directory.agentsWith(READ)).isEqualTo(1);
        assertThat(directory.agentsWith(WRITE)).isZero();
        assertThat(attach("b").generation()).as("nor is a number used up").isEqualTo(mine.generation() + 1);
    }

    /** At capacity, a place that is given up is there for the next. */
    @Test
    void shouldTakeAnotherWhenOneHasGone() {
        AgentDirectory small = new AgentDirectory(1, 1);
        LiveAgent first = ((Outcome.Attached) small.attach(request("a", "me"), now)).agent();
        small.change("a", first.generation(), Presence.PRESENCE_SUSPENDED, now);
        assertThat(refused(small.attach(request("b", "me"), now)))
                .as("a suspended one keeps its place")
                .isEqualTo(Code.OVERLOADED);

        small.change("a", first.generation(), Presence.PRESENCE_GONE, now);

        assertThat(small.attach(request("b", "me"), now)).isInstanceOf(Outcome.Attached.class);
    }

    /** What goes on the wire is what is known. */
    @Test
    void shouldTellEverythingOfAnAgent() {
        AgentDirectory.Request request = new AgentDirectory.Request(
                "a", "reader@1.0.0", List.of(READ, WRITE), 3, Map.of("team", "r"), "n1", "me", "s1");
        LiveAgent agent = ((Outcome.Attached) directory.attach(request, now)).agent();
        directory.heard("a", agent.generation(), now.plusMillis(1_500));
        HeldAssignment held =
                HeldAssignment.newBuilder().setTask("t").setToken(5).build();

        assertThat(directory.find("a").orElseThrow().info(List.of(held)))
                .isEqualTo(AgentInfo.newBuilder()
                        .setId("a")
                        .setGeneration(agent.generation())
                        .setDefinition("reader@1.0.0")
                        .addSkills(READ)
                        .addSkills(WRITE)
                        .setSlots(3)
                        .putTags("team", "r")
                        .setNode("n1")
                        .setSubject("me")
                        .setSession("s1")
                        .setPresence(Presence.PRESENCE_CONNECTED)
                        .setSinceMs(now.toEpochMilli())
                        .setLastSeenMs(now.toEpochMilli() + 1_500)
                        .addHeld(held)
                        .build());
    }

    @Test
    void shouldNotLetAnotherIdentityTakeAConnectedAgent() {
        LiveAgent mine = attach("a");

        assertThat(refused(directory.attach(request("a", "you"), now))).isEqualTo(Code.CONFLICT);

        directory.change("a", mine.generation(), Presence.PRESENCE_SUSPENDED, now);
        assertThat(directory.attach(request("a", "you"), now)).isInstanceOf(Outcome.Attached.class);
    }

    @Test
    void shouldTakeNoMoreAgentsThanItsCapacity() {
        AgentDirectory small = new AgentDirectory(1, 2);
        small.attach(request("a", "me"), now);
        small.attach(request("b", "me"), now);

        assertThat(refused(small.attach(request("c", "me"), now))).isEqualTo(Code.OVERLOADED);
        assertThat(small.attach(request("b", "me"), now))
                .as("one that is there already may come again")
                .isInstanceOf(Outcome.Attached.class);
    }

    @Test
    void shouldPageById() {
        List.of("d", "a", "c", "b").forEach(this::attach);

        assertThat(directory.after("").limit(2).map(LiveAgent::id)).containsExactly("a", "b");
        assertThat(directory.after("b").map(LiveAgent::id)).containsExactly("c", "d");
    }

    /** Against a map that is counted from end to end each time. */
    @Test
    void shouldCountRightWhateverHappens() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            AgentDirectory counted = new AgentDirectory(1, 6);
            Map<String, LiveAgent> expected = new HashMap<>();
            for (int step = 0; step < 300; step++) {
                now = now.plusSeconds(1);
                String id = "agent-" + random.nextInt(8);
                Optional<LiveAgent> known = Optional.ofNullable(expected.get(id));
                long generation = known.map(LiveAgent::generation).orElse(0L) - (random.nextInt(4) == 0 ? 1 : 0);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        Skill[] skills = random.nextBoolean() ? new Skill[] {READ} : new Skill[] {READ, WRITE};
                        if (counted.attach(request(id, "me", skills), now)
                                instanceof Outcome.Attached(LiveAgent agent)) {
                            expected.put(id, agent);
                        }
                    }
                    case 1 ->
                        counted.change(id, generation, Presence.PRESENCE_SUSPENDED, now)
                                .ifPresent(agent -> expected.put(id, agent));
                    case 2 ->
                        counted.change(id, generation, Presence.PRESENCE_CONNECTED, now)
                                .ifPresent(agent -> expected.put(id, agent));
                    default ->
                        counted.change(id, generation, Presence.PRESENCE_GONE, now)
                                .ifPresent(agent -> expected.remove(id));
                }
                assertCounts(counted, expected, "seed " + seed + ", step " + step);
            }
        }
    }

    private static void assertCounts(AgentDirectory counted, Map<String, LiveAgent> expected, String where) {
        long connected = expected.values().stream()
                .filter(agent -> agent.presence() == Presence.PRESENCE_CONNECTED)
                .count();
        assertThat(counted.all()).as(where).containsExactlyInAnyOrderElementsOf(expected.values());
        assertThat(counted.connected()).as(where).isEqualTo((int) connected);
        assertThat(counted.suspended()).as(where).isEqualTo(expected.size() - (int) connected);
        assertThat(counted.skillsAfter("").toList())
                .as(where)
                .isEqualTo(Stream.of(READ, WRITE)
                        .filter(skill -> expected.values().stream()
                                .anyMatch(agent -> agent.skills().contains(skill)))
                        .toList());
        for (Skill skill : List.of(READ, WRITE)) {
            assertThat(counted.agentsWith(skill)).as(where).isEqualTo((int) expected.values().stream()
                    .filter(agent -> agent.hasSkill(skill.getName()))
                    .count());
        }
    }
}
