package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.proto.HeldAssignment;
import io.signalbox.codecs.proto.Skill;
import io.signalbox.verticles.registry.AgentDirectory.Outcome;
import java.time.Instant;
import java.util.Comparator;
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

    private final AgentDirectory directory = new AgentDirectory("n1", 100, new FleetDirectives());
    private long generations;
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");

    private static AgentDirectory.Request request(String id, String subject, Skill... skills) {
        return new AgentDirectory.Request(id, "", List.of(skills), 1, Map.of(), "n1", subject, "session", List.of());
    }

    private LiveAgent attach(String id, Skill... skills) {
        Outcome outcome = directory.attach(request(id, "me", skills), ++generations, now);
        assertThat(outcome).isInstanceOf(Outcome.Attached.class);
        return ((Outcome.Attached) outcome).agent();
    }

    private static Code refused(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused) outcome).code();
    }

    @Test
    void shouldKeepTheLastRegistrationOfEachAgent() {
        LiveAgent first = attach("a");
        LiveAgent second = attach("a");
        LiveAgent other = attach("b");

        assertThat(second.generation()).isGreaterThan(first.generation());
        assertThat(other.generation()).isGreaterThan(second.generation());
        assertThat(directory.after("")).containsExactly(second, other);
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

    /** What another node says of its agents: the later registration counts, whoever is heard first. */
    @Test
    void shouldBelieveTheLaterRegistrationWhicheverNodeHasIt() {
        LiveAgent mine = attach("a", READ);
        LiveAgent there = elsewhere(mine, mine.generation() + 1, Presence.PRESENCE_CONNECTED);

        assertThat(directory.replicate(elsewhere(mine, mine.generation() - 1, Presence.PRESENCE_CONNECTED)))
                .isEmpty();
        assertThat(directory.find("a")).contains(mine);
        assertThat(directory.replicate(there)).contains(there);
        assertThat(directory.replicate(there)).as("no news").isEmpty();
        assertThat(directory.change("a", mine.generation(), Presence.PRESENCE_GONE, now))
                .as("what is said of the old one")
                .isEmpty();
        assertThat(directory.find("a")).contains(there);
        assertThat(directory.own()).isEmpty();
        assertThat(directory.agentsWith(READ)).isEqualTo(1);

        LiveAgent gone = there.with(Presence.PRESENCE_GONE, now);
        assertThat(directory.replicate(gone)).contains(gone);
        assertThat(directory.replicate(gone)).isEmpty();
        assertThat(directory.after("")).isEmpty();
        assertThat(directory.connected()).isZero();
    }

    /** Its coming was not heard of. */
    @Test
    void shouldEndARegistrationWhenALaterOneHasGone() {
        LiveAgent mine = attach("a");
        LiveAgent gone = elsewhere(mine, mine.generation() + 1, Presence.PRESENCE_GONE);

        assertThat(directory.replicate(gone)).contains(gone);
        assertThat(directory.find("a")).isEmpty();
    }

    private static LiveAgent elsewhere(LiveAgent like, long generation, Presence presence) {
        return LiveAgent.of(like.info().toBuilder()
                .setNode("n2")
                .setGeneration(generation)
                .setPresence(presence)
                .build());
    }

    @Test
    void shouldNotCountOtherNodesAgentsAgainstItsCapacity() {
        AgentDirectory small = new AgentDirectory("n1", 1, new FleetDirectives());
        LiveAgent first = ((Outcome.Attached) small.attach(request("a", "me"), 5, now)).agent();
        small.replicate(elsewhere(first, 6, Presence.PRESENCE_CONNECTED));

        assertThat(small.attach(request("b", "me"), 7, now)).isInstanceOf(Outcome.Attached.class);
        assertThat(refused(small.attach(request("a", "me"), 8, now))).isEqualTo(Code.OVERLOADED);
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

        directory.attach(request("a", "you", WRITE), ++generations, now.plusSeconds(1));

        assertThat(directory.find("a")).contains(mine);
        assertThat(directory.agentsWith(READ)).isEqualTo(1);
        assertThat(directory.agentsWith(WRITE)).isZero();
    }

    /** At capacity, a place that is given up is there for the next. */
    @Test
    void shouldTakeAnotherWhenOneHasGone() {
        AgentDirectory small = new AgentDirectory("n1", 1, new FleetDirectives());
        LiveAgent first = ((Outcome.Attached) small.attach(request("a", "me"), ++generations, now)).agent();
        small.change("a", first.generation(), Presence.PRESENCE_SUSPENDED, now);
        assertThat(refused(small.attach(request("b", "me"), ++generations, now)))
                .as("a suspended one keeps its place")
                .isEqualTo(Code.OVERLOADED);

        small.change("a", first.generation(), Presence.PRESENCE_GONE, now);

        assertThat(small.attach(request("b", "me"), ++generations, now)).isInstanceOf(Outcome.Attached.class);
    }

    /** What goes on the wire is what is known. */
    @Test
    void shouldTellEverythingOfAnAgent() {
        HeldAssignment held =
                HeldAssignment.newBuilder().setTask("t").setToken(5).build();
        AgentDirectory.Request request = new AgentDirectory.Request(
                "a", "reader@1.0.0", List.of(READ, WRITE), 3, Map.of("team", "r"), "n1", "me", "s1", List.of(held));
        LiveAgent agent = ((Outcome.Attached) directory.attach(request, ++generations, now)).agent();
        directory.heard("a", agent.generation(), now.plusMillis(1_500));

        AgentInfo info = directory.find("a").orElseThrow().info();

        assertThat(LiveAgent.of(info).info()).isEqualTo(info);
        assertThat(info)
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

        assertThat(refused(directory.attach(request("a", "you"), ++generations, now)))
                .isEqualTo(Code.CONFLICT);

        directory.change("a", mine.generation(), Presence.PRESENCE_SUSPENDED, now);
        assertThat(directory.attach(request("a", "you"), ++generations, now)).isInstanceOf(Outcome.Attached.class);
    }

    @Test
    void shouldTakeNoMoreAgentsThanItsCapacity() {
        AgentDirectory small = new AgentDirectory("n1", 2, new FleetDirectives());
        small.attach(request("a", "me"), ++generations, now);
        small.attach(request("b", "me"), ++generations, now);

        assertThat(refused(small.attach(request("c", "me"), ++generations, now)))
                .isEqualTo(Code.OVERLOADED);
        assertThat(small.attach(request("b", "me"), ++generations, now))
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
            AgentDirectory counted = new AgentDirectory("n1", 6, new FleetDirectives());
            Map<String, LiveAgent> expected = new HashMap<>();
            for (int step = 0; step < 300; step++) {
                now = now.plusSeconds(1);
                String id = "agent-" + random.nextInt(8);
                Optional<LiveAgent> known = Optional.ofNullable(expected.get(id));
                long generation = known.map(LiveAgent::generation).orElse(0L) - (random.nextInt(4) == 0 ? 1 : 0);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        Skill[] skills = random.nextBoolean() ? new Skill[] {READ} : new Skill[] {READ, WRITE};
                        if (counted.attach(request(id, "me", skills), ++generations, now)
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
        assertThat(counted.after("")).as(where).containsExactlyInAnyOrderElementsOf(expected.values());
        assertThat(counted.connected()).as(where).isEqualTo((int) connected);
        assertThat(counted.suspended()).as(where).isEqualTo(expected.size() - (int) connected);
        assertThat(counted.skillsAfter("").toList())
                .as(where)
                .isEqualTo(Stream.of(READ, WRITE)
                        .filter(skill -> expected.values().stream()
                                .anyMatch(agent -> agent.skills().contains(skill)))
                        .toList());
        for (Skill skill : List.of(READ, WRITE)) {
            List<LiveAgent> able = expected.values().stream()
                    .filter(agent -> agent.skills().contains(skill))
                    .sorted(Comparator.comparing(LiveAgent::id))
                    .toList();
            AgentSelector selector =
                    AgentSelector.newBuilder().setSkill(skill.getName()).build();
            assertThat(counted.agentsWith(skill)).as(where).isEqualTo(able.size());
            assertThat(counted.candidates(selector, "")).as(where).containsExactlyElementsOf(able);
        }
    }
}
