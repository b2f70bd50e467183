package io.signalbox.gateway.identity;

import io.signalbox.bus.AddressPattern;
import io.signalbox.codecs.Code;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** For a node without a key, which listens on loopback alone: every local process may act as anyone. Thread-safe. */
public final class AnonymousAuthenticator implements Authenticator {
    private static final List<AddressPattern> ANYWHERE = List.of(new AddressPattern("#"));

    private static final Identity ANYONE = new Identity(
            "anonymous", List.of("*"), ANYWHERE, ANYWHERE, Set.of(Identity.Role.values()), Optional.empty());

    @Override
    public Identity authenticate(String token) throws AuthenticationException {
        if (!token.isEmpty()) {
            throw new AuthenticationException(
                    Code.UNAUTHENTICATED,
                    "this node has no key to verify tokens with; connect without one, or set identity.public-key-file");
        }
        return ANYONE;
    }
}
