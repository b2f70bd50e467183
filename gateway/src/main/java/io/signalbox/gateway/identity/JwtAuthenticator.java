package io.signalbox.gateway.identity;

import io.jsonwebtoken.Claims;
import io.jsonwebtoken.ExpiredJwtException;
import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.JwtParser;
import io.jsonwebtoken.Jwts;
import io.signalbox.bus.AddressPattern;
import io.signalbox.codecs.Code;
import io.signalbox.config.IdentityConfig;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Verifies JSON Web Tokens (RFC 7519) that one key signed. The algorithm is the key's, whatever the token's header says;
 * nothing in the header is followed anywhere. Thread-safe.
 */
public final class JwtAuthenticator implements Authenticator {
    private static final int MAX_LENGTH = 16_384;

    /** Of base64url (RFC 4648, section 5). */
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /** Verifies in an eighth of the time that the JDK's own provider needs. Registered nowhere. */
    private static final Provider FAST_ED25519 = new BouncyCastleProvider();

    /** Agents of one kind have the same grants: kept once, not for each of 30,000 tokens. */
    private static final int MAX_GRANTS = 1_000;

    private static final int MAX_REMEMBERED = 65_536;

    private final JwtParser parser;
    private final Map<List<String>, List<AddressPattern>> grants = new ConcurrentHashMap<>();
    private final VerifiedTokens verified = new VerifiedTokens(MAX_REMEMBERED);
    private final InstantSource clock;
    private final Duration skew;

    public JwtAuthenticator(PublicKey key, IdentityConfig config, InstantSource clock) {
        this.clock = clock;
        this.skew = config.clockSkew();
        this.parser = Jwts.parser()
                .provider(FAST_ED25519)
                .verifyWith(known(key))
                .sig()
                .clear()
                .add(Jwts.SIG.EdDSA)
                .and()
                .requireIssuer(config.issuer())
                .requireAudience(config.audience())
                .clockSkewSeconds(config.clockSkew().toSeconds())
                .clock(() -> Date.from(clock.instant()))
                .build();
    }

    /** The same key, as an object of the provider. */
    private static PublicKey known(PublicKey key) {
        try {
            return KeyFactory.getInstance(key.getAlgorithm(), FAST_ED25519)
                    .generatePublic(new X509EncodedKeySpec(key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not an Ed25519 key: " + key.getAlgorithm(), e);
        }
    }

    @Override
    public Identity authenticate(String token) throws AuthenticationException {
        if (token.isEmpty()) {
            throw new AuthenticationException(Code.UNAUTHENTICATED, "a token is needed here");
        }
        if (token.length() > MAX_LENGTH) {
            throw refused("the token is too long");
        }
        Optional<Identity> known = verified.find(token);
        if (known.isPresent()) {
            return unlessExpired(known.get());
        }
        Identity identity = verify(token);
        verified.put(token, identity);
        return identity;
    }

    private Identity unlessExpired(Identity identity) throws AuthenticationException {
        Instant end = identity.expires().orElse(Instant.MAX);
        if (clock.instant().isAfter(end.plus(skew))) {
            throw expired();
        }
        return identity;
    }

    private static AuthenticationException expired() {
        return new AuthenticationException(Code.TOKEN_EXPIRED, "the token has expired; get a new one");
    }

    private Identity verify(String token) throws AuthenticationException {
        if (!isCanonical(token)) {
            throw refused("the token is not three parts of unpadded base64url");
        }
        try {
            return identity(parser.parseSignedClaims(token).getPayload());
        } catch (ExpiredJwtException e) {
            throw expired();
        } catch (JwtException | IllegalArgumentException e) {
            // The library's messages quote the token; the client knows it, the log need not.
            throw refused("the token does not verify");
        }
    }

    /** The library's decoder passes over stray characters; here a token has one spelling (RFC 7515, section 2). */
    private static boolean isCanonical(String token) {
        String[] parts = token.split("\\.", -1);
        return parts.length == 3 && Arrays.stream(parts).allMatch(JwtAuthenticator::isCanonicalPart);
    }

    /** Characters of the alphabet alone, and no bits in the last one that belong to no byte. */
    private static boolean isCanonicalPart(String part) {
        int last = 0;
        for (int i = 0; i < part.length(); i++) {
            last = ALPHABET.indexOf(part.charAt(i));
            if (last < 0) {
                return false;
            }
        }
        return switch (part.length() % 4) {
            case 0 -> true;
            case 2 -> (last & 0xf) == 0;
            case 3 -> (last & 0x3) == 0;
            default -> false;
        };
    }

    private static AuthenticationException refused(String message) {
        return new AuthenticationException(Code.UNAUTHENTICATED, message);
    }

    private Identity identity(Claims claims) throws AuthenticationException {
        if (claims.getSubject() == null || claims.getSubject().isEmpty()) {
            throw refused("the token names no subject");
        }
        if (claims.getExpiration() == null) {
            throw refused("the token has no expiry");
        }
        return new Identity(
                claims.getSubject(),
                texts(claims, "agents"),
                patterns(claims, "publish"),
                patterns(claims, "subscribe"),
                roles(claims),
                Optional.of(claims.getExpiration().toInstant()));
    }

    private static List<String> texts(Claims claims, String name) throws AuthenticationException {
        Object value = claims.get(name);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        throw refused("the token's " + name + " must be a list of texts");
    }

    private List<AddressPattern> patterns(Claims claims, String name) throws AuthenticationException {
        List<String> texts = texts(claims, name);
        List<AddressPattern> known = grants.get(texts);
        if (known != null) {
            return known;
        }
        try {
            List<AddressPattern> patterns =
                    texts.stream().map(AddressPattern::new).toList();
            if (grants.size() < MAX_GRANTS) {
                grants.put(texts, patterns);
            }
            return patterns;
        } catch (IllegalArgumentException e) {
            throw refused("the token's " + name + ": " + e.getMessage());
        }
    }

    private static Set<Identity.Role> roles(Claims claims) throws AuthenticationException {
        try {
            return texts(claims, "roles").stream()
                    .map(role -> Identity.Role.valueOf(role.toUpperCase(Locale.ROOT)))
                    .collect(Collectors.toSet());
        } catch (IllegalArgumentException e) {
            throw refused("the token names a role that there is not");
        }
    }
}
