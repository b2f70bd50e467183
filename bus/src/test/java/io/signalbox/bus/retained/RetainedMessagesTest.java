package io.signalbox.bus.retained;

import static io.signalbox.bus.redis.RedisCalls.get;
import static io.signalbox.bus.redis.RedisServers.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.redis.RedisLink;
import io.signalbox.bus.redis.RedisServers;
import io.signalbox.bus.retained.RetainedStore.Position;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Message;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RetainedMessagesTest {
    private final Vertx vertx = Vertx.vertx();
    private final RedisServers servers = RedisServers.standalone();
    private final RedisLink link =
            get(RedisLink.open(vertx, servers.config(), List.of(RedisRetainedStore.library()), new Random(1)));
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LocalMessageBus bus = new LocalMessageBus(new Random(1), meters);
    private final RetainedMessages retained =
            new RetainedMessages(vertx, bus, new RedisRetainedStore(link, 2, 10_000), 1, meters);
    private final List<EncodedMessage> live = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        retained.close();
        get(vertx.close());
        servers.close();
    }

    private static EncodedMessage message(String address, String payload) {
        return EncodedMessage.of(Message.newBuilder()
                .setAddress(address)
                .setRetain(true)
                .setPayload(ByteString.copyFromUtf8(payload))
                .build());
    }

    private void subscribe() {
        bus.subscribe(new AddressPattern("#"), "", message -> {
            live.add(message);
            return OfferResult.ACCEPTED;
        });
    }

    private List<Retained> read(String address) {
        RetainedReader reader = new RetainedReader(new AddressPattern(address));
        return get(retained.read(reader, Position.START, 1_000)).messages();
    }

    private Code refusal(EncodedMessage message) {
        return ((ServiceException) RetainedStoreContractTest.failure(retained.publish(message))).code();
    }

    @Test
    void shouldGiveItMarkedToWhoComesLaterAndUnmarkedToWhoIsThere() {
        subscribe();

        get(retained.publish(message("news", "today")));

        Retained stored = read("news").getFirst();
        assertThat(stored.message().decode().getRetain()).isTrue();
        assertThat(stored.message().payload().toStringUtf8()).isEqualTo("today");
        assertThat(live).hasSize(1);
        assertThat(live.getFirst().decode().getRetain()).isFalse();
        assertThat(live.getFirst().payload().toStringUtf8()).isEqualTo("today");
        assertThat(live.getFirst().retainedRevision()).isEqualTo(stored.revision());
    }

    @Test
    void shouldRemoveByAMessageWithoutPayloadAndTellWhoIsThere() {
        get(retained.publish(message("news", "today")));
        long before = read("news").getFirst().revision();
        subscribe();

        get(retained.publish(message("news", "")));

        assertThat(read("news")).isEmpty();
        assertThat(live).hasSize(1);
        assertThat(live.getFirst().retainedRevision()).isGreaterThan(before);
    }

    @Test
    void shouldSayWhyItRefusesAndTellNobodyOfIt() {
        get(retained.publish(message("a", "1")));
        get(retained.publish(message("b", "1")));
        subscribe();
        EncodedMessage replicated = EncodedMessage.of(message("a", "1").decode().toBuilder()
                .setDurability(Durability.DURABILITY_REPLICATED)
                .build());

        assertThat(refusal(message("c", "1"))).isEqualTo(Code.RETAINED_FULL);
        assertThat(refusal(replicated)).as("there is no replica").isEqualTo(Code.UNREPLICATED);
        servers.server(0).kill();
        await(() -> refusal(message("a", "2")) == Code.UNAVAILABLE);
        ServiceException away =
                (ServiceException) RetainedStoreContractTest.failure(retained.publish(message("a", "2")));

        assertThat(away.retryAfter()).isPositive();
        assertThat(live).isEmpty();
        assertThat(meters.counter("signalbox.retained.refused").count()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void shouldCountAndForgetInTheBackground() {
        EncodedMessage shortLived = EncodedMessage.of(
                message("a", "1").decode().toBuilder().setTtlMs(1).build());
        get(retained.publish(shortLived));
        get(retained.publish(message("b", "1")));

        String messages = RetainedKeys.of(RetainedKeys.bucket("a")).messages();
        await(() -> servers.server(0).answers("HEXISTS " + messages + " a", ":0"));

        await(() -> meters.get("signalbox.retained.messages").gauge().value() == 1);
    }
}
