package io.signalbox.sdk;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.JsonCodec;
import io.signalbox.codecs.proto.AcquireLock;
import io.signalbox.codecs.proto.ArriveAtBarrier;
import io.signalbox.codecs.proto.BarrierAnswer;
import io.signalbox.codecs.proto.Document;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.GetDocument;
import io.signalbox.codecs.proto.LeaveBarrier;
import io.signalbox.codecs.proto.LockAnswer;
import io.signalbox.codecs.proto.LockState;
import io.signalbox.codecs.proto.PutDocument;
import io.signalbox.codecs.proto.ReleaseLock;
import io.signalbox.sdk.LeaseBook.Key;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Locks, leadership, barriers and documents that agents share, over all nodes. Its methods block; call them from virtual threads.
 * Thread-safe.
 */
public final class Coordination {
    static final String ADDRESS = "$sys/locks";

    private static final Logger log = System.getLogger(Coordination.class.getName());

    /** Asked again when it is over: nobody waits longer at a node at a time. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private static final Duration RELEASE_PATIENCE = Duration.ofSeconds(2);
    private static final Duration BARRIER_LEASE = Duration.ofSeconds(9);
    private static final String ELECTIONS = "election/";

    /** A question to the service, and what it answers. */
    interface Asker {
        Entry ask(Entry.Builder entry) throws InterruptedException;
    }

    private record Own(String name, Thread thread) {}

    private final Asker asker;
    private final ClientOptions options;
    private final LongSupplier nanoClock;
    private final LeaseKeeper keeper;
    private final String instance = UUID.randomUUID().toString().substring(0, 8);
    private final AtomicLong claims = new AtomicLong();
    private final Map<Own, HeldLock> held = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Long>> parties = new ConcurrentHashMap<>();

    /** @param nanoClock only goes forward */
    Coordination(Asker asker, ClientOptions options, LongSupplier nanoClock) {
        this.asker = asker;
        this.options = options;
        this.nanoClock = nanoClock;
        this.keeper = new LeaseKeeper(this::ask, this::giveBack, nanoClock);
    }

    /** Waits until this thread alone has the lock. */
    public HeldLock lock(String name) throws InterruptedException {
        return lock(name, LockOptions.exclusive());
    }

    /**
     * Waits for the lock. A thread that has it already takes it once more, and closes each.
     *
     * @throws SignalboxException {@code CONFLICT}: this thread has it in another mode; {@code OVERLOADED}: too many wait;
     *     {@code FORBIDDEN}: the agent's token grants it no right to publish to {@code lock/{name}}
     */
    public HeldLock lock(String name, LockOptions options) throws InterruptedException {
        while (true) {
            Optional<HeldLock> taken = tryLock(name, options, LONGEST_WAIT);
            if (taken.isPresent()) {
                return taken.get();
            }
        }
    }

    /** @param wait zero: only if it is free; empty when it was not within that time */
    public Optional<HeldLock> tryLock(String name, Duration wait) throws InterruptedException {
        return tryLock(name, LockOptions.exclusive(), wait);
    }

    /** Like {@link #lock(String, LockOptions)}, for so long. */
    public Optional<HeldLock> tryLock(String name, LockOptions wanted, Duration wait) throws InterruptedException {
        Own own = new Own(name, Thread.currentThread());
        HeldLock mine = held.get(own);
        if (mine != null && mine.options().covers(wanted) && mine.enter()) {
            return Optional.of(mine);
        }
        if (mine != null && mine.isHeld()) {
            throw new SignalboxException(Code.CONFLICT, "this thread has lock " + name + " in another mode");
        }
        long end = nanoClock.getAsLong() + wait.toNanos();
        Backoff backoff = new Backoff(options.reconnectInitial(), options.reconnectMax(), options.random());
        while (true) {
            long left = Math.max(0, end - nanoClock.getAsLong());
            try {
                Optional<HeldLock> taken = take(own, wanted, Duration.ofNanos(left));
                if (taken.isPresent() || left == 0) {
                    return taken;
                }
            } catch (SignalboxException e) {
                Duration pause = backoff.next(e.retryAfter());
                if (!e.code().retry() || nanoClock.getAsLong() + pause.toNanos() > end) {
                    throw e;
                }
                Thread.sleep(pause);
            }
        }
    }

    private Optional<HeldLock> take(Own own, LockOptions wanted, Duration wait) throws InterruptedException {
        // What is before # is the thread, so that circles of waiting threads are seen; each claim is one of its own.
        String holder = instance + "-" + own.thread().threadId() + "#" + claims.incrementAndGet();
        Key key = new Key(own.name(), holder);
        CompletableFuture<Long> token = keeper.ask(key, wanted.lease());
        boolean taken = false;
        try {
            long sentAt = nanoClock.getAsLong();
            LockAnswer answer =
                    ask(acquire(key, wanted, wait), LockAnswer.newBuilder()).build();
            keeper.asked(key, answer, sentAt);
            if (answer.getState() == LockState.LOCK_STATE_NONE) {
                return Optional.empty();
            }
            HeldLock lock =
                    new HeldLock(this, key, token.get(wait.toNanos(), TimeUnit.NANOSECONDS), wanted, own.thread());
            taken = keeper.hold(lock);
            if (taken) {
                held.put(own, lock);
            }
            return taken ? Optional.of(lock) : Optional.empty();
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) { // its place in the queue is lost
            return Optional.empty();
        } finally {
            if (!taken) {
                keeper.forget(key);
                giveBack(key, 0);
            }
        }
    }

    private static AcquireLock acquire(Key key, LockOptions wanted, Duration wait) {
        return AcquireLock.newBuilder()
                .setName(key.name())
                .setHolder(key.holder())
                .setMode(wanted.mode())
                .setPermits(wanted.permits())
                .setPriority(wanted.priority())
                .setLeaseMs((int) wanted.lease().toMillis())
                .setWaitMs((int) wait.toMillis())
                .setPreempt(wanted.isPreempting())
                .build();
    }

    void release(HeldLock lock) {
        held.remove(new Own(lock.name(), lock.holder()), lock);
        keeper.forget(lock.key());
        CompletableFuture<Void> released = giveBack(lock.key(), lock.token());
        try {
            released.get(RELEASE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException e) {
            log.log(Level.DEBUG, "{0} was not released yet", lock);
        }
    }

    /** On a thread of its own: whoever calls may be interrupted, or hold the keeper's lock. */
    private CompletableFuture<Void> giveBack(Key key, long token) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        ReleaseLock release = ReleaseLock.newBuilder()
                .setName(key.name())
                .setHolder(key.holder())
                .setToken(token)
                .build();
        Thread.ofVirtual().name("signalbox-release").start(() -> {
            try {
                ask(release, LockAnswer.newBuilder());
            } catch (SignalboxException e) {
                log.log(Level.DEBUG, "Lock {0} is not released, its lease ends: {1}", key.name(), e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                done.complete(null);
            }
        });
        return done;
    }

    /**
     * Waits until this agent leads the group, and leads it until that is closed or lost. Its token is the leadership's term: it
     * grows with each leader. Agents that ask {@code lock/election/{group}} see who leads.
     */
    public HeldLock lead(String group) throws InterruptedException {
        return lock(ELECTIONS + group);
    }

    /** @param wait zero: only if nobody leads it; empty when somebody did for that time */
    public Optional<HeldLock> tryLead(String group, Duration wait) throws InterruptedException {
        return tryLock(ELECTIONS + group, wait);
    }

    /**
     * Waits until so many are at the barrier, this one included.
     *
     * @return the phase that ended; it grows with each, over restarts of anything
     * @throws SignalboxException {@code TIMEOUT}: they were not; this one is not there any more
     */
    public long awaitBarrier(String name, int count, Duration wait) throws InterruptedException {
        String party = instance + "#" + claims.incrementAndGet();
        CompletableFuture<Long> passed = new CompletableFuture<>();
        parties.put(party, passed);
        ArriveAtBarrier arrive = ArriveAtBarrier.newBuilder()
                .setName(name)
                .setParty(party)
                .setParties(count)
                .setLeaseMs((int) BARRIER_LEASE.toMillis())
                .build();
        try {
            return arrive(arrive, passed, nanoClock.getAsLong() + wait.toNanos());
        } finally {
            parties.remove(party);
            if (!passed.isDone()) {
                leave(name, party);
            }
        }
    }

    private long arrive(ArriveAtBarrier arrive, CompletableFuture<Long> passed, long end) throws InterruptedException {
        while (true) {
            try {
                BarrierAnswer answer = ask(arrive, BarrierAnswer.newBuilder()).build();
                if (answer.getPassed()) {
                    passed.complete(answer.getPhase());
                }
            } catch (SignalboxException e) {
                if (!e.code().retry()) {
                    throw e;
                }
            }
            long pause = Math.min(BARRIER_LEASE.dividedBy(3).toNanos(), end - nanoClock.getAsLong());
            try {
                return passed.get(Math.max(0, pause), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (nanoClock.getAsLong() >= end) {
                    throw new SignalboxException(
                            Code.TIMEOUT, "barrier " + arrive.getName() + " was not passed in time");
                }
            } catch (ExecutionException e) {
                throw SignalboxException.heardBy(e);
            }
        }
    }

    private void leave(String name, String party) {
        LeaveBarrier leave =
                LeaveBarrier.newBuilder().setName(name).setParty(party).build();
        Thread.ofVirtual().name("signalbox-leave").start(() -> {
            try {
                ask(leave, BarrierAnswer.newBuilder());
            } catch (SignalboxException e) {
                log.log(Level.DEBUG, "Barrier {0} is not left, the lease ends: {1}", name, e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** A document that agents share; empty: there is none. */
    public Optional<SharedDocument> document(String name) throws InterruptedException {
        Document document = ask(GetDocument.newBuilder().setName(name).build(), Document.newBuilder())
                .build();
        return document.getRevision() == 0 ? Optional.empty() : Optional.of(shared(document));
    }

    private static SharedDocument shared(Document document) {
        return new SharedDocument(
                document.getName(),
                document.getRevision(),
                Payload.of(document.getContentType(), document.getPayload()),
                document.getToken(),
                document.getWriter());
    }

    /** Like {@link #putDocument(String, long, Payload, long)}, for documents that no lock guards. */
    public long putDocument(String name, long revision, Payload content) throws InterruptedException {
        return putDocument(name, revision, content, 0);
    }

    /**
     * Replaces a document if it is in that revision still.
     *
     * @param revision 0: there is none
     * @param content empty: removes it
     * @param token of a lock that guards it; from the first one on, who comes with a lower one has lost the lock
     * @return the new revision
     * @throws SignalboxException {@code CONFLICT}: it is in another revision; {@code TOKEN_SUPERSEDED}; {@code TIMEOUT}: it may
     *     have been put
     */
    public long putDocument(String name, long revision, Payload content, long token) throws InterruptedException {
        PutDocument put = PutDocument.newBuilder()
                .setName(name)
                .setRevision(revision)
                .setContentType(content.contentType())
                .setPayload(content.content())
                .setToken(token)
                .build();
        return ask(put, Document.newBuilder()).build().getRevision();
    }

    /** A message that the service sent by itself. */
    void noticed(Message message) {
        try {
            if (message.type().equals("BarrierPassed")) {
                BarrierAnswer.Builder passed = BarrierAnswer.newBuilder();
                JsonCodec.read(message.payload().bytes(), passed);
                Optional.ofNullable(parties.get(passed.getParty()))
                        .ifPresent(party -> party.complete(passed.getPhase()));
            } else {
                LockAnswer.Builder notice = LockAnswer.newBuilder();
                JsonCodec.read(message.payload().bytes(), notice);
                keeper.noticed(message.type(), notice.build());
            }
        } catch (CodecException e) {
            log.log(Level.DEBUG, "A notice that does not parse: {0}", e.getMessage());
        }
    }

    /** The agent is about to be detached: nobody is to wait for its leases to end. */
    void leave() {
        held.values().forEach(lock -> {
            lock.end("the agent is closed");
            release(lock);
        });
    }

    /** The agent is detached for good. */
    void ended(SignalboxException why) {
        keeper.end(why.getMessage());
        parties.values().forEach(party -> party.completeExceptionally(why));
    }

    private <B extends com.google.protobuf.Message.Builder> B ask(com.google.protobuf.Message request, B answer)
            throws InterruptedException {
        io.signalbox.codecs.proto.Message message = io.signalbox.codecs.proto.Message.newBuilder()
                .setAddress(ADDRESS)
                .setType(request.getDescriptorForType().getName())
                .setPayload(ByteString.copyFrom(JsonCodec.write(request)))
                .build();
        Entry entry = asker.ask(Entry.newBuilder().setMessage(message));
        try {
            JsonCodec.read(entry.getMessage().getPayload().toByteArray(), answer);
            return answer;
        } catch (CodecException e) {
            throw new SignalboxException(Code.UNSUPPORTED, "an answer that this version does not know", e);
        }
    }
}
