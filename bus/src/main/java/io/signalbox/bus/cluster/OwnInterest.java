package io.signalbox.bus.cluster;

import io.signalbox.bus.cluster.InterestFrame.Change;
import io.signalbox.bus.cluster.InterestFrame.Delta;
import io.signalbox.bus.cluster.InterestFrame.Probe;
import io.signalbox.bus.cluster.InterestFrame.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The interest of the node itself, as its peers are told. Not thread-safe. */
final class OwnInterest {
    /** Of changes in one frame, about. */
    private static final int MAX_FRAME_BYTES = 32 * 1024;

    /** One snapshot as it is handed out, part by part. */
    private record Upload(long request, long sequence, List<List<Change>> parts) {}

    private final Map<String, PatternInterest> patterns = new HashMap<>();
    private final Set<String> changed = new LinkedHashSet<>();
    private final Map<String, Upload> uploads = new HashMap<>();
    private long sequence;
    private long hash;

    /** What changes again before {@link #flush} is told once. */
    void change(String pattern, PatternInterest now) {
        PatternInterest before = patterns.getOrDefault(pattern, PatternInterest.NONE);
        if (before.equals(now)) {
            return;
        }
        if (now.isEmpty()) {
            patterns.remove(pattern);
        } else {
            patterns.put(pattern, now);
        }
        hash += hash(pattern, now) - hash(pattern, before);
        changed.add(pattern);
    }

    /** What an empty interest adds to the sum is nothing. */
    static long hash(String pattern, PatternInterest interest) {
        return interest.isEmpty() ? 0 : interest.hash(pattern);
    }

    /** What has changed since the last flush. */
    List<InterestFrame> flush() {
        List<InterestFrame> deltas = new ArrayList<>();
        for (List<Change> changes : parts(changed)) {
            deltas.add(new Delta(++sequence, changes));
        }
        changed.clear();
        return deltas;
    }

    /** After a {@link #flush}, for its sequence number is that of the last delta. */
    Probe probe() {
        return new Probe(sequence, hash, patterns.size());
    }

    /**
     * After a {@link #flush}.
     *
     * @return empty: that snapshot is not being handed out any more
     */
    Optional<Snapshot> part(String peer, long request, int part) {
        Upload upload = uploads.get(peer);
        if (upload == null || upload.request() != request) {
            if (part != 0) {
                return Optional.empty();
            }
            upload = new Upload(request, sequence, parts(patterns.keySet()));
            uploads.put(peer, upload);
        }
        boolean last = part >= upload.parts().size() - 1;
        List<Change> changes = part < upload.parts().size() ? upload.parts().get(part) : List.of();
        return Optional.of(new Snapshot(request, upload.sequence(), part, last, changes));
    }

    /** It has its snapshot, or is gone. */
    void forget(String peer) {
        uploads.remove(peer);
    }

    private List<List<Change>> parts(Set<String> some) {
        List<List<Change>> parts = new ArrayList<>();
        Iterator<String> left = some.iterator();
        while (left.hasNext()) {
            List<Change> part = new ArrayList<>();
            for (int bytes = 0;
                    bytes < MAX_FRAME_BYTES && left.hasNext();
                    bytes += part.getLast().size()) {
                String pattern = left.next();
                part.add(new Change(pattern, patterns.getOrDefault(pattern, PatternInterest.NONE)));
            }
            parts.add(part);
        }
        return parts;
    }
}
