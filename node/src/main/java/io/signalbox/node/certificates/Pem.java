package io.signalbox.node.certificates;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** Files with one certificate or one key (RFC 7468), never written over. */
final class Pem {
    private static final String PRIVATE_KEY = "PRIVATE KEY";

    private Pem() {}

    /** @throws FileAlreadyExistsException when the file is there */
    static void write(Path file, Certificate certificate) throws IOException, GeneralSecurityException {
        Files.writeString(file, text("CERTIFICATE", certificate.getEncoded()), StandardOpenOption.CREATE_NEW);
    }

    /**
     * Readable by the owner alone, from the start.
     *
     * @throws FileAlreadyExistsException when the file is there
     */
    static void write(Path file, Key key) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text(PRIVATE_KEY, key.getEncoded()), StandardOpenOption.WRITE);
    }

    static Certificate readCertificate(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " holds no certificate in PEM", e);
        }
    }

    static PrivateKey readKey(Path file) throws IOException {
        try {
            String body = Files.readString(file, StandardCharsets.US_ASCII).replaceAll("-----[A-Z ]+-----", "");
            return KeyFactory.getInstance("EC")
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + " holds no EC key in PEM", e);
        }
    }

    private static String text(String label, byte[] encoded) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }
}
