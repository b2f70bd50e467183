package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ReplyPermissionsTest {
    private final ReplyPermissions replies = new ReplyPermissions();
    private final Instant now = Instant.parse("2030-01-01T00:00:00Z");

    @Test
    void shouldAllowOnlyWhatWasGranted() {
        replies.grant("agent/a", now);

        assertThat(replies.mayReply("agent/a", now)).isTrue();
        assertThat(replies.mayReply("agent/b", now)).isFalse();
    }

    @Test
    void shouldForgetAfterATime() {
        replies.grant("agent/a", now);

        assertThat(replies.mayReply("agent/a", now.plus(Duration.ofMinutes(9)))).isTrue();
        assertThat(replies.mayReply("agent/a", now.plus(Duration.ofMinutes(10))))
                .isFalse();
    }

    @Test
    void shouldKeepTheNewestWhenThereAreTooMany() {
        replies.grant("agent/first", now);
        replies.grant("agent/renewed", now);
        for (int i = 0; i < 998; i++) {
            replies.grant("agent/" + i, now);
        }
        replies.grant("agent/renewed", now);
        replies.grant("agent/last", now);

        assertThat(replies.mayReply("agent/first", now)).isFalse();
        assertThat(replies.mayReply("agent/renewed", now)).isTrue();
        assertThat(replies.mayReply("agent/last", now)).isTrue();
    }

    @Test
    void shouldCountFromTheLastMessageThatAskedForAReply() {
        replies.grant("agent/a", now);
        replies.grant("agent/a", now.plus(Duration.ofMinutes(5)));

        assertThat(replies.mayReply("agent/a", now.plus(Duration.ofMinutes(14))))
                .isTrue();
        assertThat(replies.mayReply("agent/a", now.plus(Duration.ofMinutes(15))))
                .isFalse();
    }

    /** A stream of answers to one question needs no further grant. */
    @Test
    void shouldNotBeUsedUpByAReply() {
        replies.grant("agent/a", now);

        for (int i = 0; i < 3; i++) {
            assertThat(replies.mayReply("agent/a", now)).isTrue();
        }
    }

    @Test
    void shouldKeepExactlySoManyAsItMay() {
        for (int i = 0; i < 1000; i++) {
            replies.grant("agent/" + i, now);
        }
        assertThat(replies.mayReply("agent/0", now)).isTrue();

        replies.grant("agent/1000", now);

        assertThat(replies.mayReply("agent/0", now)).isFalse();
        assertThat(replies.mayReply("agent/1", now)).isTrue();
    }

    @Test
    void shouldTakeAnAddressVerbatimNotAsAPattern() {
        replies.grant("agent/+", now);

        assertThat(replies.mayReply("agent/a", now)).isFalse();
    }
}
