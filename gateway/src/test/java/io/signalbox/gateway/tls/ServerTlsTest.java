package io.signalbox.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Certificates and keys in files; connections are in the system tests of the node. */
class ServerTlsTest {
    @TempDir
    static Path directory;

    @BeforeAll
    static void make() throws Exception {
        make("ec", "EC", "secp256r1");
        make("other", "EC", "secp256r1");
        make("p384", "EC", "secp384r1");
        SelfSignedCertificate.create(folder("rsa"), List.of("-keyalg", "RSA", "-keysize", "2048"));
        SelfSignedCertificate.create(folder("ed25519"), List.of("-keyalg", "Ed25519"));
        Files.writeString(folder("text").resolve("certificate.pem"), "no certificate");
        Files.writeString(file("text", "key"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        Files.writeString(file("ec", "sec1"), "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");
    }

    private static void make(String name, String algorithm, String group) throws Exception {
        SelfSignedCertificate.create(folder(name), List.of("-keyalg", algorithm, "-groupname", group));
    }

    private static Path folder(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    private static Path file(String folder, String name) {
        return directory.resolve(folder).resolve(name + ".pem");
    }

    @ParameterizedTest
    @CsvSource({"ec", "p384", "rsa"})
    void shouldTakeACertificateWithItsKey(String kind) {
        assertThatCode(() -> ServerTls.read(file(kind, "certificate"), file(kind, "key")))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "ec, other/key, is not the key of the certificate in",
        "ec, p384/key, is not the key of the certificate in",
        "ec, rsa/key, holds no EC key",
        "rsa, ec/key, holds no RSA key",
        "ec, text/key, holds no EC key",
        "ec, ec/sec1, openssl pkcs8",
        "ec, ec/certificate, holds no PRIVATE KEY",
        "text, ec/key, holds no certificate",
        "ed25519, ed25519/key, RSA and EC are known"
    })
    void shouldSayWhatIsWrongWithTheFiles(String certificate, String key, String reason) {
        assertThatThrownBy(() -> ServerTls.read(file(certificate, "certificate"), directory.resolve(key + ".pem")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void shouldTellOnceWhenTheFilesHaveChangedAndNotBeforeBothHave() throws Exception {
        Path certificate = folder("changing").resolve("certificate.pem");
        Path key = file("changing", "key");
        Files.copy(file("ec", "certificate"), certificate);
        Files.copy(file("ec", "key"), key);
        ServerTls tls = ServerTls.read(certificate, key);
        assertThat(tls.renewed()).isEmpty();

        Files.copy(file("other", "certificate"), certificate, StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(tls::renewed).isInstanceOf(IOException.class);
        Files.copy(file("other", "key"), key, StandardCopyOption.REPLACE_EXISTING);

        assertThat(tls.renewed()).isPresent();
        assertThat(tls.renewed()).isEmpty();
    }

    @Test
    void shouldNotShowTheKey() throws Exception {
        PemPair pair = PemPair.read(file("ec", "certificate"), file("ec", "key"));

        assertThat(pair.toString()).doesNotContain("PRIVATE");
    }
}
