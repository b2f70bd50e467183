package io.signalbox.verticles.membership;

import io.signalbox.bus.cluster.ClusterView.Shard;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which node is to own which shard: weighted rendezvous hashing. Every node computes the same from the same candidates, each
 * gets shards in proportion to its weight, and when one comes or goes only its own shards move. Not thread-safe.
 */
final class ShardMap {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /** @param weight positive */
    record Candidate(String node, int weight) {}

    private final List<Candidate> candidates;

    /** What was asked for before: it is asked for often. */
    private final Map<Shard, Optional<String>> owners = new HashMap<>();

    ShardMap(List<Candidate> candidates) {
        this.candidates = List.copyOf(candidates);
    }

    /** The same map when they are the same. */
    ShardMap of(List<Candidate> others) {
        return candidates.equals(others) ? this : new ShardMap(others);
    }

    /** Empty: there are no candidates. */
    Optional<String> owner(Shard shard) {
        return owners.computeIfAbsent(shard, this::best);
    }

    private Optional<String> best(Shard shard) {
        return candidates.stream()
                .max(Comparator.<Candidate>comparingDouble(candidate -> score(shard, candidate))
                        .thenComparing(Candidate::node))
                .map(Candidate::node);
    }

    /** StrictMath: the same on every machine. */
    private static double score(Shard shard, Candidate candidate) {
        double uniform = ((hash(shard, candidate.node()) >>> 11) + 0.5) * 0x1.0p-53;
        return -candidate.weight() / StrictMath.log(uniform);
    }

    private static long hash(Shard shard, String node) {
        byte[] text = (shard.kind() + '\0' + shard.number() + '\0' + node).getBytes(StandardCharsets.UTF_8);
        long hash = FNV_OFFSET;
        for (byte each : text) {
            hash = (hash ^ (each & 0xff)) * FNV_PRIME;
        }
        return mixed(hash);
    }

    /** So that neighbouring numbers give unlike bits (a finalizer of the kind that MurmurHash3 uses). */
    private static long mixed(long hash) {
        long mixed = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
