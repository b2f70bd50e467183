package io.signalbox.bus.cluster.tcp;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TCPSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Mutual TLS between nodes: TLS 1.3 alone, and each end shows a certificate that the cluster's own authority has signed. Who
 * has such a certificate is a node, under whatever name; so the authority is to sign for nothing else. Immutable.
 *
 * @param certificate PEM, its chain after it
 * @param key PEM, PKCS #8
 * @param authority PEM; signs the nodes' certificates
 */
public record PeerTls(String certificate, String key, String authority) {

    /** @throws IOException when a file cannot be read */
    public static PeerTls read(Path certificateFile, Path keyFile, Path authorityFile) throws IOException {
        return new PeerTls(
                Files.readString(certificateFile), Files.readString(keyFile), Files.readString(authorityFile));
    }

    NetServerOptions applyTo(NetServerOptions options) {
        apply(options);
        return options.setClientAuth(ClientAuth.REQUIRED);
    }

    NetClientOptions applyTo(NetClientOptions options) {
        apply(options);
        // The authority vouches for all nodes alike; under which address one is found says nothing.
        return options.setTrustAll(false).setHostnameVerificationAlgorithm("");
    }

    private void apply(TCPSSLOptions options) {
        options.setSsl(true)
                .setSslEngineOptions(new JdkSSLEngineOptions().setUseWorkerThread(true))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertValue(Buffer.buffer(certificate))
                        .addKeyValue(Buffer.buffer(key)))
                .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(authority)));
    }

    @Override
    public String toString() {
        return "PeerTls"; // the key is a secret
    }
}
