package io.signalbox.verticles.registry;

import static io.signalbox.verticles.PortCalls.assertAnswersOnTheCallersContext;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.registry.Directive.Revocation;
import io.signalbox.verticles.registry.Directive.Verb;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every directive store does. Others write at the same time. */
abstract class DirectiveStoreContractTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00.123Z");
    private static final AgentSelector SELECTOR = AgentSelector.newBuilder()
            .addIds("a")
            .addIds("b")
            .setType("text.reviewer")
            .setVersionRange("^1")
            .putTags("region", "eu")
            .putTags("team", "red")
            .setNode("n1")
            .setSkill("text.review")
            .setSkillRange(">=2")
            .build();

    abstract DirectiveStore store();

    /** Of a store that is away. */
    abstract DirectiveStore away();

    abstract Vertx vertx();

    private static Directive directive(Verb verb, AgentSelector selector) {
        return new Directive(
                UUID.randomUUID(),
                0,
                verb,
                selector,
                verb == Verb.LIMIT_RATE ? 7 : 0,
                "why",
                "me",
                NOW,
                3,
                Optional.empty());
    }

    @Test
    void shouldKeepADirectiveAsItIs() {
        for (Verb verb : Verb.values()) {
            Directive issued = get(store().issue(directive(verb, SELECTOR)));

            assertThat(get(store().find(issued.id()))).contains(issued);
            assertThat(get(store().load()).directives()).contains(issued);
        }
        Directive toAll = get(store().issue(directive(
                Verb.PAUSE, AgentSelector.newBuilder().setAll(true).build())));
        assertThat(get(store().find(toAll.id()))).contains(toAll);
        assertThat(get(store().find(UUID.randomUUID()))).isEmpty();
    }

    @Test
    void shouldNumberEveryChangeOfTheFleet() {
        Directive first = get(store().issue(directive(Verb.PAUSE, SELECTOR)));
        Directive second = get(store().issue(directive(Verb.KILL, SELECTOR)));
        Directive revoked =
                get(store().revoke(first.id(), "you", NOW.plusSeconds(1))).orElseThrow();

        assertThat(second.revision()).isGreaterThan(first.revision());
        Revocation revocation = revoked.revocation().orElseThrow();
        assertThat(revocation.revision()).isGreaterThan(second.revision());
        assertThat(revocation).isEqualTo(new Revocation(revocation.revision(), "you", NOW.plusSeconds(1)));
        DirectiveStore.Standing standing = get(store().load());
        assertThat(standing.revision()).isGreaterThanOrEqualTo(revocation.revision());
        assertThat(standing.directives())
                .contains(second)
                .extracting(Directive::id)
                .doesNotContain(first.id());
        assertThat(standing.directives()).extracting(Directive::revision).isSorted();
    }

    @Test
    void shouldRevokeOnce() {
        Directive issued = get(store().issue(directive(Verb.PAUSE, SELECTOR)));
        Optional<Directive> revoked = get(store().revoke(issued.id(), "you", NOW));
        long revision = get(store().load()).revision();

        assertThat(get(store().revoke(issued.id(), "another", NOW.plusSeconds(9))))
                .isEqualTo(revoked);
        assertThat(get(store().revoke(UUID.randomUUID(), "you", NOW))).isEmpty();
        assertThat(revision)
                .isGreaterThanOrEqualTo(
                        revoked.orElseThrow().revocation().orElseThrow().revision());
    }

    @Test
    void shouldListNewestFirstByPages() {
        List<Directive> issued = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            issued.addFirst(get(store().issue(directive(Verb.PAUSE, SELECTOR))));
        }
        Directive revoked = get(store().revoke(issued.get(1).id(), "you", NOW)).orElseThrow();
        long above = issued.getFirst().revision() + 1;

        List<Directive> all = get(store().list(true, above, 1000));
        List<Directive> standing = get(store().list(false, above, 1000));
        assertThat(all).extracting(Directive::revision).isSortedAccordingTo((a, b) -> Long.compare(b, a));
        assertThat(all).contains(revoked, issued.get(0), issued.get(2));
        assertThat(standing).contains(issued.get(0), issued.get(2)).doesNotContain(revoked);
        assertThat(get(store().list(true, issued.getFirst().revision(), 1))
                        .getFirst()
                        .revision())
                .isLessThan(issued.getFirst().revision());
    }

    /** Whoever loads a revision has all that came before it. */
    @Test
    void shouldCommitInTheOrderOfRevisions() {
        List<Future<Directive>> issuing = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            issuing.add(store().issue(directive(Verb.PAUSE, SELECTOR)));
        }
        List<DirectiveStore.Standing> seen = new ArrayList<>();
        do {
            seen.add(get(store().load()));
        } while (!issuing.stream().allMatch(Future::isComplete));

        List<Long> revisions =
                issuing.stream().map(each -> get(each).revision()).toList();
        assertThat(revisions).doesNotHaveDuplicates();
        for (DirectiveStore.Standing standing : seen) {
            assertThat(standing.directives())
                    .extracting(Directive::revision)
                    .containsAll(revisions.stream()
                            .filter(revision -> revision <= standing.revision())
                            .toList());
        }
    }

    @Test
    void shouldFailWithAStoreExceptionWhenItIsAway() {
        assertThat(List.of(
                        failure(away().issue(directive(Verb.PAUSE, SELECTOR))),
                        failure(away().revoke(UUID.randomUUID(), "me", NOW)),
                        failure(away().find(UUID.randomUUID())),
                        failure(away().list(true, 1, 1)),
                        failure(away().load())))
                .allSatisfy(cause -> assertThat(cause).isInstanceOf(StoreException.class));
    }

    @Test
    void shouldAnswerOnTheCallersContext() {
        assertAnswersOnTheCallersContext(vertx(), () -> store().load());
    }
}
