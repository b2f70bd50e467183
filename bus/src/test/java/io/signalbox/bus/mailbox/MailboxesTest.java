package io.signalbox.bus.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.MailboxPlace;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Message;
import io.signalbox.config.ByteSize;
import io.signalbox.config.MailboxConfig;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MailboxesTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2030-01-01T00:00:00Z"));
    private static final int MAX_MESSAGES = 2;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LocalMessageBus bus = new LocalMessageBus(new Random(1), meters);
    private final FakeMailboxStore store = new FakeMailboxStore(CLOCK, MAX_MESSAGES, 10_000);
    private final List<EncodedMessage> copies = new ArrayList<>();

    private Mailboxes mailboxes(long maxUnstored) {
        MailboxConfig config = new MailboxConfig(
                MAX_MESSAGES,
                new ByteSize(10_000),
                new ByteSize(maxUnstored),
                8,
                Duration.ofSeconds(60),
                10,
                1,
                Duration.ofDays(30));
        return new Mailboxes(bus, store, config, meters);
    }

    private void attach(String agent) {
        bus.subscribe(new AddressPattern("agent/" + agent), "", message -> {
            copies.add(message);
            return OfferResult.ACCEPTED;
        });
    }

    private static EncodedMessage message() {
        return EncodedMessage.of(Message.newBuilder()
                .setAddress("agent/a")
                .setDurability(Durability.DURABILITY_LOCAL)
                .setType("note")
                .build());
    }

    private static Future<Void> put(Mailboxes mailboxes) {
        return mailboxes.put(message(), UUID.randomUUID(), false);
    }

    private static Code code(Future<Void> failed) {
        return ((ServiceException) failed.cause()).code();
    }

    @Test
    void shouldSendALiveCopyThatNamesItsPlaceToAnAgentThatIsThere() {
        attach("a");
        Mailboxes mailboxes = mailboxes(1_000);

        put(mailboxes);
        put(mailboxes);

        assertThat(copies).hasSize(2);
        MailboxPlace first = copies.getFirst().mailboxPlace();
        assertThat(first.position()).isPositive();
        assertThat(first.attempt()).isEqualTo(1);
        assertThat(copies.getLast().mailboxPlace().predecessor()).isEqualTo(first.position());
        assertThat(copies.getFirst().decode().getType()).isEqualTo("note");
    }

    @Test
    void shouldKeepForAnAgentThatIsNotThereWithoutCountingIt() {
        Mailboxes mailboxes = mailboxes(1_000);

        assertThat(put(mailboxes).succeeded()).isTrue();

        MailboxStore.Claimed claimed =
                store.claim("a", MailboxStore.Cursor.START, 10, 10_000).result();
        assertThat(claimed.entries()).hasSize(1);
        assertThat(claimed.entries().getFirst().attempt()).isEqualTo(1);
    }

    @Test
    void shouldPutNothingInTwiceThatIsSentAgain() {
        Mailboxes mailboxes = mailboxes(1_000);
        UUID id = UUID.randomUUID();

        mailboxes.put(message(), id, false);
        mailboxes.put(message(), id, true);

        assertThat(store.pending("a").result().messages()).isEqualTo(1);
        assertThat(meters.get("signalbox.mailbox.repeated").counter().count()).isEqualTo(1);
    }

    @Test
    void shouldRefuseWhenTheMailboxIsFull() {
        attach("a");
        Mailboxes mailboxes = mailboxes(1_000);
        put(mailboxes);
        put(mailboxes);

        assertThat(code(put(mailboxes))).isEqualTo(Code.MAILBOX_FULL);
        assertThat(copies).as("no copy of what is not safe").hasSize(2);
    }

    @Test
    void shouldRefuseWhenTooMuchIsOnItsWayToTheStoreAndCountOnlyWhatIs() {
        Mailboxes mailboxes = mailboxes(message().size());

        assertThat(put(mailboxes).succeeded()).isTrue();
        assertThat(put(mailboxes).succeeded()).as("the first is there by now").isTrue();
        assertThat(code(mailboxes(message().size() - 1).put(message(), UUID.randomUUID(), false)))
                .isEqualTo(Code.OVERLOADED);
    }

    @ParameterizedTest
    @CsvSource({"agent/a, true", "agent/, false", "agent/a/b, false", "agents/a, false", "news/a, false"})
    void shouldKnowAnInbox(String address, boolean isInbox) {
        assertThat(Mailboxes.isInbox(address)).isEqualTo(isInbox);
    }
}
