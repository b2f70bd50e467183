package io.signalbox.node.certificates;

import io.signalbox.node.certificates.Keytool.Pair;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;

/**
 * Signs certificates for the nodes of one cluster, and for nobody else: who has one is a node. Files in PEM, in one folder;
 * none is ever written over. Blocking.
 */
public record ClusterAuthority(Path directory) {
    /** Without which nobody else becomes a node. */
    private static final int AUTHORITY_DAYS = 3650;

    private static final String NAME = "cluster-authority";

    /** For all nodes, {@code cluster.tls-authority-file}. */
    public Path certificateFile() {
        return certificateFile(NAME);
    }

    /** Signs; no node needs it. */
    public Path keyFile() {
        return keyFile(NAME);
    }

    /** {@code cluster.tls-certificate-file} of a node. */
    public Path certificateFile(String node) {
        return directory.resolve(node + ".pem");
    }

    /** {@code cluster.tls-key-file} of a node. */
    public Path keyFile(String node) {
        return directory.resolve(node + "-key.pem");
    }

    /**
     * Makes a certificate and a key for each of the nodes, and the authority itself when there is none in the folder yet.
     *
     * @param days for which the nodes' certificates are valid
     * @return whether the authority is new
     * @throws FileAlreadyExistsException when a file is there that would be written; then none was
     * @throws IOException also when only one of the authority's two files is there
     */
    public boolean issue(List<String> nodes, int days) throws IOException {
        for (String node : nodes) {
            refuseExisting(certificateFile(node));
            refuseExisting(keyFile(node));
        }
        Files.createDirectories(directory);
        boolean there = Files.exists(certificateFile()) || Files.exists(keyFile());
        try (Keytool keytool = new Keytool(directory)) {
            if (there) {
                keytool.add(NAME, new Pair(Pem.readCertificate(certificateFile()), Pem.readKey(keyFile())));
            } else {
                write(NAME, keytool.authority(NAME, "Signalbox " + NAME, AUTHORITY_DAYS));
            }
            for (int i = 0; i < nodes.size(); i++) {
                // By number: to keytool, aliases in capitals are the same as others.
                write(nodes.get(i), keytool.signed("node-" + i, nodes.get(i), days, NAME));
            }
        } catch (NoSuchFileException e) {
            throw new IOException("The authority is not whole, there is no " + e.getFile(), e);
        } catch (GeneralSecurityException e) {
            throw new IOException("No certificate can be made: " + e.getMessage(), e);
        }
        return !there;
    }

    private void write(String name, Pair pair) throws IOException, GeneralSecurityException {
        Pem.write(keyFile(name), pair.key());
        Pem.write(certificateFile(name), pair.certificate());
    }

    private static void refuseExisting(Path file) throws FileAlreadyExistsException {
        if (Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
    }
}
