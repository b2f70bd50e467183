package io.signalbox.gateway.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Identities of tokens that were verified lately, by the tokens' SHA-256. To verify a signature costs half a millisecond and
 * more; a fleet that reconnects all at once brings the tokens that it had before. Bounded: what was not asked for while as
 * many others came is forgotten. Whether a token has expired is for the caller to check. Thread-safe.
 */
final class VerifiedTokens {
    /** 128 bits of the hash: nobody finds two tokens that share them, of which one is good. */
    private record Key(long high, long low) {}

    private final int perGeneration;
    private volatile Map<Key, Identity> young = new ConcurrentHashMap<>();
    private volatile Map<Key, Identity> old = Map.of();

    /** @param max that are remembered */
    VerifiedTokens(int max) {
        this.perGeneration = Math.max(1, max / 2);
    }

    Optional<Identity> find(String token) {
        Key key = key(token);
        Identity known = young.get(key);
        if (known == null) {
            known = old.get(key);
            if (known != null) {
                put(key, known);
            }
        }
        return Optional.ofNullable(known);
    }

    void put(String token, Identity identity) {
        put(key(token), identity);
    }

    private void put(Key key, Identity identity) {
        Map<Key, Identity> current = young;
        if (current.size() >= perGeneration) {
            // Two threads may do this at once; then a generation is forgotten early, which costs a verification.
            old = current;
            current = new ConcurrentHashMap<>();
            young = current;
        }
        current.put(key, identity);
    }

    private static Key key(String token) {
        try {
            ByteBuffer hash = ByteBuffer.wrap(
                    MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
            return new Key(hash.getLong(), hash.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
