package io.signalbox.verticles.membership;

import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.verticles.membership.MembershipStore.Incarnation;
import io.signalbox.verticles.membership.MembershipStore.ShardRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which shards this node owns, is to take and is to give away. It owns what the store says, and moves that towards what the
 * {@link ShardMap} says. Single writer, not thread-safe; knows no clock.
 */
final class Shards {
    private final Set<String> kinds;

    /** As read last, of the kinds that this node knows. */
    private final Map<Shard, ShardRow> rows = new TreeMap<>();

    /** Announced as gained, and not as lost since. */
    private final Map<Shard, Integer> mine = new TreeMap<>();

    /** Of mine: announced as leaving. */
    private final Set<Shard> leaving = new TreeSet<>();

    /** Owned, and nobody works on them. */
    private final Set<Shard> stopped = new TreeSet<>();

    private long version = -1;
    private boolean stale = true;

    Shards(Collection<String> kinds) {
        this.kinds = Set.copyOf(kinds);
    }

    /** As the store told with a renewal. */
    void versionSeen(long seen) {
        stale |= seen != version;
    }

    /** What was read may not be true any more. */
    void changed() {
        stale = true;
    }

    boolean isStale() {
        return stale;
    }

    List<Effect> read(List<ShardRow> read, Incarnation self, ShardMap map) {
        stale = false;
        version = read.stream().mapToLong(ShardRow::epoch).sum();
        rows.clear();
        read.stream().filter(row -> kinds.contains(row.shard().kind())).forEach(row -> rows.put(row.shard(), row));
        List<Effect> effects = new ArrayList<>(lose(taken(self)));
        Map<Shard, Integer> gained = new TreeMap<>();
        for (ShardRow row : rows.values()) {
            boolean isNew = !mine.containsKey(row.shard()) && !stopped.contains(row.shard());
            if (isNew && row.isOwnedBy(self)) {
                if (isFor(self, row, map)) {
                    gained.put(row.shard(), row.epoch());
                } else {
                    stopped.add(row.shard());
                }
            }
        }
        mine.putAll(gained);
        if (!gained.isEmpty()) {
            effects.add(new Effect.ShardsGained(Map.copyOf(gained)));
        }
        effects.addAll(giveAway(self, map));
        return effects;
    }

    private Set<Shard> taken(Incarnation self) {
        stopped.removeIf(shard -> !isOwned(shard, self));
        Set<Shard> taken = new TreeSet<>();
        mine.forEach((shard, epoch) -> {
            if (!isOwned(shard, self) || rows.get(shard).epoch() != epoch) {
                taken.add(shard);
            }
        });
        return taken;
    }

    private boolean isOwned(Shard shard, Incarnation self) {
        return rows.containsKey(shard) && rows.get(shard).isOwnedBy(self);
    }

    private static boolean isFor(Incarnation self, ShardRow row, ShardMap map) {
        return map.owner(row.shard()).equals(Optional.of(self.node()));
    }

    /** After a change of the map. What has begun to leave leaves, whatever the map says meanwhile. */
    List<Effect> giveAway(Incarnation self, ShardMap map) {
        Set<Shard> now = new TreeSet<>();
        for (Shard shard : mine.keySet()) {
            if (!leaving.contains(shard) && !isFor(self, rows.get(shard), map)) {
                now.add(shard);
            }
        }
        leaving.addAll(now);
        return now.isEmpty() ? List.of() : List.of(new Effect.ShardsLeaving(Set.copyOf(now)));
    }

    /** Nobody works any more on what was leaving. */
    void stopped(Set<Shard> shards) {
        shards.stream().filter(leaving::remove).forEach(shard -> {
            mine.remove(shard);
            stopped.add(shard);
        });
    }

    /** The incarnation has ended. */
    List<Effect> loseAll() {
        stopped.clear();
        stale = true;
        return lose(new TreeSet<>(mine.keySet()));
    }

    private List<Effect> lose(Set<Shard> shards) {
        shards.forEach(mine::remove);
        leaving.removeAll(shards);
        return shards.isEmpty() ? List.of() : List.of(new Effect.ShardsLost(Set.copyOf(shards)));
    }

    List<ShardRow> toRelease() {
        return stopped.stream().map(rows::get).toList();
    }

    /** @param active whose incarnation has not ended: these give away what is not for them themselves */
    List<ShardRow> toClaim(Incarnation self, ShardMap map, Set<Incarnation> active) {
        Set<Incarnation> alive = new HashSet<>(active);
        alive.add(self);
        return rows.values().stream()
                .filter(row ->
                        isFor(self, row, map) && !alive.contains(new Incarnation(row.owner(), row.incarnation())))
                .toList();
    }

    /** Of a shard to work on. */
    OptionalInt epoch(Shard shard) {
        Integer epoch = leaving.contains(shard) ? null : mine.get(shard);
        return epoch == null ? OptionalInt.empty() : OptionalInt.of(epoch);
    }

    boolean hasNone() {
        return mine.isEmpty() && stopped.isEmpty();
    }

    List<ShardRow> rows() {
        return List.copyOf(rows.values());
    }
}
