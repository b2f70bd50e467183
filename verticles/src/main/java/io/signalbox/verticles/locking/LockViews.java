package io.signalbox.verticles.locking;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.Deadlock;
import io.signalbox.codecs.internal.DeadlockStep;
import io.signalbox.codecs.internal.Deadlocks;
import io.signalbox.codecs.internal.GetLock;
import io.signalbox.codecs.internal.ListLocks;
import io.signalbox.codecs.internal.LockClaimView;
import io.signalbox.codecs.internal.LockPage;
import io.signalbox.codecs.internal.LockView;
import io.signalbox.verticles.locking.LockStore.Lock;
import io.signalbox.verticles.locking.LockStore.Page;
import io.signalbox.verticles.locking.LockStore.Place;
import io.signalbox.verticles.locking.LockStore.Seen;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Locks as people see them. Confined to its event loop. */
final class LockViews {
    private static final int MAX_PAGE = 1000;
    private static final int DEFAULT_PAGE = 100;
    private static final int SHOWN_WAITERS = 100;

    /** What one report of deadlocks looks at. */
    private static final int MAX_CONTENDED = 1000;

    private static final int LOOKED_AT_ONCE = 100;
    private static final int MAX_HOLDERS = 1000;
    private static final int MAX_WAITERS = 1000;

    private final LockStore store;

    LockViews(LockStore store) {
        this.store = store;
    }

    Future<LockView> get(GetLock request) {
        String name = Failures.checkName(request.getName());
        return store.get(name, SHOWN_WAITERS)
                .map(found -> view(found.orElseThrow(() ->
                        new ServiceException(Code.NOT_FOUND, "nobody holds lock '" + name + "' or waits for it"))));
    }

    private static LockView view(Lock lock) {
        LockView.Builder view = LockView.newBuilder()
                .setName(lock.name())
                .setHolding(lock.holding())
                .setWaiting(lock.waiting());
        lock.holders().forEach(holder -> view.addHolders(view(holder)));
        for (int i = 0; i < lock.waiters().size(); i++) {
            view.addWaiters(view(lock.waiters().get(i)).toBuilder().setReason(reason(lock, i)));
        }
        return view.build();
    }

    private static LockClaimView view(Seen seen) {
        return LockClaimView.newBuilder()
                .setAgent(seen.owner().agent())
                .setHolder(seen.owner().holder())
                .setMode(seen.mode())
                .setPermits(seen.limit())
                .setPriority(seen.priority())
                .setToken(seen.token())
                .setSinceMs(seen.since())
                .setUntilMs(seen.until())
                .build();
    }

    private static String reason(Lock lock, int ahead) {
        if (ahead > 0) {
            return ahead + (ahead == 1 ? " waits" : " wait") + " before it";
        }
        if (lock.holders().isEmpty()) {
            return "it is about to be granted";
        }
        Seen first = lock.holders().getFirst();
        Seen waiter = lock.waiters().getFirst();
        String holder = "agent " + first.owner().agent() + " holds it";
        return first.mode() == waiter.mode() && waiter.limit() > 1
                ? lock.holding() + " of " + waiter.limit() + " hold it"
                : lock.holding() == 1 ? holder : holder + ", and " + (lock.holding() - 1) + " with it";
    }

    Future<LockPage> list(ListLocks request) {
        int limit = request.getLimit() == 0 ? DEFAULT_PAGE : Math.clamp(request.getLimit(), 1, MAX_PAGE);
        return collect(new ArrayList<>(), Optional.of(place(request.getCursor())), limit)
                .map(page -> {
                    LockPage.Builder answer = LockPage.newBuilder();
                    page.locks().forEach(lock -> answer.addLocks(view(lock)));
                    page.next().ifPresent(next -> answer.setNextCursor(cursor(next)));
                    return answer.build();
                });
    }

    private Future<Page> collect(List<Lock> found, Optional<Place> next, int limit) {
        if (next.isEmpty() || found.size() == limit) {
            return Future.succeededFuture(new Page(found, next));
        }
        return store.list(next.get(), limit - found.size(), 1, 0, false).compose(page -> {
            found.addAll(page.locks());
            return collect(found, page.next(), limit);
        });
    }

    private static String cursor(Place place) {
        String text = place.shard() + "/" + place.name();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Place place(String cursor) {
        if (cursor.isEmpty()) {
            return Place.START;
        }
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8).split("/", 2);
            int shard = Integer.parseInt(parts[0]);
            if (parts.length == 2 && shard >= 0 && shard < LockKeys.SHARDS) {
                return new Place(shard, parts[1]);
            }
        } catch (IllegalArgumentException e) {
            throw unknownCursor();
        }
        throw unknownCursor();
    }

    private static ServiceException unknownCursor() {
        return Failures.invalid("cursor is not one of ours; take nextCursor of a page");
    }

    Future<Deadlocks> deadlocks() {
        return contended(new ArrayList<>(), Optional.of(Place.START)).map(page -> {
            Deadlocks.Builder answer =
                    Deadlocks.newBuilder().setIncomplete(page.next().isPresent());
            new WaitGraph(page.locks()).deadlocks().forEach(steps -> answer.addDeadlocks(deadlock(steps)));
            return answer.build();
        });
    }

    private Future<Page> contended(List<Lock> found, Optional<Place> next) {
        if (next.isEmpty() || found.size() >= MAX_CONTENDED) {
            return Future.succeededFuture(new Page(found, next));
        }
        return store.list(next.get(), LOOKED_AT_ONCE, MAX_HOLDERS, MAX_WAITERS, true)
                .compose(page -> {
                    found.addAll(page.locks());
                    return contended(found, page.next());
                });
    }

    private static Deadlock deadlock(List<WaitGraph.Step> steps) {
        Deadlock.Builder deadlock = Deadlock.newBuilder();
        steps.forEach(step -> deadlock.addSteps(DeadlockStep.newBuilder()
                .setAgent(step.owner().agent())
                .setHolder(step.owner().holder())
                .setWaitsFor(step.waitsFor())));
        return deadlock.build();
    }
}
