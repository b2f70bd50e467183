package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.StoreWrite.Detail;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The latest progress of each assigned task, until it is written: agents may tell as often as they like. Not thread-safe. */
final class ProgressBuffer {
    private static final int MAX_MESSAGE = 500;

    private Map<UUID, Detail.Progressed> latest = new LinkedHashMap<>();

    void put(UUID task, double percent, String message) {
        String kept = message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE);
        double bounded = percent >= 0 && percent <= 100 ? percent : 0;
        latest.put(task, new Detail.Progressed(bounded, kept));
    }

    Optional<Detail.Progressed> take(UUID task) {
        return Optional.ofNullable(latest.remove(task));
    }

    Map<UUID, Detail.Progressed> drain() {
        Map<UUID, Detail.Progressed> drained = latest;
        latest = new LinkedHashMap<>();
        return drained;
    }
}
