package io.signalbox.verticles.registry;

import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.DirectiveView;
import io.signalbox.codecs.internal.FleetVerb;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * What an operator says of all agents that meet a selector, now and later, until it is revoked. Immutable.
 *
 * @param revision the fleet's that it made; 0: it is not stored yet
 * @param messagesPerSecond of {@code LIMIT_RATE} alone
 * @param matched live agents that it selected when it was issued
 */
public record Directive(
        UUID id,
        long revision,
        Verb verb,
        AgentSelector selector,
        int messagesPerSecond,
        String reason,
        String by,
        Instant at,
        int matched,
        Optional<Revocation> revocation) {
    /** What is to become of the agents. */
    public enum Verb {
        /** Whatever was said before counts no more. */
        RESUME,
        /** No new tasks. */
        PAUSE,
        /** No new tasks, and who has none and leaves does not come back. */
        DRAIN,
        /** No new tasks, and nothing is sent but replies and outcomes. */
        QUARANTINE,
        /** Ended, and kept out. */
        KILL,
        /** Sends no more messages a second than that. */
        LIMIT_RATE
    }

    /** @param revision the fleet's that it made */
    public record Revocation(long revision, String by, Instant at) {}

    Directive storedAs(long newRevision) {
        return new Directive(id, newRevision, verb, selector, messagesPerSecond, reason, by, at, matched, revocation);
    }

    DirectiveView view() {
        DirectiveView.Builder view = DirectiveView.newBuilder()
                .setId(revision == 0 ? "" : id.toString())
                .setRevision(revision)
                .setVerb(FleetVerb.valueOf("FLEET_VERB_" + verb))
                .setSelector(selector)
                .setMessagesPerSecond(messagesPerSecond)
                .setReason(reason)
                .setBy(by)
                .setAtMs(at.toEpochMilli())
                .setMatched(matched);
        revocation.ifPresent(revoked -> view.setRevokedRevision(revoked.revision())
                .setRevokedBy(revoked.by())
                .setRevokedAtMs(revoked.at().toEpochMilli()));
        return view.build();
    }
}
