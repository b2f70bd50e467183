package io.signalbox.load.benchmark;

import io.signalbox.bus.AddressPattern;
import io.signalbox.config.IdentityConfig;
import io.signalbox.gateway.identity.AuthenticationException;
import io.signalbox.gateway.identity.Ed25519Keys;
import io.signalbox.gateway.identity.Identity;
import io.signalbox.gateway.identity.JwtAuthenticator;
import io.signalbox.gateway.identity.TokenIssuer;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a client may do, once for each message; and who it is, once for each connection. */
@State(Scope.Thread)
public class IdentityBenchmark {
    private static final List<String> PUBLISH = List.of("fleet/+/status", "skill/#", "audit/review", "agent/+");

    private final KeyPair keys = Ed25519Keys.generate();
    private final JwtAuthenticator authenticator = authenticator(keys);
    private final String token = token(keys, "reviewers");
    private final Identity anyone = granted(List.of("#"));
    private final Identity agent = granted(PUBLISH);

    private static JwtAuthenticator authenticator(KeyPair keys) {
        return new JwtAuthenticator(
                keys.getPublic(),
                new IdentityConfig(Optional.empty(), "signalbox", "signalbox", Duration.ofSeconds(30)),
                InstantSource.system());
    }

    private static String token(KeyPair keys, String subject) {
        return new TokenIssuer(keys.getPrivate(), "signalbox", "signalbox")
                .issue(
                        new TokenIssuer.Grant(
                                subject, List.of("reviewer-*"), PUBLISH, List.of(), Set.of(Identity.Role.AGENT)),
                        Duration.ofHours(1),
                        Instant.now());
    }

    static Identity granted(List<String> publish) {
        return new Identity(
                "reviewers",
                List.of("reviewer-*"),
                publish.stream().map(AddressPattern::new).toList(),
                List.of(),
                Set.of(Identity.Role.AGENT),
                Optional.empty());
    }

    @Benchmark
    public boolean mayPublishAnywhere() {
        return anyone.mayPublish(Sample.ADDRESS);
    }

    /** Allowed by the last of four patterns. */
    @Benchmark
    public boolean mayPublishByFourth() {
        return agent.mayPublish(Sample.ADDRESS);
    }

    /** Who comes back with the token that it had before. */
    @Benchmark
    public Identity authenticateKnown() throws AuthenticationException {
        return authenticator.authenticate(token);
    }

    /** Whose token was never seen: its signature is verified. */
    @Benchmark
    public Identity authenticateNewcomer(Newcomers newcomers) throws AuthenticationException {
        return newcomers.authenticateNext();
    }

    /** Each has a token of its own. After the last one all are forgotten, and come again. */
    @State(Scope.Thread)
    public static class Newcomers {
        private static final int COUNT = 4096;

        private final KeyPair keys = Ed25519Keys.generate();
        private final List<String> tokens = IntStream.range(0, COUNT)
                .mapToObj(i -> token(keys, "reviewer-" + i))
                .toList();
        private JwtAuthenticator authenticator = authenticator(keys);
        private int next;

        Identity authenticateNext() throws AuthenticationException {
            if (next == COUNT) {
                authenticator = authenticator(keys);
                next = 0;
            }
            return authenticator.authenticate(tokens.get(next++));
        }
    }
}
