package io.signalbox.bus.mailbox;

import io.signalbox.bus.mailbox.MailboxStore.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What was handed out and is not acknowledged, by each number that it was handed out with: who acknowledges late means the
 * message, not the attempt. Numbers begin with 1 and grow by one. Not thread-safe.
 */
final class Unacknowledged {
    /** In the order of their latest numbers these are in the order in which they are due. */
    private final TreeMap<Long, Delivery> byNumber = new TreeMap<>();

    private long lastNumber;
    private int size;

    Delivery add(Position position, int attempt, Instant due) {
        Delivery delivery = new Delivery(++lastNumber, List.of(), position, attempt, due);
        byNumber.put(delivery.number(), delivery);
        size++;
        return delivery;
    }

    /** The same message, handed out once more. */
    Delivery again(Delivery delivery, int attempt, Instant due) {
        List<Long> earlier = new ArrayList<>(delivery.earlier());
        earlier.add(delivery.number());
        Delivery again = new Delivery(++lastNumber, earlier, delivery.position(), attempt, due);
        earlier.forEach(number -> byNumber.put(number, again));
        byNumber.put(again.number(), again);
        return again;
    }

    /** Looks through all. */
    boolean has(Position position) {
        return byNumber.values().stream()
                .anyMatch(delivery -> delivery.position().equals(position));
    }

    boolean contains(Delivery delivery) {
        return byNumber.get(delivery.number()) == delivery;
    }

    void remove(Delivery delivery) {
        byNumber.remove(delivery.number());
        delivery.earlier().forEach(byNumber::remove);
        size--;
    }

    Optional<Delivery> remove(long number) {
        Optional<Delivery> delivery = Optional.ofNullable(byNumber.get(number));
        delivery.ifPresent(this::remove);
        return delivery;
    }

    void removeUpTo(long number, Consumer<Delivery> removed) {
        while (!byNumber.isEmpty() && byNumber.firstKey() <= number) {
            Delivery first = byNumber.firstEntry().getValue();
            remove(first);
            removed.accept(first);
        }
    }

    List<Delivery> due(Instant now) {
        List<Delivery> due = new ArrayList<>();
        for (var each : byNumber.entrySet()) {
            Delivery delivery = each.getValue();
            if (delivery.number() == each.getKey()) {
                if (delivery.due().isAfter(now)) {
                    break;
                }
                due.add(delivery);
            }
        }
        return due;
    }

    Optional<Instant> nextDue() {
        for (var each : byNumber.entrySet()) {
            if (each.getValue().number() == each.getKey()) {
                return Optional.of(each.getValue().due());
            }
        }
        return Optional.empty();
    }

    void clear() {
        byNumber.clear();
        size = 0;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    long lastNumber() {
        return lastNumber;
    }
}
