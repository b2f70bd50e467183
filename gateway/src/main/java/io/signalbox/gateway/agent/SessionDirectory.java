package io.signalbox.gateway.agent;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Finds the session of a resume token, over all event loops of the node. Thread-safe. */
public final class SessionDirectory {
    private static final int TOKEN_BYTES = 16;

    private final Map<String, AgentSession> byResumeToken = new ConcurrentHashMap<>();
    private final SecureRandom random;

    /** @param random makes the tokens: who has one has the session */
    public SessionDirectory(SecureRandom random) {
        this.random = random;
    }

    String newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    void put(String resumeToken, AgentSession session) {
        byResumeToken.put(resumeToken, session);
    }

    /** A token is good once, and only for the subject that began the session; another's try leaves it as it is. */
    Optional<AgentSession> take(String resumeToken, String subject) {
        return Optional.ofNullable(byResumeToken.get(resumeToken))
                .filter(session -> session.identity().subject().equals(subject))
                .filter(session -> byResumeToken.remove(resumeToken, session));
    }

    void remove(String resumeToken) {
        byResumeToken.remove(resumeToken);
    }
}
