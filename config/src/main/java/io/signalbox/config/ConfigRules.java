package io.signalbox.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What must hold besides the limits of single values: between keys, and for texts with a form of their own. */
final class ConfigRules {
    private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,62}");
    private static final Pattern MEMBER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,62}=[^=\\s]+:\\d{1,5}");
    private static final Pattern WEIGHT = Pattern.compile("[^=,\\s]{1,200}=[1-9][0-9]{0,2}");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|::1|0:0:0:0:0:0:0:1");

    private static final String READABLE = "a file that can be read";

    private static final List<Rule> RULES = List.of(
            rule(
                    "node.id",
                    "1 to 63 letters, digits, dots and dashes, beginning with a letter or digit",
                    config -> NODE_ID.matcher(config.node().id()).matches()),
            rule(
                    "gateway.host",
                    "a host name or address",
                    config -> !config.gateway().host().isBlank()),
            rule(
                    "gateway.host",
                    "a loopback address such as 127.0.0.1, or a key in identity.public-key-file:"
                            + " without one everybody who can connect may do everything",
                    config -> isLoopback(config.gateway().host())
                            || config.identity().publicKeyFile().isPresent(),
                    "identity.public-key-file"),
            rule(
                    "gateway.tls-certificate-file",
                    READABLE,
                    config -> isReadable(config.gateway().tlsCertificateFile())),
            rule(
                    "gateway.tls-certificate-file",
                    "a certificate together with gateway.tls-key-file, or neither",
                    config -> config.gateway().tlsCertificateFile().isPresent()
                            == config.gateway().tlsKeyFile().isPresent(),
                    "gateway.tls-key-file"),
            rule(
                    "gateway.tls-key-file",
                    READABLE,
                    config -> isReadable(config.gateway().tlsKeyFile())),
            rule(
                    "gateway.allowed-origins",
                    "origins such as https://console.example.org, without a path",
                    config -> config.gateway().allowedOrigins().stream().allMatch(ConfigRules::isOrigin)),
            rule(
                    "gateway.max-payload",
                    "at most three quarters of gateway.max-frame, for a payload grows by a third in JSON",
                    config -> config.gateway().maxPayload().bytes()
                            <= config.gateway().maxFrame().bytes() / 4 * 3,
                    "gateway.max-frame"),
            rule(
                    "gateway.max-outbound",
                    "at least gateway.max-frame, else the largest frame could never be sent",
                    config -> config.gateway().maxOutbound().bytes()
                            >= config.gateway().maxFrame().bytes(),
                    "gateway.max-frame"),
            rule(
                    "locks.max-lease",
                    "at least locks.lease",
                    config -> config.locks().maxLease().compareTo(config.locks().lease()) >= 0,
                    "locks.lease"),
            rule(
                    "identity.public-key-file",
                    READABLE,
                    config -> isReadable(config.identity().publicKeyFile())),
            rule(
                    "identity.issuer",
                    "a name",
                    config -> !config.identity().issuer().isBlank()),
            rule(
                    "identity.audience",
                    "a name",
                    config -> !config.identity().audience().isBlank()),
            rule(
                    "bus.request-timeout",
                    "longer than postgres.timeout, else clients do not learn what became of their request",
                    config -> isLonger(
                            config.bus().requestTimeout(), config.postgres().timeout()),
                    "postgres.timeout"),
            rule("cluster.name", "a name", config -> !config.cluster().name().isBlank()),
            rule(
                    "cluster.host",
                    "a host name or address",
                    config -> !config.cluster().host().isBlank()),
            rule(
                    "cluster.host",
                    "a loopback address such as 127.0.0.1, or a certificate in cluster.tls-certificate-file,"
                            + " or cluster.plaintext by name: who reaches the port can join and read everything",
                    config -> isLoopback(config.cluster().host())
                            || config.cluster().tlsCertificateFile().isPresent()
                            || config.cluster().plaintext(),
                    "cluster.tls-certificate-file",
                    "cluster.plaintext"),
            rule(
                    "cluster.members",
                    "nodes such as node-2=10.0.0.2:4281",
                    config -> config.cluster().members().stream()
                            .allMatch(member -> MEMBER.matcher(member).matches())),
            rule(
                    "cluster.tls-certificate-file",
                    READABLE,
                    config -> isReadable(config.cluster().tlsCertificateFile())),
            rule(
                    "cluster.tls-certificate-file",
                    "a certificate together with cluster.tls-key-file and cluster.tls-authority-file, or none of them",
                    config -> Stream.of(
                                            config.cluster().tlsCertificateFile(),
                                            config.cluster().tlsKeyFile(),
                                            config.cluster().tlsAuthorityFile())
                                    .map(Optional::isPresent)
                                    .distinct()
                                    .count()
                            == 1,
                    "cluster.tls-key-file",
                    "cluster.tls-authority-file"),
            rule(
                    "cluster.tls-key-file",
                    READABLE,
                    config -> isReadable(config.cluster().tlsKeyFile())),
            rule(
                    "cluster.tls-authority-file",
                    READABLE,
                    config -> isReadable(config.cluster().tlsAuthorityFile())),
            rule(
                    "cluster.max-waiting",
                    "at least gateway.max-frame, else the largest message could never be sent",
                    config -> config.cluster().maxWaiting().bytes()
                            >= config.gateway().maxFrame().bytes(),
                    "gateway.max-frame"),
            rule(
                    "allocation.tenant-weights",
                    "tenants with weights from 1 to 999, such as ci=3",
                    config -> config.allocation().tenantWeights().stream()
                            .allMatch(weight -> WEIGHT.matcher(weight).matches())),
            rule(
                    "registry.presence-time-to-live",
                    "longer than three times gateway.heartbeat, else the presence of living agents ends",
                    config -> isLonger(
                            config.registry().presenceTimeToLive(),
                            config.gateway().heartbeat().multipliedBy(3)),
                    "gateway.heartbeat"),
            rule(
                    "allocation.lease",
                    "at least twice gateway.heartbeat, so that one late renewal loses no assignment",
                    config -> !isLonger(
                            config.gateway().heartbeat().multipliedBy(2),
                            config.allocation().lease()),
                    "gateway.heartbeat"),
            rule(
                    "allocation.backoff-max",
                    "at least allocation.backoff-initial",
                    config -> !isLonger(
                            config.allocation().backoffInitial(),
                            config.allocation().backoffMax()),
                    "allocation.backoff-initial"),
            rule(
                    "postgres.url",
                    "postgresql://host:port/database, the user in postgres.user and postgres.password, or nothing",
                    config -> config.postgres().url().isEmpty()
                            || isPostgresUrl(config.postgres().url())),
            rule(
                    "postgres.user",
                    "the user for the server at postgres.url",
                    config -> config.postgres().url().isEmpty()
                            || !config.postgres().user().isBlank(),
                    "postgres.url"),
            rule(
                    "redis.url",
                    "redis://host:port, or rediss:// for TLS, the password in redis.password, or nothing",
                    config -> config.redis().url().stream().allMatch(ConfigRules::isRedisUrl)),
            rule(
                    "redis.url",
                    "one kind of url, redis:// or rediss:// for all servers",
                    config -> config.redis().url().stream()
                                    .map(url -> url.startsWith("rediss:"))
                                    .distinct()
                                    .count()
                            <= 1),
            rule(
                    "redis.url",
                    "one server, unless redis.mode is sentinel or cluster",
                    config -> config.redis().mode() != RedisMode.STANDALONE
                            || config.redis().url().size() <= 1,
                    "redis.mode"),
            rule(
                    "redis.mode",
                    "standalone, unless redis.url names the sentinels or some nodes of the cluster",
                    config -> config.redis().mode() == RedisMode.STANDALONE
                            || !config.redis().url().isEmpty(),
                    "redis.url"),
            rule(
                    "redis.sentinel-master",
                    "a name when redis.mode is sentinel, else nothing",
                    config -> (config.redis().mode() == RedisMode.SENTINEL)
                            != config.redis().sentinelMaster().isBlank(),
                    "redis.mode"));

    private ConfigRules() {}

    static List<Rule> all() {
        return RULES;
    }

    /** @param unusable keys whose values are refused already; nothing is concluded from them */
    static List<Rule> broken(SignalboxConfig config, Set<String> unusable) {
        return RULES.stream()
                .filter(rule ->
                        !unusable.contains(rule.key()) && rule.others().stream().noneMatch(unusable::contains))
                .filter(rule -> !rule.holds().test(config))
                .toList();
    }

    private static Rule rule(String key, String expected, Predicate<SignalboxConfig> holds, String... others) {
        return new Rule(key, expected, holds, List.of(others));
    }

    private static boolean isLonger(Duration one, Duration other) {
        return one.compareTo(other) > 0;
    }

    /** Or nothing, which another rule refuses. By its text, for what a name resolves to can change while the node runs. */
    private static boolean isLoopback(String host) {
        return host.isBlank() || LOOPBACK.matcher(host).matches();
    }

    /** Or none at all. */
    private static boolean isReadable(Optional<Path> file) {
        return file.map(path -> Files.isReadable(path) && !Files.isDirectory(path))
                .orElse(true);
    }

    private static boolean isOrigin(String text) {
        return uri(text)
                .filter(uri -> Set.of("http", "https").contains(uri.getScheme()))
                .filter(uri -> hasHostOnly(uri) && uri.getPath().isEmpty())
                .isPresent();
    }

    private static boolean isPostgresUrl(String text) {
        return uri(text)
                .filter(uri -> Set.of("postgresql", "postgres").contains(uri.getScheme()))
                .filter(uri -> hasHostOnly(uri) && uri.getPath().length() > 1)
                .isPresent();
    }

    private static boolean isRedisUrl(String text) {
        return uri(text)
                .filter(uri -> Set.of("redis", "rediss").contains(uri.getScheme()))
                .filter(ConfigRules::hasHostOnly)
                .isPresent();
    }

    /** Credentials in a URL would be shown where URLs are shown. */
    private static boolean hasHostOnly(URI uri) {
        return uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null;
    }

    private static Optional<URI> uri(String text) {
        try {
            URI uri = new URI(text);
            return uri.getScheme() == null || uri.getPath() == null ? Optional.empty() : Optional.of(uri);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /**
     * @param key whose value is at fault when the rule does not hold
     * @param others keys that the rule looks at besides
     */
    record Rule(String key, String expected, Predicate<SignalboxConfig> holds, List<String> others) {}
}
