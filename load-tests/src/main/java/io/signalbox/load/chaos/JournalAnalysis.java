package io.signalbox.load.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Judges what clients saw of durable messages, one observation after the other. Not thread-safe; pure. */
final class JournalAnalysis {
    private static final int MAX_FAULTS = 50;

    private enum Outcome {
        PENDING,
        ACKNOWLEDGED,
        REFUSED,
        UNKNOWN
    }

    private static final class Sent {
        final int mailbox;
        final Observation.Lane lane;
        final Observation.Tier tier;
        /** How often everything had been deleted when it was sent. */
        final int flushes;
        /** How often a primary had died when it was sent. */
        final int losses;

        Outcome outcome = Outcome.PENDING;
        int received;

        Sent(Observation.Invoked invoked, int flushes, int losses) {
            this.mailbox = invoked.mailbox();
            this.lane = invoked.lane();
            this.tier = invoked.tier();
            this.flushes = flushes;
            this.losses = losses;
        }
    }

    private record Id(int sender, long number) {}

    private record Order(int sender, int mailbox, Observation.Lane lane) {}

    /**
     * @param lost acknowledged, and never received
     * @param flushed the same, but all was deleted after it was sent
     * @param behind the same, but it was safe on one server alone, and that died after it was sent
     * @param phantoms received, and never sent, or refused, or in another's mailbox
     * @param flagged received again, and the delivery said so
     * @param unflagged received again as if for the first time
     * @param reordered received for the first time after a later one of the same sender, mailbox and lane
     * @param stuck invoked, and neither acknowledged nor refused nor given up
     * @param faults the first of them, in words
     */
    record Verdict(
            long invoked,
            long acknowledged,
            long refused,
            long unknown,
            long received,
            long lost,
            long flushed,
            long behind,
            long phantoms,
            long corrupt,
            long flagged,
            long unflagged,
            long reordered,
            long stuck,
            List<String> faults) {
        boolean isGood() {
            return lost + phantoms + corrupt + unflagged + reordered + stuck == 0;
        }
    }

    private final Map<Id, Sent> sent = new HashMap<>();
    private final Map<Order, Long> newest = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private long received;
    private long phantoms;
    private long corrupt;
    private long flagged;
    private long unflagged;
    private long reordered;
    private int flushes;
    private int losses;

    void see(Observation observation) {
        switch (observation) {
            case Observation.Flushed ignored -> flushes++;
            case Observation.PrimaryLost ignored -> losses++;
            case Observation.OfMessage ofMessage -> see(ofMessage);
        }
    }

    private void see(Observation.OfMessage observation) {
        Id id = new Id(observation.sender(), observation.number());
        switch (observation) {
            case Observation.Invoked invoked -> sent.put(id, new Sent(invoked, flushes, losses));
            case Observation.Acknowledged ignored -> end(id, Outcome.ACKNOWLEDGED);
            case Observation.Refused ignored -> end(id, Outcome.REFUSED);
            case Observation.Unknown ignored -> end(id, Outcome.UNKNOWN);
            case Observation.Received delivery -> received(id, delivery);
        }
    }

    private void end(Id id, Outcome outcome) {
        Sent message = sent.get(id);
        if (message == null) {
            throw new IllegalArgumentException("an outcome of what was not invoked: " + id);
        }
        message.outcome = outcome;
    }

    private void received(Id id, Observation.Received delivery) {
        received++;
        Sent message = sent.get(id);
        if (message == null || message.mailbox != delivery.mailbox()) {
            phantoms++;
            fault("%s was received in mailbox %d and not sent there".formatted(id, delivery.mailbox()));
            return;
        }
        if (!delivery.intact()) {
            corrupt++;
            fault("%s was received with another content".formatted(id));
        }
        if (message.received++ == 0) {
            first(id, message);
        } else if (delivery.attempt() > 1 || message.flushes < flushes || message.losses < losses) {
            // What is gone from the store may be stored anew, and nobody knows that it was delivered before.
            flagged++;
        } else {
            unflagged++;
            fault("%s was received again as attempt %d".formatted(id, delivery.attempt()));
        }
    }

    private void first(Id id, Sent message) {
        Order order = new Order(id.sender(), message.mailbox, message.lane);
        long before = newest.getOrDefault(order, -1L);
        if (id.number() < before) {
            reordered++;
            fault("%s was received after number %d of the same sender, mailbox and lane".formatted(id, before));
        } else {
            newest.put(order, id.number());
        }
    }

    private void fault(String words) {
        if (faults.size() < MAX_FAULTS) {
            faults.add(words);
        }
    }

    /** After the last observation. */
    Verdict verdict() {
        long lost = 0;
        long flushed = 0;
        long behind = 0;
        long refused = 0;
        for (Map.Entry<Id, Sent> each : sent.entrySet()) {
            Sent message = each.getValue();
            boolean missing = message.outcome == Outcome.ACKNOWLEDGED && message.received == 0;
            if (missing && message.flushes < flushes) {
                flushed++;
            } else if (missing && message.tier == Observation.Tier.LOCAL && message.losses < losses) {
                behind++;
            } else if (missing) {
                lost++;
                fault("%s was acknowledged for mailbox %d and never received"
                        .formatted(each.getKey(), message.mailbox));
            }
            if (message.outcome == Outcome.REFUSED && message.received > 0) {
                refused++;
                fault("%s was refused and received".formatted(each.getKey()));
            }
        }
        return new Verdict(
                sent.size(),
                count(Outcome.ACKNOWLEDGED),
                count(Outcome.REFUSED),
                count(Outcome.UNKNOWN),
                received,
                lost,
                flushed,
                behind,
                phantoms + refused,
                corrupt,
                flagged,
                unflagged,
                reordered,
                count(Outcome.PENDING),
                List.copyOf(faults));
    }

    private long count(Outcome outcome) {
        return sent.values().stream()
                .filter(message -> message.outcome == outcome)
                .count();
    }
}
