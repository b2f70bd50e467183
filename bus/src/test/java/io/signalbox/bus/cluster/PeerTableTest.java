package io.signalbox.bus.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.cluster.PeerTable.Effect.Down;
import io.signalbox.bus.cluster.PeerTable.Effect.Greet;
import io.signalbox.bus.cluster.PeerTable.Effect.Up;
import io.signalbox.bus.cluster.PeerTable.Reason;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PeerTableTest {
    private static final long OWN = 5;
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private final PeerTable table = new PeerTable(OWN);

    /** Connected, and heard to hear us. */
    private void bringUp(long incarnation) {
        table.connected("b");
        table.greeted("b", incarnation, OWN, NOW);
        assertThat(table.isUp("b")).isTrue();
    }

    @Test
    void shouldBeUpOnceThePeerHearsUsAndSaySoBeforeAllElse() {
        assertThat(table.connected("b")).containsExactly(new Greet("b", PeerTable.UNKNOWN));
        assertThat(table.greeted("b", 3, PeerTable.UNKNOWN, NOW))
                .as("it does not hear us yet")
                .containsExactly(new Greet("b", 3));
        assertThat(table.isUp("b")).isFalse();

        assertThat(table.greeted("b", 3, OWN, NOW)).containsExactly(new Greet("b", 3), new Up("b", 3));
        assertThat(table.greeted("b", 3, OWN, NOW)).as("it is known").isEmpty();
    }

    @Test
    void shouldNotBeUpWithoutAPathToThePeer() {
        assertThat(table.greeted("b", 3, OWN, NOW)).isEmpty();
        assertThat(table.isUp("b")).isFalse();
    }

    @Test
    void shouldAcceptOnlyWhatIsOfBothPresentIncarnations() {
        assertThat(table.accepts("b", 3, OWN, NOW)).isFalse();
        bringUp(3);

        assertThat(table.accepts("b", 3, OWN, NOW)).isTrue();
        assertThat(table.accepts("b", 2, OWN, NOW)).as("its former").isFalse();
        assertThat(table.accepts("b", 4, OWN, NOW)).as("one that did not greet").isFalse();
        assertThat(table.accepts("b", 3, OWN - 1, NOW)).as("our former").isFalse();
        assertThat(table.accepts("c", 3, OWN, NOW)).isFalse();
    }

    @Test
    void shouldTakeANewIncarnationForARestartAndIgnoreAnOldOne() {
        bringUp(3);

        assertThat(table.greeted("b", 2, PeerTable.UNKNOWN, NOW)).isEmpty();
        assertThat(table.isUp("b")).isTrue();
        assertThat(table.greeted("b", 4, PeerTable.UNKNOWN, NOW))
                .containsExactly(new Down("b", Reason.RESTARTED), new Greet("b", 4));
        assertThat(table.greeted("b", 4, OWN, NOW)).containsExactly(new Greet("b", 4), new Up("b", 4));
    }

    @Test
    void shouldBeDownWhenThePeerDoesNotHearUs() {
        bringUp(3);

        assertThat(table.greeted("b", 3, PeerTable.UNKNOWN, NOW))
                .containsExactly(new Down("b", Reason.DEAF), new Greet("b", 3));
    }

    @Test
    void shouldBeDownWhenDisconnectedAndForgetThatItHeardThePeer() {
        bringUp(3);

        assertThat(table.disconnected("b")).containsExactly(new Down("b", Reason.DISCONNECTED));
        assertThat(table.disconnected("b")).isEmpty();
        assertThat(table.connected("b")).containsExactly(new Greet("b", PeerTable.UNKNOWN));
    }

    @Test
    void shouldGiveUpAPeerThatIsSilentAndGreetItAllTheSame() {
        bringUp(3);
        table.tick(NOW);
        table.accepts("b", 3, OWN, NOW.plusSeconds(1));

        assertThat(table.tick(NOW.plusSeconds(1).plus(PeerTable.SILENCE))).doesNotHaveAnyElementsOfTypes(Down.class);
        assertThat(table.tick(NOW.plusSeconds(1).plus(PeerTable.SILENCE).plusSeconds(1)))
                .containsExactly(new Down("b", Reason.SILENT), new Greet("b", PeerTable.UNKNOWN));
    }

    @Test
    void shouldGreetWithEachHeartbeatAndNotMoreOften() {
        bringUp(3);

        assertThat(table.tick(NOW)).containsExactly(new Greet("b", 3));
        assertThat(table.tick(NOW.plus(PeerTable.HEARTBEAT).minusMillis(1))).isEmpty();
        assertThat(table.tick(NOW.plus(PeerTable.HEARTBEAT))).hasSize(1);
    }

    @Test
    void shouldBeginAnewWithAllPeersAsANewIncarnationWhichGrows() {
        bringUp(3);

        assertThat(table.rejoin(6)).containsExactly(new Down("b", Reason.REJOINED), new Greet("b", 3));
        assertThat(table.own()).isEqualTo(6);
        assertThatThrownBy(() -> table.rejoin(6)).isInstanceOf(IllegalArgumentException.class);
    }

    /** What the promise to notice a hung node within 5 s rests on. */
    @Test
    void shouldNoticeAHungPeerInTime() {
        assertThat(PeerTable.SILENCE.plus(Duration.ofMillis(500))).isLessThan(Duration.ofSeconds(5));
        assertThat(PeerTable.HEARTBEAT.multipliedBy(3)).isLessThan(PeerTable.SILENCE);
    }
}
