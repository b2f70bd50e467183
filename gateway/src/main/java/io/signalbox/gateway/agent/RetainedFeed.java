package io.signalbox.gateway.agent;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.retained.Retained;
import io.signalbox.bus.retained.RetainedMessages;
import io.signalbox.bus.retained.RetainedReader;
import io.signalbox.bus.retained.RetainedStore.Position;
import io.signalbox.codecs.EncodedMessage;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives an agent what is retained at the addresses of its new subscriptions, no faster than it takes it. There is one while
 * there is something to give. Confined to the session's event loop, where the store's answers come, too.
 */
final class RetainedFeed {
    private static final Logger log = LoggerFactory.getLogger(RetainedFeed.class);

    /** Under way for one agent. Each brings a message of an exact address, or a page of a pattern. */
    private static final int MAX_READS = 16;

    private final Attachment attachment;
    private final AgentSession session;
    private final AgentEndpoint endpoint;
    private final RetainedReads reads;

    /** By pattern; no more than the agent has subscriptions. */
    private final Map<String, RetainedReader> readers = new HashMap<>();

    private final Deque<RetainedReader> unread = new ArrayDeque<>();

    /** They have what there was no room for. */
    private final Deque<RetainedReader> full = new ArrayDeque<>();

    private Instant retryAt = Instant.MIN;
    private int failures;
    private int underWay;
    private boolean hasTurn;
    private boolean lookingAgain;
    private boolean closed;

    RetainedFeed(Attachment attachment) {
        this.attachment = attachment;
        this.session = attachment.session();
        this.endpoint = session.endpoint();
        this.reads = endpoint.retainedReads();
    }

    /** There is a subscription with the pattern, or it was made once more: then all is given again. */
    void begin(AddressPattern pattern) {
        RetainedReader fresh = new RetainedReader(pattern);
        end(pattern.text());
        readers.put(pattern.text(), fresh);
        unread.add(fresh);
        proceed();
    }

    /** There is no such subscription any more. */
    void end(String pattern) {
        RetainedReader before = readers.remove(pattern);
        unread.remove(before);
        full.remove(before);
    }

    /** The agent is given a live copy of a change. */
    void live(EncodedMessage copy) {
        readers.values().forEach(reader -> reader.live(copy.address(), copy.retainedRevision()));
    }

    void close() {
        closed = true;
        reads.forget(session, this);
    }

    boolean isUnused() {
        return readers.isEmpty();
    }

    void itsTurn() {
        hasTurn = false;
        proceed();
    }

    /** Gives and reads as much as there is room for. */
    void proceed() {
        if (closed) {
            return;
        }
        while (!full.isEmpty() && give(full.peek())) {
            settle(full.remove());
        }
        if (full.isEmpty()) {
            read();
        } else if (!lookingAgain) {
            // What was given goes out with this turn, and makes room.
            lookingAgain = true;
            endpoint.afterThisTurn().execute(this::lookAgain);
        }
        if (full.isEmpty() && (unread.isEmpty() || !isWaitingForStore())) {
            reads.forget(session, this);
        } else {
            reads.await(session, this);
        }
        attachment.giveUpUnusedRetained();
    }

    private void lookAgain() {
        boolean hadRoom = attachment.hasRoomForRetained();
        lookingAgain = false;
        if (hadRoom) {
            proceed();
        }
    }

    private boolean isWaitingForStore() {
        return retryAt.isAfter(endpoint.now());
    }

    /** False: there is no room for all that is here. */
    private boolean give(RetainedReader reader) {
        long now = EncodedMessage.micros(endpoint.now());
        while (attachment.hasRoomForRetained()) {
            Optional<Retained> next = reader.poll(now);
            if (next.isEmpty()) {
                return true;
            }
            attachment.give(next.get().message());
        }
        return reader.wantsPage() || reader.isDone();
    }

    /** It has nothing here (any more). */
    private void settle(RetainedReader reader) {
        if (reader.isDone()) {
            readers.remove(reader.pattern().text());
        } else {
            unread.add(reader);
        }
    }

    private void read() {
        while (!unread.isEmpty() && underWay < MAX_READS && !hasTurn && !isWaitingForStore()) {
            if (!reads.mayRead(this)) {
                hasTurn = true;
                return;
            }
            read(unread.remove());
        }
    }

    private void read(RetainedReader reader) {
        underWay++;
        Position after = reader.begin();
        reads.messages()
                .read(reader, after, reads.maxPageBytes())
                .onComplete(done -> underWay--)
                .onSuccess(page -> arrived(reader, page))
                .onFailure(cause -> failed(reader, cause))
                .onComplete(done -> reads.readDone());
    }

    private boolean isOver(RetainedReader reader) {
        return closed || readers.get(reader.pattern().text()) != reader;
    }

    private void arrived(RetainedReader reader, RetainedMessages.Page page) {
        failures = 0;
        reader.arrived(page.messages(), page.until());
        if (!isOver(reader)) {
            full.add(reader);
        }
        proceed();
    }

    private void failed(RetainedReader reader, Throwable cause) {
        log.debug("What is retained at {} cannot be read now", reader.pattern().text(), cause);
        reader.failed();
        if (!isOver(reader)) {
            unread.addFirst(reader);
        }
        if (!isWaitingForStore()) {
            failures++;
            retryAt = reads.retryAt(endpoint.now(), failures);
        }
        proceed();
    }
}
