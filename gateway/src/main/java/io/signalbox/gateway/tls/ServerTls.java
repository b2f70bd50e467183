package io.signalbox.gateway.tls;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** How the gateway speaks TLS, with a certificate that may be replaced while the node runs. Thread-safe. */
public final class ServerTls {
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

    /** With forward secrecy and authenticated encryption, as TLS 1.3 has nothing else. */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private final Path certificateFile;
    private final Path keyFile;
    private final AtomicReference<PemPair> served;

    private ServerTls(Path certificateFile, Path keyFile, PemPair served) {
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.served = new AtomicReference<>(served);
    }

    /** @throws IOException when the files cannot be used; the message says why */
    public static ServerTls read(Path certificateFile, Path keyFile) throws IOException {
        return new ServerTls(certificateFile, keyFile, PemPair.read(certificateFile, keyFile));
    }

    public HttpServerOptions applyTo(HttpServerOptions options) {
        return apply(served.get(), options);
    }

    private static HttpServerOptions apply(PemPair pair, HttpServerOptions options) {
        options.setSsl(true)
                .setUseAlpn(false)
                .setSslEngineOptions(new JdkSSLEngineOptions().setUseWorkerThread(true))
                .setEnabledSecureTransportProtocols(PROTOCOLS)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertValue(Buffer.buffer(pair.certificate()))
                        .addKeyValue(Buffer.buffer(pair.key())));
        CIPHERS.forEach(options::addEnabledCipherSuite);
        return options;
    }

    /**
     * Reads the files again. Blocks.
     *
     * @return what to serve from now on, if that is something else; told to one caller only
     * @throws IOException when they cannot be used, perhaps for one of them is not written yet
     */
    public Optional<ServerSSLOptions> renewed() throws IOException {
        PemPair before = served.get();
        PemPair found = PemPair.read(certificateFile, keyFile);
        return found.equals(before) || !served.compareAndSet(before, found)
                ? Optional.empty()
                : Optional.of(apply(found, new HttpServerOptions()).getSslOptions());
    }
}
