package io.signalbox.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jsonwebtoken.JwtBuilder;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import io.signalbox.codecs.Code;
import io.signalbox.config.IdentityConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwtAuthenticatorTest {
    private static final KeyPair KEYS = Ed25519Keys.generate();
    private static final KeyPair OTHERS = Ed25519Keys.generate();
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Duration SKEW = Duration.ofSeconds(30);

    private final JwtAuthenticator authenticator = new JwtAuthenticator(
            KEYS.getPublic(), new IdentityConfig(Optional.empty(), "box", "fleet", SKEW), () -> NOW);

    private static JwtBuilder good() {
        return Jwts.builder()
                .subject("ci")
                .issuer("box")
                .audience()
                .add("fleet")
                .and()
                .expiration(Date.from(NOW.plusSeconds(60)))
                .claim("roles", List.of("read", "agent"))
                .claim("agents", List.of("bot-*"))
                .claim("publish", List.of("chat/#"));
    }

    private static String signed(JwtBuilder token) {
        return token.signWith(KEYS.getPrivate(), Jwts.SIG.EdDSA).compact();
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A token whose header is replaced, its signature made anew over it with the good key. */
    private static String withHeader(Map<String, Object> members) {
        return signed(good().header().add(members).and());
    }

    @Test
    void shouldTellWhoItIsAndWhatItMay() throws Exception {
        Identity identity = authenticator.authenticate(signed(good()));

        assertThat(identity.subject()).isEqualTo("ci");
        assertThat(identity.roles()).isEqualTo(Set.of(Identity.Role.READ, Identity.Role.AGENT));
        assertThat(identity.mayActAs("bot-1")).isTrue();
        assertThat(identity.mayActAs("robot")).isFalse();
        assertThat(identity.mayPublish("chat/a")).isTrue();
        assertThat(identity.mayPublish("agent/a")).isFalse();
        assertThat(identity.expires()).contains(NOW.plusSeconds(60));
    }

    @Test
    void shouldTakeWhatTheIssuerIssues() throws Exception {
        TokenIssuer issuer = new TokenIssuer(KEYS.getPrivate(), "box", "fleet");
        TokenIssuer.Grant grant = new TokenIssuer.Grant(
                "a", List.of("a"), List.of("b/+"), List.of("c/#"), Set.of(Identity.Role.values()));

        Identity identity = authenticator.authenticate(issuer.issue(grant, Duration.ofMinutes(1), NOW));

        assertThat(identity.roles()).containsExactlyInAnyOrder(Identity.Role.values());
    }

    static Stream<Map.Entry<String, String>> attacks() {
        String valid = signed(good());
        String[] parts = valid.split("\\.");
        String admin = base64("{\"sub\":\"admin\",\"iss\":\"box\",\"aud\":[\"fleet\"],\"exp\":4102444800}");
        byte[] publicKey = KEYS.getPublic().getEncoded();
        byte[] longKey = java.util.Arrays.copyOf(publicKey, 64);
        return Stream.of(
                Map.entry("empty", ""),
                Map.entry("no token at all", "hello"),
                Map.entry("dots", "..."),
                Map.entry("two parts", parts[0] + "." + parts[1]),
                Map.entry("no signature", parts[0] + "." + parts[1] + "."),
                Map.entry("algorithm none", base64("{\"alg\":\"none\"}") + "." + admin + "."),
                Map.entry("algorithm None", base64("{\"alg\":\"None\"}") + "." + admin + "."),
                Map.entry("another content under the signature", parts[0] + "." + admin + "." + parts[2]),
                Map.entry(
                        "HMAC with the public key as its secret",
                        good().signWith(Keys.hmacShaKeyFor(longKey), Jwts.SIG.HS256)
                                .compact()),
                Map.entry(
                        "another key",
                        good().signWith(OTHERS.getPrivate(), Jwts.SIG.EdDSA).compact()),
                Map.entry(
                        "RSA",
                        good().signWith(Jwts.SIG.RS256.keyPair().build().getPrivate(), Jwts.SIG.RS256)
                                .compact()),
                Map.entry(
                        "ECDSA",
                        good().signWith(Jwts.SIG.ES256.keyPair().build().getPrivate(), Jwts.SIG.ES256)
                                .compact()),
                Map.entry(
                        "ECDSA with a signature of zeros",
                        base64("{\"alg\":\"ES256\"}") + "." + admin + "."
                                + Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[64])),
                Map.entry(
                        "a critical header that is not understood", withHeader(Map.of("crit", List.of("x"), "x", "y"))),
                Map.entry(
                        "not yet valid",
                        signed(good().notBefore(Date.from(NOW.plus(SKEW).plusSeconds(2))))),
                Map.entry("another issuer", signed(good().issuer("evil"))),
                Map.entry(
                        "no issuer",
                        signed(Jwts.builder()
                                .subject("x")
                                .audience()
                                .add("fleet")
                                .and()
                                .expiration(Date.from(NOW.plusSeconds(60))))),
                Map.entry(
                        "another audience",
                        signed(Jwts.builder()
                                .subject("x")
                                .issuer("box")
                                .audience()
                                .add("other")
                                .and()
                                .expiration(Date.from(NOW.plusSeconds(60))))),
                Map.entry(
                        "no expiry",
                        signed(Jwts.builder()
                                .subject("x")
                                .issuer("box")
                                .audience()
                                .add("fleet")
                                .and())),
                Map.entry(
                        "no subject",
                        signed(Jwts.builder()
                                .issuer("box")
                                .audience()
                                .add("fleet")
                                .and()
                                .expiration(Date.from(NOW.plusSeconds(60))))),
                Map.entry("a role that there is not", signed(good().claim("roles", List.of("king")))),
                Map.entry("roles that are no list", signed(good().claim("roles", "read"))),
                Map.entry("a pattern that is none", signed(good().claim("publish", List.of("a/#/b")))),
                Map.entry("too long", valid + "A".repeat(20_000)));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void shouldRefuse(Map.Entry<String, String> attack) {
        assertThatThrownBy(() -> authenticator.authenticate(attack.getValue()))
                .isInstanceOfSatisfying(
                        AuthenticationException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAUTHENTICATED));
    }

    @Test
    void shouldSayThatATokenHasExpiredButForTheSkew() throws Exception {
        Instant justInTime = NOW.minus(SKEW).plusSeconds(2);
        Instant tooLate = NOW.minus(SKEW).minusSeconds(2);

        authenticator.authenticate(signed(good().expiration(Date.from(justInTime))));
        assertThatThrownBy(() -> authenticator.authenticate(signed(good().expiration(Date.from(tooLate)))))
                .isInstanceOfSatisfying(
                        AuthenticationException.class, e -> assertThat(e.code()).isEqualTo(Code.TOKEN_EXPIRED));
    }

    /** The key is the configured one, whatever the header says about where others are. */
    @Test
    void shouldFollowNothingThatTheHeaderNames() throws Exception {
        String token = withHeader(Map.of(
                "kid", "../../../../dev/zero",
                "jku", "http://127.0.0.1:1/keys",
                "x5u", "http://127.0.0.1:1/certificate"));

        assertThat(authenticator.authenticate(token).subject()).isEqualTo("ci");
        String forged = good().header()
                .add(Map.of("jku", "http://127.0.0.1:1/keys"))
                .and()
                .signWith(OTHERS.getPrivate(), Jwts.SIG.EdDSA)
                .compact();
        assertThatThrownBy(() -> authenticator.authenticate(forged)).isInstanceOf(AuthenticationException.class);
    }

    /** A token that was verified once is known again, which must not outlive its end. */
    @Test
    void shouldRefuseATokenThatHasExpiredSinceItWasTaken() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(NOW);
        JwtAuthenticator aging = new JwtAuthenticator(
                KEYS.getPublic(), new IdentityConfig(Optional.empty(), "box", "fleet", SKEW), now::get);
        String token = signed(good());
        Identity first = aging.authenticate(token);

        now.set(NOW.plusSeconds(60).plus(SKEW));
        assertThat(aging.authenticate(token)).isSameAs(first);
        now.set(NOW.plusSeconds(61).plus(SKEW));
        assertThatThrownBy(() -> aging.authenticate(token))
                .isInstanceOfSatisfying(
                        AuthenticationException.class, e -> assertThat(e.code()).isEqualTo(Code.TOKEN_EXPIRED));
    }

    @Test
    void shouldRefuseEveryMutationOfAToken() {
        String valid = signed(good());
        for (long seed = 0; seed < 3_000; seed++) {
            String mutated = mutate(valid, new Random(seed));
            if (!mutated.equals(valid)) {
                assertThatThrownBy(() -> authenticator.authenticate(mutated))
                        .as("seed %d: %s", seed, mutated)
                        .isInstanceOf(AuthenticationException.class);
            }
        }
    }

    private static String mutate(String token, Random random) {
        String alphabet = "ABCabc019-_.= \u00e4";
        StringBuilder text = new StringBuilder(token);
        int at = random.nextInt(text.length());
        char other = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(3)) {
            case 0 -> text.setCharAt(at, other);
            case 1 -> text.insert(at, other);
            default -> text.deleteCharAt(at);
        }
        return text.toString();
    }

    /** Keys are new in each run, so what a stray character does to a signature differs: each is tried everywhere. */
    @ParameterizedTest
    @ValueSource(strings = {" ", "=", "==", "\u00e4", ".", "\n", "+", "/", "A"})
    void shouldRefuseATokenWithAStrayCharacterAnywhere(String stray) {
        String valid = signed(good());

        for (int at = 0; at <= valid.length(); at++) {
            String mutated = valid.substring(0, at) + stray + valid.substring(at);
            assertThatThrownBy(() -> authenticator.authenticate(mutated))
                    .as("'%s' at %d of %s", stray, at, valid)
                    .isInstanceOf(AuthenticationException.class);
        }
    }

    @Test
    void shouldReadTheKeysThatItWrites(@TempDir Path directory) throws Exception {
        Path privateFile = directory.resolve("private.pem");
        Path publicFile = directory.resolve("public.pem");
        Ed25519Keys.writePrivate(privateFile, KEYS.getPrivate());
        Ed25519Keys.writePublic(publicFile, KEYS.getPublic());

        assertThat(Ed25519Keys.readPrivate(privateFile)).isEqualTo(KEYS.getPrivate());
        assertThat(Ed25519Keys.readPublic(publicFile)).isEqualTo(KEYS.getPublic());
        assertThatThrownBy(() -> Ed25519Keys.readPublic(privateFile)).hasMessageContaining("PUBLIC KEY");
        Path broken = Files.writeString(
                directory.resolve("broken.pem"), "-----BEGIN PUBLIC KEY-----\n!!!\n-----END PUBLIC KEY-----\n");
        assertThatThrownBy(() -> Ed25519Keys.readPublic(broken)).hasMessageContaining("broken.pem");
    }
}
