package io.signalbox.verticles.membership;

import io.signalbox.bus.cluster.ClusterView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A cluster that stays as it is. */
record FixedView(List<Member> members, Map<Shard, Owner> owners, Optional<String> whyNot) implements ClusterView {
    @Override
    public int incarnation() {
        return 1;
    }

    @Override
    public Optional<Owner> owner(Shard shard) {
        return Optional.ofNullable(owners.get(shard));
    }

    @Override
    public OptionalInt epoch(Shard shard) {
        return OptionalInt.empty();
    }

    @Override
    public boolean mayAct() {
        return whyNot.isEmpty();
    }

    @Override
    public void listen(Listener listener) {
        throw new UnsupportedOperationException("nothing will happen");
    }
}
