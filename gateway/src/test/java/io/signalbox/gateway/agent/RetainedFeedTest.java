package io.signalbox.gateway.agent;

import static io.signalbox.bus.redis.RedisCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.redis.RedisLink;
import io.signalbox.bus.redis.RedisServers;
import io.signalbox.bus.retained.RedisRetainedStore;
import io.signalbox.bus.retained.RetainedStore;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.proto.Credit;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Message;
import io.signalbox.codecs.proto.Subscribe;
import io.signalbox.codecs.proto.Unsubscribe;
import io.signalbox.gateway.identity.Identity;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session's subscriptions are given of what a real Redis retains. */
@Timeout(120)
class RetainedFeedTest {
    private static final List<AddressPattern> ALL = List.of(new AddressPattern("#"));

    private final RedisServers servers = RedisServers.standalone();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger answers = new AtomicInteger();
    private final Endpoints endpoints = new Endpoints(
            token -> Endpoints.identity("a"),
            vertx -> new CountedReads(new RedisRetainedStore(
                    get(RedisLink.open(vertx, servers.config(), List.of(RedisRetainedStore.library()), new Random(1))),
                    10_000,
                    1 << 30)));
    private final AgentSession session = new AgentSession(
            endpoints.endpoint, "s", "t", new Identity("a", List.of(), ALL, ALL, Set.of(), Optional.empty()));
    private SessionClient client;
    private int ref;

    /** The store, and how often it was read. */
    private final class CountedReads implements RetainedStore {
        private final RetainedStore store;

        private CountedReads(RetainedStore store) {
            this.store = store;
        }

        @Override
        public Future<Long> put(Put put) {
            return store.put(put);
        }

        @Override
        public Future<Long> remove(String address, int replicas) {
            return store.remove(address, replicas);
        }

        @Override
        public Future<Optional<RetainedStore.Entry>> get(String address) {
            return store.get(address);
        }

        @Override
        public Future<Page> page(AddressPattern pattern, Position after, long maxBytes) {
            reads.incrementAndGet();
            return store.page(pattern, after, maxBytes).onComplete(done -> answers.incrementAndGet());
        }

        @Override
        public Future<Size> purge() {
            return store.purge();
        }
    }

    @BeforeEach
    void begin() throws Exception {
        SessionClient.perform(endpoints, () -> {
            client = new SessionClient(endpoints, session);
            session.begin(client.agent, 0, SessionClient.HELLO);
        });
    }

    @AfterEach
    void close() throws Exception {
        SessionClient.perform(endpoints, client::close);
        endpoints.close();
        servers.close();
    }

    private static Message.Builder message(String address, String payload) {
        return Message.newBuilder().setAddress(address).setRetain(true).setPayload(ByteString.copyFromUtf8(payload));
    }

    private void subscribe(String pattern) throws Exception {
        client.send(Entry.newBuilder().setSubscribe(Subscribe.newBuilder().setPattern(pattern)));
    }

    private Entry publish(Message.Builder message) throws Exception {
        int mine = ++ref;
        client.send(Entry.newBuilder().setRef(mine).setMessage(message));
        return await(entry -> entry.getRef() == mine);
    }

    /** Without a client. */
    private void retain(int count, String prefix) {
        List<Future<Void>> stored = IntStream.range(0, count)
                .mapToObj(i -> message(prefix + i, "x".repeat(500)).build())
                .map(message -> endpoints.endpoint.retainedReads().messages().publish(EncodedMessage.of(message)))
                .toList();
        get(Future.all(stored));
    }

    private Entry await(Predicate<Entry> wanted) throws Exception {
        awaitThat(() -> client.received().stream().anyMatch(wanted));
        return client.received().stream().filter(wanted).findFirst().orElseThrow();
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void awaitThat(Condition condition) {
        RedisServers.await(() -> {
            try {
                return condition.holds();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private List<Message> messages(int agent) throws Exception {
        return client.received().stream()
                .filter(entry -> entry.hasMessage() && entry.getAgent() == agent)
                .map(Entry::getMessage)
                .toList();
    }

    private void awaitMessages(int agent, int count) throws Exception {
        awaitThat(() -> messages(agent).size() >= count);
        assertThat(messages(agent)).hasSize(count);
    }

    /** What is asked for after it is answered after it: nothing more comes. */
    private void awaitNothingMore() throws Exception {
        publish(message("sentinel", Integer.toString(ref)));
        subscribe("sentinel");
        await(entry -> entry.getMessage().getAddress().equals("sentinel"));
    }

    @Test
    void shouldGiveMarkedToWhoComesLaterWhatItGaveUnmarkedToWhoWasThere() throws Exception {
        subscribe("news/+");
        awaitThat(() -> answers.get() == 16);
        assertThat(publish(message("news/today", "1")).hasReceipt()).isTrue();
        awaitMessages(0, 1);

        subscribe("news/today");
        awaitMessages(0, 2);

        assertThat(messages(0).stream().map(Message::getRetain)).containsExactly(false, true);
        assertThat(messages(0))
                .allMatch(each -> each.getPayload().toStringUtf8().equals("1"));
    }

    @Test
    void shouldGiveItAgainWhenTheSubscriptionIsRepeatedAndNothingOnceItIsRemoved() throws Exception {
        publish(message("news/today", "1"));
        subscribe("news/#");
        awaitMessages(0, 1);
        subscribe("news/#");
        awaitMessages(0, 2);

        assertThat(publish(message("news/today", "")).hasReceipt()).isTrue();
        awaitMessages(0, 3);
        subscribe("news/#");
        awaitNothingMore();

        assertThat(messages(0).stream().map(Message::getRetain)).containsExactly(true, true, false, true);
        assertThat(messages(0).getLast().getAddress()).isEqualTo("sentinel");
    }

    @Test
    void shouldGiveNothingToQueueGroups() throws Exception {
        publish(message("news/today", "1"));

        client.send(Entry.newBuilder()
                .setSubscribe(Subscribe.newBuilder().setPattern("news/today").setGroup("crew")));
        awaitNothingMore();

        assertThat(messages(0)).hasSize(1);
    }

    @Test
    void shouldAskNobodyForWhatIsNeverRetained() throws Exception {
        for (String pattern : List.of("agent/x", "skill/y", "task/#", "node/+", "lock/z")) {
            subscribe(pattern);
        }
        assertThat(reads).hasValue(0);

        subscribe("news");
        awaitThat(() -> answers.get() == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent/x", "skill/y"})
    void shouldRefuseToRetainInMailboxes(String address) throws Exception {
        assertThat(publish(message(address, "1")).getError().getCode()).isEqualTo(Code.UNSUPPORTED.number());
    }

    /** 500 KB, where 64 KiB may wait. */
    @Test
    void shouldGiveManyNoFasterThanTheConnectionTakesThem() throws Exception {
        int count = 1_000;
        retain(count, "many/");
        client.blocked(true);
        subscribe("many/#");
        awaitThat(() -> answers.get() > 0);
        publishLive();
        client.blocked(false);
        awaitMessages(0, count + 1);

        assertThat(messages(0).stream().map(Message::getAddress).distinct()).hasSize(count + 1);
        assertThat(client.isOpen()).isTrue();
        assertThat(endpoints
                        .meters
                        .counter("signalbox.bus.outbound.dropped", "lane", "normal")
                        .count())
                .isZero();
    }

    private void publishLive() throws Exception {
        client.send(Entry.newBuilder().setSubscribe(Subscribe.newBuilder().setPattern("live")));
        client.send(Entry.newBuilder().setMessage(Message.newBuilder().setAddress("live")));
    }

    @Test
    void shouldGiveAnAgentNoMoreThanItGrantedAndOthersMeanwhileTheirs() throws Exception {
        retain(50, "many/");
        SessionClient.perform(endpoints, () -> {
            for (int handle = 1; handle <= 2; handle++) {
                session.add(Attachment.ofAgent(
                        session,
                        handle,
                        AgentInfo.newBuilder().setId("agent-" + handle).build()));
            }
        });
        client.send(Entry.newBuilder().setAgent(1).setCredit(Credit.newBuilder().setMessages(10)));
        for (int handle = 1; handle <= 2; handle++) {
            client.send(Entry.newBuilder()
                    .setAgent(handle)
                    .setSubscribe(Subscribe.newBuilder().setPattern("many/+")));
        }
        awaitMessages(2, 50);
        awaitMessages(1, 10);

        client.send(Entry.newBuilder().setAgent(1).setCredit(Credit.newBuilder().setMessages(100)));

        awaitMessages(1, 50);
        assertThat(messages(1).stream().map(Message::getAddress).distinct()).hasSize(50);
    }

    @Test
    void shouldStopWhenTheSubscriptionEnds() throws Exception {
        retain(100, "many/");
        client.send(Entry.newBuilder().setCredit(Credit.newBuilder().setMessages(10)));
        subscribe("many/#");
        awaitMessages(0, 10);
        client.send(Entry.newBuilder().setUnsubscribe(Unsubscribe.newBuilder().setPattern("many/#")));
        client.send(Entry.newBuilder().setCredit(Credit.newBuilder().setMessages(100)));
        awaitNothingMore();

        assertThat(messages(0)).hasSize(11);
    }

    @Test
    void shouldGiveNothingOlderThanTheChangeThatCameWhileItWasRead() throws Exception {
        publish(message("news/today", "old"));
        publish(message("news/sports", "old"));
        EncodedMessage newer = EncodedMessage.of(message("news/today", "new").build());
        servers.server(0).suspend();
        subscribe("news/today");
        subscribe("news/sports");
        SessionClient.perform(endpoints, () -> endpoints.endpoint.bus().publish(newer.liveOfRetained(Long.MAX_VALUE)));
        servers.server(0).resume();
        awaitMessages(0, 2);

        assertThat(messages(0).stream().map(each -> each.getPayload().toStringUtf8()))
                .containsExactly("new", "old");
        assertThat(messages(0).getLast().getAddress()).isEqualTo("news/sports");
        awaitNothingMore();
        assertThat(messages(0)).hasSize(3);
    }
}
