package io.signalbox.verticles.membership;

import com.google.protobuf.MessageLite;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.ClusterView.Owner;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.NodeInfo;
import io.signalbox.codecs.internal.NodeList;
import io.signalbox.codecs.internal.ShardInfo;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The cluster as this node sees it, as a service at {@value #ADDRESS}. Confined to its event loop. */
public final class NodesVerticle extends VerticleBase {
    public static final String ADDRESS = "$sys/nodes";

    private final BusServices services;
    private final ClusterView view;
    private final String node;
    private final Map<String, Integer> shardCounts;
    private Subscription subscription;

    /**
     * @param node this one
     * @param shardCounts how many shards each kind of work has
     */
    public NodesVerticle(BusServices services, ClusterView view, String node, Map<String, Integer> shardCounts) {
        this.services = services;
        this.view = view;
        this.node = node;
        this.shardCounts = Map.copyOf(shardCounts);
    }

    @Override
    public Future<?> start() {
        subscription = services.serve(context, ADDRESS, this::handle);
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        subscription.close();
        return Future.succeededFuture();
    }

    private Future<? extends MessageLite> handle(String type, EncodedMessage request) {
        return switch (type) {
            case "ListNodes" -> Future.succeededFuture(list());
            default ->
                Future.failedFuture(new ServiceException(Code.UNSUPPORTED, "the nodes' service does not do " + type));
        };
    }

    private NodeList list() {
        List<Member> members = view.members();
        NodeList.Builder list =
                NodeList.newBuilder().setAsked(node).setWhyNot(view.whyNot().orElse(""));
        members.stream()
                .sorted(Comparator.comparing(Member::id))
                .map(member -> info(member)
                        .addAllShards(shards(owner ->
                                owner.filter(known -> isOf(known, member)).isPresent())))
                .forEach(list::addNodes);
        list.addAllUnowned(shards(owner ->
                owner.isEmpty() || members.stream().noneMatch(member -> isOf(owner.get(), member))));
        return list.build();
    }

    /** What an earlier incarnation owned its successor does not. */
    private static boolean isOf(Owner owner, Member member) {
        return owner.node().equals(member.id()) && owner.incarnation() == member.incarnation();
    }

    private List<ShardInfo> shards(Predicate<Optional<Owner>> wanted) {
        return shardCounts.entrySet().stream()
                .flatMap(kind -> numbered(kind.getKey(), kind.getValue()))
                .sorted()
                .filter(shard -> wanted.test(view.owner(shard)))
                .map(shard -> ShardInfo.newBuilder()
                        .setKind(shard.kind())
                        .setNumber(shard.number())
                        .setEpoch(view.owner(shard).map(Owner::epoch).orElse(0))
                        .build())
                .toList();
    }

    private static Stream<Shard> numbered(String kind, int count) {
        return IntStream.range(0, count).mapToObj(number -> new Shard(kind, number));
    }

    private static NodeInfo.Builder info(Member member) {
        return NodeInfo.newBuilder()
                .setId(member.id())
                .setIncarnation(member.incarnation())
                .setKind(member.kind().name().toLowerCase(Locale.ROOT))
                .setState(member.state().name().toLowerCase(Locale.ROOT))
                .setCapacity(member.capacity())
                .setAddress(member.address());
    }
}
