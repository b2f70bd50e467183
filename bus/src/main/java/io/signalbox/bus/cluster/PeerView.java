package io.signalbox.bus.cluster;

import io.signalbox.bus.cluster.InterestFrame.Ask;
import io.signalbox.bus.cluster.InterestFrame.Change;
import io.signalbox.bus.cluster.InterestFrame.Delta;
import io.signalbox.bus.cluster.InterestFrame.Probe;
import io.signalbox.bus.cluster.InterestFrame.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** The interest of one peer, as far as it is known here. Not thread-safe. */
final class PeerView {
    /** Deltas that wait for their snapshot; with more of them it is begun anew. */
    private static final int MAX_WAITING = 4096;

    private static final Duration ASK_TIMEOUT = Duration.ofSeconds(1);

    /** A snapshot that is being fetched. */
    private static final class Download {
        final long request;
        final Map<String, PatternInterest> patterns = new HashMap<>();
        int part;
        long sequence;
        Instant askedAt;

        Download(long request, Instant now) {
            this.request = request;
            this.askedAt = now;
        }
    }

    private final LongSupplier requests;
    private final Consumer<Ask> ask;
    private final Consumer<Change> changed;
    private final TreeMap<Long, Delta> waiting = new TreeMap<>();
    private Map<String, PatternInterest> patterns = new HashMap<>();
    private Optional<Download> download = Optional.empty();
    private long sequence;
    private long hash;

    /**
     * @param requests numbers that no request to this peer had before
     * @param changed told of each pattern whose interest is another than before
     */
    PeerView(LongSupplier requests, Consumer<Ask> ask, Consumer<Change> changed, Instant now) {
        this.requests = requests;
        this.ask = ask;
        this.changed = changed;
        fetch(now);
    }

    private void fetch(Instant now) {
        Download begun = new Download(requests.getAsLong(), now);
        download = Optional.of(begun);
        ask.accept(new Ask(begun.request, 0));
    }

    void delta(Delta delta, Instant now) {
        if (delta.sequence() <= sequence && download.isEmpty()) {
            return;
        }
        waiting.put(delta.sequence(), delta);
        if (download.isPresent()) {
            if (waiting.size() > MAX_WAITING) {
                waiting.clear();
                fetch(now);
            }
            return;
        }
        applyWaiting();
        if (!waiting.isEmpty()) {
            fetch(now);
        }
    }

    /** As far as no delta is missing. */
    private void applyWaiting() {
        waiting.headMap(sequence, true).clear();
        while (waiting.containsKey(sequence + 1)) {
            waiting.remove(++sequence).changes().forEach(this::apply);
        }
    }

    private void apply(Change change) {
        PatternInterest now = change.now();
        PatternInterest before =
                now.isEmpty() ? patterns.remove(change.pattern()) : patterns.put(change.pattern(), now);
        hash += OwnInterest.hash(change.pattern(), now);
        if (before != null) {
            hash -= OwnInterest.hash(change.pattern(), before);
        }
        if (!now.equals(before == null ? PatternInterest.NONE : before)) {
            changed.accept(change);
        }
    }

    void snapshot(Snapshot snapshot, Instant now) {
        if (download.isEmpty() || !isNext(download.get(), snapshot)) {
            return;
        }
        Download current = download.get();
        current.sequence = snapshot.sequence();
        snapshot.changes().forEach(change -> current.patterns.put(change.pattern(), change.now()));
        if (!snapshot.last()) {
            current.part++;
            current.askedAt = now;
            ask.accept(new Ask(current.request, current.part));
            return;
        }
        download = Optional.empty();
        replaceBy(current.patterns);
        sequence = snapshot.sequence();
        applyWaiting();
        if (!waiting.isEmpty()) {
            fetch(now);
        }
    }

    private static boolean isNext(Download current, Snapshot snapshot) {
        return current.request == snapshot.request()
                && current.part == snapshot.part()
                && (snapshot.part() == 0 || current.sequence == snapshot.sequence());
    }

    private void replaceBy(Map<String, PatternInterest> truth) {
        List<String> gone = new ArrayList<>();
        for (String pattern : patterns.keySet()) {
            if (!truth.containsKey(pattern)) {
                gone.add(pattern);
            }
        }
        gone.forEach(pattern -> apply(new Change(pattern, PatternInterest.NONE)));
        truth.forEach((pattern, interest) -> apply(new Change(pattern, interest)));
        // Anew, so that a wrong sum does not stay wrong.
        hash = 0;
        patterns.forEach((pattern, interest) -> hash += OwnInterest.hash(pattern, interest));
    }

    /** @return whether something was wrong that no sequence number had shown */
    boolean probe(Probe probe, Instant now) {
        if (download.isPresent() || probe.sequence() < sequence) {
            return false;
        }
        boolean diverged =
                probe.sequence() == sequence && (probe.hash() != hash || probe.patterns() != patterns.size());
        if (diverged || probe.sequence() > sequence) {
            fetch(now);
        }
        return diverged;
    }

    /** Asks again when a snapshot, or the asking, was lost. */
    void tick(Instant now) {
        if (download.isPresent() && !download.get().askedAt.plus(ASK_TIMEOUT).isAfter(now)) {
            fetch(now);
        }
    }

    /** The peer is gone, and so is its interest. */
    void clear() {
        List.copyOf(patterns.keySet()).forEach(pattern -> apply(new Change(pattern, PatternInterest.NONE)));
    }

    boolean isComplete() {
        return download.isEmpty();
    }

    Map<String, PatternInterest> patterns() {
        return patterns;
    }
}
