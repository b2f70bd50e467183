package io.signalbox.bus.cluster.tcp;

import io.signalbox.bus.cluster.PeerTransportContractTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTransportTest extends PeerTransportContractTest {
    private static Optional<PeerTls> ours = Optional.empty();
    private static Optional<PeerTls> others = Optional.empty();

    @BeforeAll
    static void createCertificates(@TempDir Path one, @TempDir Path other) throws Exception {
        ours = Optional.of(ClusterCertificates.create(one));
        others = Optional.of(ClusterCertificates.create(other));
    }

    @Override
    protected End end(String name) {
        return TcpTransportTest.end("test", name, ours);
    }

    @Override
    protected void introduce(List<End> known) {
        TcpTransportTest.introduceAll(known);
    }

    @Test
    void shouldNotLetInWhoHasACertificateOfAnotherAuthority() throws Exception {
        TcpTransportTest.checkIsNotLetIn(this, TcpTransportTest.end("test", "b", others));
    }

    /** It trusts us, but we ask for what it cannot show. */
    @Test
    void shouldNotLetInWhoTrustsUsAndHasAnotherCertificate() throws Exception {
        PeerTls mixed = new PeerTls(
                others.orElseThrow().certificate(),
                others.orElseThrow().key(),
                ours.orElseThrow().authority());

        TcpTransportTest.checkIsNotLetIn(this, TcpTransportTest.end("test", "B", Optional.of(mixed)));
    }

    @Test
    void shouldNotLetInWhoSpeaksInTheClear() throws Exception {
        TcpTransportTest.checkIsNotLetIn(this, TcpTransportTest.end("test", "b", Optional.empty()));
    }
}
