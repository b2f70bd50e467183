package io.signalbox.node.certificates;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The JDK's own program that makes and signs certificates, for which Java has no API. It works on a file of keys under a
 * password that nobody knows, which is deleted in the end. Blocking; not thread-safe.
 */
final class Keytool implements AutoCloseable {
    private static final String PASSWORD_VARIABLE = "SIGNER_PASSWORD";

    private final Path folder;
    private final Path file;
    private final String password;

    /** @param directory where its file is for the while */
    Keytool(Path directory) throws IOException {
        folder = Files.createTempDirectory(
                directory,
                ".keys-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        file = folder.resolve("keys.p12");
        byte[] drawn = new byte[24];
        new SecureRandom().nextBytes(drawn);
        password = HexFormat.of().formatHex(drawn);
    }

    /** A certificate and its key. */
    record Pair(Certificate certificate, PrivateKey key) {}

    /** Makes a pair that others are signed with, under an alias. */
    Pair authority(String alias, String name, int days) throws IOException, GeneralSecurityException {
        return generate(alias, name, days, List.of("-ext", "bc:c=ca:true,pathlen:0", "-ext", "ku:c=keyCertSign"));
    }

    /** Makes a pair that the pair under another alias has signed. */
    Pair signed(String alias, String name, int days, String signer) throws IOException, GeneralSecurityException {
        List<String> how =
                List.of("-signer", signer, "-ext", "ku:c=digitalSignature", "-ext", "eku=serverAuth,clientAuth");
        return generate(alias, name, days, how);
    }

    /** Takes a pair that was made before. */
    void add(String alias, Pair pair) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(alias, pair.key(), password.toCharArray(), new Certificate[] {pair.certificate()});
        try (OutputStream out = Files.newOutputStream(file)) {
            keys.store(out, password.toCharArray());
        }
    }

    private Pair generate(String alias, String name, int days, List<String> how)
            throws IOException, GeneralSecurityException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                "CN=" + name,
                "-validity",
                Integer.toString(days),
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass:env",
                PASSWORD_VARIABLE));
        command.addAll(how);
        run(command);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, password.toCharArray());
        }
        return new Pair(keys.getCertificate(alias), (PrivateKey) keys.getKey(alias, password.toCharArray()));
    }

    private void run(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put(PASSWORD_VARIABLE, password);
        Process keytool = builder.start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (keytool.waitFor() != 0) {
                throw new IOException("keytool: " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        Files.delete(folder);
    }
}
