package io.signalbox.bus.cluster;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A cluster as the test says, for tests of what asks a {@link ClusterView}. Thread-safe. */
public final class ScriptedClusterView implements ClusterView {
    private final int incarnation;
    private final List<Member> members = new CopyOnWriteArrayList<>();
    private final Map<Shard, Owner> owners = new ConcurrentHashMap<>();
    private final Map<Shard, Integer> epochs = new ConcurrentHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile Optional<String> whyNot = Optional.empty();

    public ScriptedClusterView(int incarnation) {
        this.incarnation = incarnation;
    }

    public ScriptedClusterView members(Collection<Member> present) {
        members.addAll(present);
        return this;
    }

    public ScriptedClusterView owners(Map<Shard, Owner> known) {
        owners.putAll(known);
        return this;
    }

    public ScriptedClusterView notActing(String why) {
        whyNot = Optional.of(why);
        return this;
    }

    /** This node owns the shard from now on; its listeners are not told. */
    public void own(Shard shard, int epoch) {
        epochs.put(shard, epoch);
    }

    public List<Listener> listeners() {
        return listeners;
    }

    @Override
    public int incarnation() {
        return incarnation;
    }

    @Override
    public List<Member> members() {
        return members;
    }

    @Override
    public Optional<Owner> owner(Shard shard) {
        return Optional.ofNullable(owners.get(shard));
    }

    @Override
    public OptionalInt epoch(Shard shard) {
        return epochs.containsKey(shard) ? OptionalInt.of(epochs.get(shard)) : OptionalInt.empty();
    }

    @Override
    public boolean mayAct() {
        return whyNot.isEmpty();
    }

    @Override
    public Optional<String> whyNot() {
        return whyNot;
    }

    @Override
    public void listen(Listener listener) {
        listeners.add(listener);
    }
}
