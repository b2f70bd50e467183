package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.AgentStanding;
import io.signalbox.codecs.internal.Standing;
import io.signalbox.verticles.registry.Directive.Verb;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

class FleetDirectivesTest {
    private static final LiveAgent AGENT = Agents.agent("a", "t@1.0.0", Map.of("region", "eu"));
    private static final AgentSelector EVERY =
            AgentSelector.newBuilder().setAll(true).build();
    private static final AgentSelector OTHERS =
            AgentSelector.newBuilder().setType("other").build();

    private final FleetDirectives fleet = new FleetDirectives();

    private static Directive directive(long revision, Verb verb, AgentSelector selector, int rate) {
        return new Directive(
                new UUID(0, revision), revision, verb, selector, rate, "why", "me", Instant.EPOCH, 0, Optional.empty());
    }

    private static List<Directive> directives(Verb... verbs) {
        List<Directive> all = new ArrayList<>();
        for (Verb verb : verbs) {
            int revision = all.size() + 1;
            all.add(directive(revision, verb, EVERY, verb == Verb.LIMIT_RATE ? 10 * revision : 0));
        }
        return all;
    }

    /** What is said, what it makes of an agent, by which directive, and how many messages a second are left. */
    static final List<Arguments> HISTORIES = List.of(
            Arguments.of(directives(), Standing.STANDING_ACTIVE, 0, 0),
            Arguments.of(directives(Verb.PAUSE), Standing.STANDING_PAUSED, 1, 0),
            Arguments.of(directives(Verb.PAUSE, Verb.DRAIN), Standing.STANDING_DRAINING, 2, 0),
            Arguments.of(directives(Verb.QUARANTINE, Verb.PAUSE), Standing.STANDING_QUARANTINED, 1, 0),
            Arguments.of(directives(Verb.KILL, Verb.QUARANTINE), Standing.STANDING_KILLED, 1, 0),
            Arguments.of(directives(Verb.PAUSE, Verb.PAUSE), Standing.STANDING_PAUSED, 1, 0),
            Arguments.of(directives(Verb.KILL, Verb.RESUME), Standing.STANDING_ACTIVE, 0, 0),
            Arguments.of(directives(Verb.KILL, Verb.RESUME, Verb.PAUSE), Standing.STANDING_PAUSED, 3, 0),
            Arguments.of(directives(Verb.RESUME, Verb.PAUSE), Standing.STANDING_PAUSED, 2, 0),
            Arguments.of(directives(Verb.LIMIT_RATE), Standing.STANDING_ACTIVE, 0, 10),
            Arguments.of(directives(Verb.LIMIT_RATE, Verb.LIMIT_RATE), Standing.STANDING_ACTIVE, 0, 10),
            Arguments.of(directives(Verb.LIMIT_RATE, Verb.PAUSE), Standing.STANDING_PAUSED, 2, 10),
            Arguments.of(directives(Verb.PAUSE, Verb.LIMIT_RATE), Standing.STANDING_PAUSED, 1, 20),
            Arguments.of(directives(Verb.LIMIT_RATE, Verb.RESUME), Standing.STANDING_ACTIVE, 0, 0));

    @ParameterizedTest
    @FieldSource("HISTORIES")
    void shouldGrowStricterUntilResumed(List<Directive> said, Standing standing, long by, int rate) {
        fleet.replace(said.size() + 1, said);

        AgentStanding judged = fleet.judged(AGENT).standing();

        assertThat(judged.getStanding()).isEqualTo(standing);
        assertThat(judged.getDirective()).isEqualTo(by == 0 ? "" : new UUID(0, by).toString());
        assertThat(judged.getMessagesPerSecond()).isEqualTo(rate);
    }

    @Test
    void shouldLeaveWhomTheSelectorDoesNotMean() {
        fleet.replace(1, List.of(directive(1, Verb.PAUSE, OTHERS, 0)));

        assertThat(fleet.judged(AGENT)).isSameAs(AGENT);
        assertThat(fleet.of(AGENT)).isEmpty();
    }

    /** Nodes load at their own time: the later revision counts, whoever comes first. */
    @Test
    void shouldNotGoBackToAnEarlierRevision() {
        Directive pause = directive(3, Verb.PAUSE, EVERY, 0);
        assertThat(fleet.replace(3, List.of(pause))).isTrue();

        assertThat(fleet.replace(3, List.of())).isFalse();
        assertThat(fleet.replace(2, List.of())).isFalse();
        LiveAgent paused = fleet.judged(AGENT);
        assertThat(fleet.of(paused)).containsExactly(pause);

        assertThat(fleet.replace(4, List.of())).as("revoked").isTrue();
        assertThat(fleet.judged(paused)).isEqualTo(AGENT);
        assertThat(fleet.revision()).isEqualTo(4);
    }
}
