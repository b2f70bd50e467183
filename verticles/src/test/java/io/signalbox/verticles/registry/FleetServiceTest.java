package io.signalbox.verticles.registry;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.DirectiveView;
import io.signalbox.codecs.internal.FleetVerb;
import io.signalbox.codecs.internal.IssueDirective;
import io.signalbox.codecs.internal.Standing;
import io.signalbox.codecs.proto.Message;
import io.signalbox.verticles.postgres.StoreExceptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FleetServiceTest {
    /** Keeps directives as a store does; its reads fail and wait as the test says. */
    private static final class ScriptedStore implements DirectiveStore {
        final List<Directive> kept = new ArrayList<>();
        final Queue<Future<Void>> reads = new ConcurrentLinkedQueue<>();
        volatile int loads;

        @Override
        public Future<Directive> issue(Directive directive) {
            kept.add(directive.storedAs(kept.size() + 1));
            return Future.succeededFuture(kept.getLast());
        }

        @Override
        public Future<Standing> load() {
            loads++;
            Future<Void> read = reads.isEmpty() ? Future.succeededFuture() : reads.poll();
            return read.map(done -> new Standing(kept.size(), List.copyOf(kept)));
        }

        @Override
        public Future<Optional<Directive>> revoke(UUID id, String by, Instant at) {
            throw new AssertionError("not expected");
        }

        @Override
        public Future<Optional<Directive>> find(UUID id) {
            throw new AssertionError("not expected");
        }

        @Override
        public Future<List<Directive>> list(boolean revokedToo, long below, int limit) {
            throw new AssertionError("not expected");
        }
    }

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final ScriptedStore store = new ScriptedStore();
    private final FleetDirectives directives = new FleetDirectives();
    private final AgentDirectory directory = new AgentDirectory("n1", 100_000, directives);
    private final Queue<String> judged = new ConcurrentLinkedQueue<>();
    private final Queue<Long> revised = new ConcurrentLinkedQueue<>();
    private final FleetService fleet = new FleetService(
            context,
            store,
            directives,
            directory,
            new FleetService.Registry() {
                @Override
                public void judged(LiveAgent agent) {
                    judged.add(agent.id());
                }

                @Override
                public void killed(LiveAgent agent) {
                    throw new AssertionError("not expected");
                }

                @Override
                public void revised() {
                    revised.add(directives.revision());
                }
            },
            InstantSource.system());

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    /** Does something on the service's event loop. */
    private <T> T on(Callable<T> action) {
        Promise<T> result = Promise.promise();
        context.runOnContext(ignored -> {
            try {
                result.complete(action.call());
            } catch (Exception e) {
                result.fail(e);
            }
        });
        return get(result.future());
    }

    private void addAgents(int count) {
        on(() -> {
            for (int i = 0; i < count; i++) {
                directory.replicate(Agents.agent("a%05d".formatted(i), "", Map.of()));
            }
            return count;
        });
    }

    private Future<MessageLite> pause() {
        return ask(FleetVerb.FLEET_VERB_PAUSE);
    }

    private Future<MessageLite> ask(FleetVerb verb) {
        IssueDirective directive = IssueDirective.newBuilder()
                .setVerb(verb)
                .setSelector(AgentSelector.newBuilder().setAll(true))
                .setReason("why")
                .setBy("me")
                .build();
        EncodedMessage request = EncodedMessage.of(Message.newBuilder()
                .setAddress("x")
                .setPayload(directive.toByteString())
                .build());
        Promise<MessageLite> answer = Promise.promise();
        context.runOnContext(ignored -> ask(request).onComplete(done -> answer.handle(done)));
        return answer.future();
    }

    private Future<MessageLite> ask(EncodedMessage request) {
        try {
            return fleet.handle("IssueDirective", request).orElseThrow().map(answer -> answer);
        } catch (ServiceException | InvalidProtocolBufferException e) {
            return Future.failedFuture(e);
        }
    }

    /** More than it judges in one go. */
    @Test
    void shouldJudgeEveryAgentOnceForADirective() {
        addAgents(2_300);

        DirectiveView answer = (DirectiveView) get(pause());

        assertThat(answer.getMatched()).isEqualTo(2_300);
        await(() -> judged.size() == 2_300);
        assertThat(judged).doesNotHaveDuplicates();
        assertThat(on(() -> directory
                        .after("")
                        .filter(agent -> agent.standing().getStanding() == Standing.STANDING_PAUSED)
                        .count()))
                .isEqualTo(2_300);
        assertThat(revised).containsExactly(1L);
    }

    @Test
    void shouldBeginAnewWithADirectiveThatComesWhileAgentsAreJudged() {
        addAgents(2_300);

        get(pause());
        get(ask(FleetVerb.FLEET_VERB_QUARANTINE));

        await(() -> on(() -> directory
                        .after("")
                        .filter(agent -> agent.standing().getStanding() == Standing.STANDING_QUARANTINED)
                        .count())
                == 2_300);
    }

    /** It is stored, so it counts: whoever asked must not be told that nothing was done. */
    @Test
    void shouldApplyWhatWasStoredAlsoWhenItCannotBeReadBackAtOnce() {
        addAgents(1);
        store.reads.add(Future.failedFuture(StoreExceptions.UNAVAILABLE.make()));

        DirectiveView answer = (DirectiveView) get(pause());

        assertThat(answer.getRevision()).isEqualTo(1);
        await(() -> judged.contains("a00000"));
        assertThat(revised).containsExactly(1L);
    }

    @Test
    void shouldLoadWhatAnotherNodeNamesOnceAtATimeUntilItIsThere() {
        get(store.issue(sample()));
        Promise<Void> slow = Promise.promise();
        store.reads.add(slow.future());
        for (int i = 0; i < 3; i++) {
            on(() -> {
                fleet.heardOf(1);
                return true;
            });
        }
        assertThat(store.loads).isEqualTo(1);

        slow.fail(StoreExceptions.UNAVAILABLE.make());
        await(() -> on(() -> {
                    fleet.heardOf(1);
                    return directives.revision();
                })
                == 1);

        int loads = store.loads;
        on(() -> {
            fleet.heardOf(1);
            return true;
        });
        assertThat(store.loads).as("it is known").isEqualTo(loads);
    }

    private static Directive sample() {
        return new Directive(
                UUID.randomUUID(),
                0,
                Directive.Verb.PAUSE,
                AgentSelector.newBuilder().setAll(true).build(),
                0,
                "why",
                "me",
                Instant.EPOCH,
                0,
                Optional.empty());
    }

    @Test
    void shouldRefuseADirectiveMoreThanItMayHoldAgentsAgainst() {
        for (int i = 0; i < FleetDirectives.MAX; i++) {
            get(store.issue(sample()));
        }
        get(on(fleet::load));

        assertThat(((ServiceException) failure(pause())).code()).isEqualTo(Code.OVERLOADED);
        assertThat(store.kept).hasSize(FleetDirectives.MAX);
    }
}
