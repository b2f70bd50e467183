package io.signalbox.bus.cluster;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.codecs.EncodedMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * One message on its way to this node's subscribers and to peers that have interest in it. For what goes to one of several, a
 * node is chosen with the weight of its members; when it has no room, the others are tried. Used once, by one thread.
 */
final class Spread {
    /**
     * Where one of several is.
     *
     * @param offer gives the message to one there
     */
    private record Place(int members, Supplier<OfferResult> offer) {}

    /** What one peer gets in one copy. */
    private static final class Copy {
        boolean plain;
        final List<Target.Group> groups = new ArrayList<>(1);
    }

    private final LocalMessageBus local;
    private final RandomGenerator random;
    private final EncodedMessage message;
    private final List<Route> remote;
    private boolean accepted;
    private boolean backPressured;

    /** @param remote what peers have interest, not empty */
    Spread(LocalMessageBus local, RandomGenerator random, EncodedMessage message, List<Route> remote) {
        this.local = local;
        this.random = random;
        this.message = message;
        this.remote = remote;
    }

    OfferResult publish() {
        Map<PeerLink, Copy> copies = new LinkedHashMap<>();
        Map<Target.Group, Map<PeerLink, Integer>> shared = new LinkedHashMap<>();
        for (Route route : remote) {
            copies.computeIfAbsent(route.link(), ignored -> new Copy()).plain |=
                    route.interest().plain();
            for (PatternInterest.Group group : route.interest().groups()) {
                shared.computeIfAbsent(
                                new Target.Group(route.pattern(), group.name()), ignored -> new LinkedHashMap<>())
                        .put(route.link(), group.members());
            }
        }
        note(local.deliver(message, (pattern, group) -> !shared.containsKey(new Target.Group(pattern, group))));
        shared.forEach((group, members) -> choose(group, members, copies));
        copies.forEach((link, copy) -> offer(link, copy, shared));
        return result();
    }

    /** To a member here at once; one of a peer gets it with the peer's copy. */
    private void choose(Target.Group group, Map<PeerLink, Integer> members, Map<PeerLink, Copy> copies) {
        int here = local.members(new AddressPattern(group.pattern()), group.name());
        int chosen = random.nextInt(here + sum(members)) - here;
        if (chosen < 0 && note(deliverHere(group)) == OfferResult.ACCEPTED) {
            return;
        }
        int left = Math.max(0, chosen);
        for (Map.Entry<PeerLink, Integer> each : members.entrySet()) {
            if (left < each.getValue()) {
                copies.get(each.getKey()).groups.add(group);
                return;
            }
            left -= each.getValue();
        }
    }

    private static int sum(Map<PeerLink, Integer> members) {
        int sum = 0;
        for (int each : members.values()) {
            sum += each;
        }
        return sum;
    }

    private OfferResult deliverHere(Target.Group group) {
        return local.deliverToGroup(message, new AddressPattern(group.pattern()), group.name());
    }

    private void offer(PeerLink link, Copy copy, Map<Target.Group, Map<PeerLink, Integer>> shared) {
        if (!copy.plain && copy.groups.isEmpty()) {
            return;
        }
        OfferResult result = note(link.offer(new Parcel(message, Target.of(copy.plain, copy.groups))));
        if (result != OfferResult.ACCEPTED) {
            copy.groups.forEach(group -> tryOthers(group, link, shared.get(group)));
        }
    }

    private void tryOthers(Target.Group group, PeerLink full, Map<PeerLink, Integer> members) {
        if (note(deliverHere(group)) == OfferResult.ACCEPTED) {
            return;
        }
        for (PeerLink link : members.keySet()) {
            Parcel parcel = new Parcel(message, Target.of(false, List.of(group)));
            if (link != full && note(link.offer(parcel)) == OfferResult.ACCEPTED) {
                return;
            }
        }
    }

    /** To any one, a plain interest of a peer counting as one. */
    OfferResult send() {
        Map<PeerLink, Integer> takers = new LinkedHashMap<>();
        remote.forEach(route -> takers.merge(route.link(), route.interest().takers(), Integer::sum));
        List<Place> places = new ArrayList<>();
        places.add(new Place(local.subscribers(message.address()), () -> local.deliverToOne(message)));
        takers.forEach((link, members) ->
                places.add(new Place(members, () -> link.offer(new Parcel(message, Target.ONE)))));
        int total = places.stream().mapToInt(Place::members).sum();
        int first = placeOf(places, random.nextInt(total));
        for (int i = 0; i < places.size() && !accepted; i++) {
            note(places.get((first + i) % places.size()).offer().get());
        }
        return result();
    }

    private static int placeOf(List<Place> places, int member) {
        int left = member;
        for (int i = 0; i < places.size(); i++) {
            if (left < places.get(i).members()) {
                return i;
            }
            left -= places.get(i).members();
        }
        throw new IndexOutOfBoundsException(member);
    }

    private OfferResult note(OfferResult result) {
        accepted |= result == OfferResult.ACCEPTED;
        backPressured |= result == OfferResult.BACK_PRESSURED;
        return result;
    }

    private OfferResult result() {
        if (accepted) {
            return OfferResult.ACCEPTED;
        }
        return backPressured ? OfferResult.BACK_PRESSURED : OfferResult.NO_ROUTE;
    }
}
