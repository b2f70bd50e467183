package io.signalbox.node.cli;

import io.signalbox.config.Secret;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.Trust;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import picocli.CommandLine.Option;

/** Which node a command talks to, and as whom. */
final class ClientOptions {
    /** Longer than it takes until another node has a dead one's work. */
    private static final Duration FAILOVER_PATIENCE = Duration.ofSeconds(10);

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${env:SIGNALBOX_URL:-http://127.0.0.1:4280}",
            description = "The node, or several separated by commas, of which the first that answers is asked; else"
                    + " SIGNALBOX_URL, else http://127.0.0.1:4280.")
    private String url;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            defaultValue = "${env:SIGNALBOX_TOKEN}",
            description = "Who you are; else SIGNALBOX_TOKEN. Others on the machine can see arguments: prefer a file.")
    private Optional<String> token = Optional.empty();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "${env:SIGNALBOX_TOKEN_FILE}",
            description = "A file with the token; else SIGNALBOX_TOKEN_FILE.")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(
            names = "--trust",
            paramLabel = "FILE",
            defaultValue = "${env:SIGNALBOX_TRUST}",
            description =
                    "The certificates (PEM) to trust over https; else SIGNALBOX_TRUST, else those that the JDK trusts.")
    private Optional<Path> trust = Optional.empty();

    ApiClient client() {
        ApiClient client = trust.isPresent()
                ? new ApiClient(nodes(), token(), trusted(trust.get()))
                : new ApiClient(nodes(), token());
        return client.retrying(FAILOVER_PATIENCE);
    }

    private static SSLContext trusted(Path file) {
        try {
            return Trust.in(file);
        } catch (IOException e) {
            throw new UsageException("--trust: " + e.getMessage(), e);
        }
    }

    private List<URI> nodes() {
        return Arrays.stream(url.split(",", -1))
                .map(String::strip)
                .map(ClientOptions::node)
                .toList();
    }

    private static URI node(String url) {
        try {
            URI node = URI.create(url.endsWith("/") ? url : url + "/");
            if (node.getHost() != null && Set.of("http", "https").contains(node.getScheme())) {
                return node;
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException("--url \"" + url + "\" is no URL: " + e.getMessage(), e);
        }
        throw new UsageException("--url \"" + url + "\": expected http://host:port or https://host:port");
    }

    private Secret token() {
        return new Secret(token.or(() -> tokenFile.map(ClientOptions::read)).orElse(""));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UsageException("The token file " + file + " cannot be read: " + FileTrouble.reason(e), e);
        }
    }
}
