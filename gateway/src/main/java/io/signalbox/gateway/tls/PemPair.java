package io.signalbox.gateway.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A certificate and its private key as texts in PEM, found to belong together. Immutable.
 *
 * @param certificate with its chain after it
 */
record PemPair(String certificate, String key) {
    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private static final byte[] PROBE =
            "signed to see whether the key is the certificate's".getBytes(StandardCharsets.US_ASCII);

    /** @throws IOException also when they hold no such things, or these do not belong together; the message says which */
    static PemPair read(Path certificateFile, Path keyFile) throws IOException {
        PemPair pair = new PemPair(Files.readString(certificateFile), Files.readString(keyFile));
        X509Certificate certificate = certificate(certificateFile, pair.certificate());
        String algorithm = certificate.getPublicKey().getAlgorithm();
        PrivateKey key = key(keyFile, pair.key(), algorithm);
        if (!belongTogether(certificate, key, algorithm)) {
            throw new IOException(keyFile + " is not the key of the certificate in " + certificateFile);
        }
        return pair;
    }

    private static X509Certificate certificate(Path file, String pem) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " holds no certificate in PEM: " + e.getMessage(), e);
        }
    }

    private static PrivateKey key(Path file, String pem, String algorithm) throws IOException {
        Matcher key = PRIVATE_KEY.matcher(pem);
        if (!key.find()) {
            throw new IOException(file + " holds no PRIVATE KEY in PEM (PKCS #8, not encrypted);"
                    + " openssl pkcs8 -topk8 -nocrypt makes one of other forms");
        }
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(key.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + " holds no " + algorithm + " key, which the certificate wants", e);
        }
    }

    private static boolean belongTogether(X509Certificate certificate, PrivateKey key, String algorithm)
            throws IOException {
        String scheme = switch (algorithm) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> throw new IOException("a certificate with " + algorithm + ": RSA and EC are known");
        };
        try {
            Signature signature = Signature.getInstance(scheme);
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false; // sizes or curves that do not fit are another key's
        }
    }

    @Override
    public String toString() {
        return "PemPair"; // the key is a secret
    }
}
