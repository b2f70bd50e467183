package io.signalbox.gateway.identity;

import io.jsonwebtoken.Jwts;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Signs tokens that {@link JwtAuthenticator} takes. Thread-safe. */
public final class TokenIssuer {
    /** What a token allows; see {@link Identity}. Publish and subscribe are address patterns. */
    public record Grant(
            String subject,
            List<String> agents,
            List<String> publish,
            List<String> subscribe,
            Set<Identity.Role> roles) {}

    private final PrivateKey key;
    private final String issuer;
    private final String audience;

    public TokenIssuer(PrivateKey key, String issuer, String audience) {
        this.key = key;
        this.issuer = issuer;
        this.audience = audience;
    }

    public String issue(Grant grant, Duration lifetime, Instant now) {
        return Jwts.builder()
                .subject(grant.subject())
                .issuer(issuer)
                .audience()
                .add(audience)
                .and()
                .issuedAt(Date.from(now))
                .expiration(Date.from(now.plus(lifetime)))
                .claim("agents", grant.agents())
                .claim("publish", grant.publish())
                .claim("subscribe", grant.subscribe())
                .claim(
                        "roles",
                        grant.roles().stream()
                                .map(role -> role.name().toLowerCase(Locale.ROOT))
                                .sorted()
                                .toList())
                .signWith(key, Jwts.SIG.EdDSA)
                .compact();
    }
}
