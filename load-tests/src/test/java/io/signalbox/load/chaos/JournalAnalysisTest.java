package io.signalbox.load.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.load.chaos.JournalAnalysis.Verdict;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalAnalysisTest {
    private static Verdict judge(String... lines) {
        JournalAnalysis analysis = new JournalAnalysis();
        Stream.of(lines).map(Observation::parse).map(Optional::orElseThrow).forEach(analysis::see);
        return analysis.verdict();
    }

    @Test
    void shouldFindNothingWrongWithWhatIsReceivedInOrder() {
        Verdict verdict = judge(
                "invoke 1 0 7 NORMAL LOCAL",
                "ok 1 0",
                "received 1 0 7 1 true",
                "invoke 1 1 7 NORMAL LOCAL",
                "received 1 1 7 1 true",
                "ok 1 1");

        assertThat(verdict.isGood()).isTrue();
        assertThat(verdict.acknowledged()).isEqualTo(2);
        assertThat(verdict.received()).isEqualTo(2);
        assertThat(verdict.faults()).isEmpty();
    }

    @Test
    void shouldFindWhatIsLost() {
        Verdict verdict = judge("invoke 1 0 7 NORMAL LOCAL", "ok 1 0");

        assertThat(verdict.lost()).isEqualTo(1);
        assertThat(verdict.isGood()).isFalse();
        assertThat(verdict.faults()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fail 1 0", "unknown 1 0"})
    void shouldNotMissWhatWasNotAcknowledged(String outcome) {
        assertThat(judge("invoke 1 0 7 NORMAL LOCAL", outcome).isGood()).isTrue();
    }

    @Test
    void shouldAllowThatWhatIsUnknownIsReceived() {
        assertThat(judge("invoke 1 0 7 NORMAL LOCAL", "unknown 1 0", "received 1 0 7 1 true")
                        .isGood())
                .isTrue();
    }

    @Test
    void shouldFindPhantoms() {
        assertThat(judge("received 1 0 7 1 true").phantoms()).as("never sent").isEqualTo(1);
        assertThat(judge("invoke 1 0 7 NORMAL LOCAL", "received 1 0 8 1 true").phantoms())
                .as("another mailbox")
                .isEqualTo(1);
        assertThat(judge("invoke 1 0 7 NORMAL LOCAL", "fail 1 0", "received 1 0 7 1 true")
                        .phantoms())
                .as("refused")
                .isEqualTo(1);
    }

    @Test
    void shouldFindWhatIsCorrupt() {
        assertThat(judge("invoke 1 0 7 NORMAL LOCAL", "ok 1 0", "received 1 0 7 1 false")
                        .corrupt())
                .isEqualTo(1);
    }

    @Test
    void shouldTellRepetitionsThatSaySoFromThoseThatDoNot() {
        Verdict verdict = judge(
                "invoke 1 0 7 NORMAL LOCAL",
                "ok 1 0",
                "received 1 0 7 1 true",
                "received 1 0 7 2 true",
                "received 1 0 7 1 true");

        assertThat(verdict.flagged()).isEqualTo(1);
        assertThat(verdict.unflagged()).isEqualTo(1);
        assertThat(verdict.isGood()).isFalse();
    }

    @Test
    void shouldFindFirstDeliveriesOutOfOrderWithinOneMailboxAndLane() {
        String[] sent = {"invoke 1 0 7 NORMAL LOCAL", "ok 1 0", "invoke 1 1 7 NORMAL LOCAL", "ok 1 1"};
        Verdict verdict = judge(sent[0], sent[1], sent[2], sent[3], "received 1 1 7 1 true", "received 1 0 7 1 true");

        assertThat(verdict.reordered()).isEqualTo(1);
        assertThat(verdict.lost()).isZero();
    }

    @Test
    void shouldAllowAnyOrderOverSendersMailboxesAndLanesAndOfRepetitions() {
        Verdict verdict = judge(
                "invoke 1 0 7 NORMAL LOCAL",
                "invoke 1 1 7 URGENT LOCAL",
                "invoke 1 2 8 NORMAL LOCAL",
                "invoke 2 0 7 NORMAL LOCAL",
                "ok 1 0",
                "ok 1 1",
                "ok 1 2",
                "ok 2 0",
                "received 1 2 8 1 true",
                "received 1 1 7 1 true",
                "received 2 0 7 1 true",
                "received 1 0 7 1 true",
                "received 1 2 8 2 true");

        assertThat(verdict.isGood()).isTrue();
    }

    @Test
    void shouldCountApartWhatWasSentBeforeAllWasDeleted() {
        Verdict verdict = judge(
                "invoke 1 0 7 NORMAL LOCAL",
                "ok 1 0",
                "invoke 1 1 7 NORMAL LOCAL",
                "received 1 1 7 1 true",
                "flushed",
                "ok 1 1",
                "received 1 1 7 1 true");

        assertThat(verdict.isGood()).isTrue();
        assertThat(verdict.flushed()).isEqualTo(1);
        assertThat(verdict.flagged()).isEqualTo(1);
    }

    @Test
    void shouldExcuseNothingThatWasSentAfterAllWasDeleted() {
        Verdict verdict = judge(
                "flushed",
                "invoke 1 0 7 NORMAL LOCAL",
                "ok 1 0",
                "invoke 1 1 7 NORMAL LOCAL",
                "ok 1 1",
                "received 1 1 7 1 true",
                "received 1 1 7 1 true");

        assertThat(verdict.flushed()).isZero();
        assertThat(verdict.lost()).isEqualTo(1);
        assertThat(verdict.unflagged()).isEqualTo(1);
    }

    @Test
    void shouldCountApartWhatOneServerHadWhenItDied() {
        Verdict verdict = judge(
                "invoke 1 0 7 NORMAL LOCAL",
                "ok 1 0",
                "invoke 1 1 7 NORMAL REPLICATED",
                "ok 1 1",
                "primary-lost",
                "invoke 1 2 7 NORMAL LOCAL",
                "ok 1 2");

        assertThat(verdict.behind()).isEqualTo(1);
        assertThat(verdict.lost()).isEqualTo(2);
    }

    @Test
    void shouldFindWhatNeverCameBack() {
        assertThat(judge("invoke 1 0 7 NORMAL LOCAL").stuck()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "invoke 3 4 5 BULK LOCAL",
                "invoke 3 4 5 URGENT REPLICATED",
                "ok 3 4",
                "fail 3 4",
                "unknown 3 4",
                "received 3 4 5 2 false",
                "flushed",
                "primary-lost"
            })
    void shouldReadTheLinesThatItWrites(String line) {
        assertThat(Observation.parse(line).orElseThrow().text()).isEqualTo(line);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "ok", "ok 3", "received 3 4 5", "invoke 3 4 5 ODD LOCAL", "invoke 3 4 5 BULK", "other 1 2"})
    void shouldPassOverALineThatWasCutOff(String line) {
        assertThat(Observation.parse(line)).isEmpty();
    }
}
