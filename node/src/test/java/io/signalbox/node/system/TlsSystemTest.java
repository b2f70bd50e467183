package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.config.Secret;
import io.signalbox.gateway.tls.SelfSignedCertificate;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.Trust;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.SignalboxException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that speaks TLS, with clients that trust its certificate alone. */
@Timeout(60)
final class TlsSystemTest {
    @TempDir
    static Path directory;

    private static SelfSignedCertificate certificate;
    private static SSLContext trust;
    private static RunningNode node;
    private static Http http;

    @BeforeAll
    static void start() throws Exception {
        certificate = SelfSignedCertificate.create(directory);
        trust = Trust.in(certificate.certificateFile());
        node = RunningNode.start(Map.of(
                "gateway.tls-certificate-file", certificate.certificateFile().toString(),
                "gateway.tls-key-file", certificate.keyFile().toString()));
        http = new Http(node.url(), trust);
    }

    @AfterAll
    static void stop() {
        http.close();
        node.close();
    }

    private static ClientOptions.Builder options() {
        return ClientOptions.builder(node.url());
    }

    @Test
    void shouldGiveWorkToAnAgentOverTls() throws Exception {
        assertThat(node.url()).startsWith("https://127.0.0.1:");
        HttpClient trusting = HttpClient.newBuilder().sslContext(trust).build();
        try (trusting;
                SignalboxClient client =
                        SignalboxClient.connect(options().http(trusting).build())) {
            // More than a record of TLS, both ways.
            client.agent("secret-1")
                    .skill("tls.echo", assignment -> assignment.input())
                    .attach();
            String input = "\"" + "x".repeat(50_000) + "\"";

            String task = http.submit("tls.echo", input);

            http.awaitState(task, "succeeded");
            assertThat(http.task(task).path("output").toString()).isEqualTo(input);
        }
    }

    @Test
    void shouldTalkToTheCommandLinesClient() throws Exception {
        try (ApiClient client = new ApiClient(List.of(URI.create(node.url() + "/")), new Secret(""), trust)) {
            assertThat(client.get("v1/agents").path("agents").isArray()).isTrue();
        }
    }

    @Test
    void shouldBeRefusedByAClientThatDoesNotKnowTheCertificate() {
        ClientOptions impatient =
                options().connectTimeout(Duration.ofSeconds(1)).build();

        assertThatThrownBy(() -> SignalboxClient.connect(impatient)).isInstanceOf(SignalboxException.class);
    }

    @Test
    void shouldAnswerNothingInPlainText() {
        try (Http plain = new Http(node.url().replace("https", "http"))) {
            assertThatThrownBy(() -> plain.get("/livez")).isInstanceOf(IOException.class);
        }
    }

    private static SSLSocket socket(SSLContext context) throws Exception {
        return (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", node.port());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shouldSpeakTheVersionsThatAreSafe(String version) throws Exception {
        try (SSLSocket socket = socket(trust)) {
            socket.setEnabledProtocols(new String[] {version});

            socket.startHandshake();

            assertThat(socket.getSession().getProtocol()).isEqualTo(version);
        }
    }

    @Test
    void shouldRefuseACipherWithoutAuthenticatedEncryption() throws Exception {
        try (SSLSocket socket = socket(trust)) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"});

            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
        }
    }

    @Test
    void shouldServeANewCertificateWithoutARestart() throws Exception {
        Path keptCertificate = Files.copy(certificate.certificateFile(), directory.resolve("kept-certificate.pem"));
        Path keptKey = Files.copy(certificate.keyFile(), directory.resolve("kept-key.pem"));
        try {
            SelfSignedCertificate.create(directory);
            SSLContext trustNew = Trust.in(certificate.certificateFile());

            Eventually.eventually("the new certificate is served", () -> isServed(trustNew));
        } finally {
            restore(keptKey, certificate.keyFile());
            restore(keptCertificate, certificate.certificateFile());
            Eventually.eventually("the first certificate is served again", () -> isServed(trust));
        }
    }

    private static void restore(Path kept, Path file) throws Exception {
        Files.copy(kept, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** By every event loop: they take connections in turn. */
    private static boolean isServed(SSLContext trusted) throws Exception {
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            try (SSLSocket socket = socket(trusted)) {
                socket.startHandshake();
            } catch (SSLException e) {
                return false; // it serves one that is not trusted
            }
        }
        return true;
    }
}
