package io.signalbox.gateway.identity;

/** Turns a bearer token into an identity. Thread-safe; costs CPU only. */
public interface Authenticator {
    /**
     * @param token empty when the client sent none
     * @throws AuthenticationException when the token does not verify, or there must be one
     */
    Identity authenticate(String token) throws AuthenticationException;
}
