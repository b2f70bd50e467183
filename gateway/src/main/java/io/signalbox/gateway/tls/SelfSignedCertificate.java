package io.signalbox.gateway.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A certificate that nobody but its maker trusts, for a node on this machine: for load tests and tests of TLS. Immutable.
 *
 * @param certificateFile and {@code keyFile} are what {@code gateway.tls-certificate-file} and its key want
 */
public record SelfSignedCertificate(Path certificateFile, Path keyFile) {
    private static final String ALIAS = "node";
    private static final String PASSWORD = "changeit"; // of a file that lives for a moment

    /** Makes one for 127.0.0.1 and localhost, with the JDK's keytool, for it has no API that does. */
    public static SelfSignedCertificate create(Path directory) throws IOException, InterruptedException {
        return create(directory, List.of("-keyalg", "EC", "-groupname", "secp256r1"));
    }

    /** @param key options of keytool */
    static SelfSignedCertificate create(Path directory, List<String> key) throws IOException, InterruptedException {
        Path store = Files.createTempDirectory(directory, "keytool").resolve("store.p12");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-alias", ALIAS, "-dname", "CN=localhost", "-validity", "2"));
        command.addAll(List.of("-ext", "san=ip:127.0.0.1,dns:localhost"));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD, "-keystore", store.toString()));
        command.addAll(key);
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool made no certificate: " + said);
        }
        try {
            return write(store, directory);
        } catch (GeneralSecurityException e) {
            throw new IOException("What keytool made cannot be read", e);
        } finally {
            Files.delete(store);
            Files.delete(store.getParent());
        }
    }

    private static SelfSignedCertificate write(Path store, Path directory)
            throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return new SelfSignedCertificate(
                write(
                        directory.resolve("certificate.pem"),
                        "CERTIFICATE",
                        keys.getCertificate(ALIAS).getEncoded()),
                write(
                        directory.resolve("key.pem"),
                        "PRIVATE KEY",
                        keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded()));
    }

    private static Path write(Path file, String label, byte[] encoded) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return Files.writeString(file, "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n");
    }
}
