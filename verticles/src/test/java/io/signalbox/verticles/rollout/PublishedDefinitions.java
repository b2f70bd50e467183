package io.signalbox.verticles.rollout;

import static io.signalbox.verticles.PortCalls.get;

import io.signalbox.verticles.postgres.PostgresStore;
import io.vertx.sqlclient.Tuple;

/** Puts definitions where the registry keeps them. */
final class PublishedDefinitions {
    private PublishedDefinitions() {}

    /** @param skill {@code name@version} */
    static void publish(PostgresStore postgres, String name, String version, String skill) {
        String[] parts = skill.split("@");
        String document = "{\"skills\":[{\"name\":\"%s\",\"version\":\"%s\"}]}".formatted(parts[0], parts[1]);
        get(postgres.query(
                "INSERT INTO definitions VALUES ($1, $2, 'hash', $3, 'tester', clock_timestamp())",
                Tuple.of(name, version, document)));
    }
}
