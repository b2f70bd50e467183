package io.signalbox.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How clients show who they are. Immutable, thread-safe. */
public record IdentityConfig(
        @Setting(
                "Public key (PEM, Ed25519) that verifies tokens. Empty: no tokens, every local process may act as anyone, loopback only")
        Optional<Path> publicKeyFile,

        @Setting(value = "Issuer that tokens must name", defaultValue = "signalbox")
        String issuer,

        @Setting(value = "Audience that tokens must name", defaultValue = "signalbox")
        String audience,

        @Setting(value = "Tolerated difference of clocks", defaultValue = "30s", min = 0, max = 300_000)
        Duration clockSkew) {}
