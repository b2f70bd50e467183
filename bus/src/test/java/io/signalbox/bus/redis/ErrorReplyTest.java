package io.signalbox.bus.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorReplyTest {
    private static final ServerAddress FROM = new ServerAddress("from", 1);

    @ParameterizedTest
    @ValueSource(strings = {"LOADING Redis is loading", "CLUSTERDOWN Hash slot not served", "TRYAGAIN Multiple keys"})
    void shouldSayNotNowWhenAnotherTrialMaySucceed(String text) {
        assertThat(ErrorReply.of(text, FROM)).isEqualTo(new ErrorReply.NotNow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"OOM command not allowed", "WRONGTYPE Operation", "ERR LOADING", "", "READONLYX"})
    void shouldSayRefusedWhenTheCommandIsAtFault(String text) {
        assertThat(ErrorReply.of(text, FROM)).isEqualTo(new ErrorReply.Refused());
    }

    @Test
    void shouldNameTheServerWhenTheCommandBelongsElsewhere() {
        assertThat(ErrorReply.of("MOVED 3999 10.0.0.1:6381", FROM))
                .isEqualTo(new ErrorReply.Moved(3999, new ServerAddress("10.0.0.1", 6381)));
        assertThat(ErrorReply.of("MOVED 3999 ::1:6381", FROM))
                .isEqualTo(new ErrorReply.Moved(3999, new ServerAddress("::1", 6381)));
        assertThat(ErrorReply.of("ASK 3999 :6381", FROM))
                .as("without a host the one that answered is meant")
                .isEqualTo(new ErrorReply.Ask(new ServerAddress("from", 6381)));
    }

    @Test
    void shouldNoticeADemotedPrimary() {
        assertThat(ErrorReply.of("READONLY You can't write against a read only replica.", FROM))
                .isEqualTo(new ErrorReply.Demoted());
    }
}
