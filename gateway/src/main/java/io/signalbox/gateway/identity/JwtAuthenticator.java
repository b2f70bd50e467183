package io.signalbox.gateway.identity;

import io.jsonwebtoken.Claims;
import io.jsonwebtoken.ExpiredJwtException;
import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.JwtParser;
import io.jsonwebtoken.Jwts;
import io.signalbox.bus.AddressPattern;
import io.signalbox.codecs.Code;
import io.signalbox.config.IdentityConfig;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Verifies JSON Web Tokens (RFC 7519) that one key signed. The algorithm is the key's, whatever the token's header says;
 * nothing in the header is followed anywhere. Thread-safe.
 */
public final class JwtAuthenticator implements Authenticator {
    private static final int MAX_LENGTH = 16_384;

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
                .verifyWith(key)
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

    private static boolean isCanonicalPart(String part) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part);
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
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
