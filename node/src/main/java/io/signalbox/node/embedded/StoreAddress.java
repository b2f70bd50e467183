package io.signalbox.node.embedded;

import io.signalbox.config.Secret;
import java.util.Objects;

/** Where an embedded store listens and how to get in. */
public record StoreAddress(String url, String user, Secret password) {
    public StoreAddress {
        Objects.requireNonNull(url);
        Objects.requireNonNull(user);
        Objects.requireNonNull(password);
    }
}
