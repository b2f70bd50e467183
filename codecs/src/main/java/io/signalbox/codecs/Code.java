package io.signalbox.codecs;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Error and close codes. Generated from {@code codes.csv}; change that table, then see CONTRIBUTING.md.
 *
 * <p>Errors: 1000 to 1999 retry later, 2000 to 2999 authenticate again, 3000 to 3999 do not repeat unchanged. WebSocket
 * close codes: 4000 to 4199 reconnect, 4200 to 4399 authenticate again, 4400 to 4999 give up.
 */
public enum Code {
    /** A store or service that the request needs is away; nothing was done. */
    UNAVAILABLE(1001, 503, true),

    /** A bounded queue is full; nothing was done. */
    OVERLOADED(1002, 503, true),

    /** No answer in time; whether it was done is unknown. */
    TIMEOUT(1003, 503, true),

    /** The node is shutting down; connect elsewhere or again later. */
    DRAINING(1004, 503, true),

    /** The receiver is too slow; the message was dropped. */
    DROPPED(1005, 503, true),

    /** The receiver's mailbox is at its bound; nothing was done. */
    MAILBOX_FULL(1006, 503, true),

    /** The message is safe on the primary store but not on a replica. */
    UNREPLICATED(1007, 503, true),

    /** The cluster keeps as many retained messages or bytes of them as it may; nothing was done. */
    RETAINED_FULL(1008, 503, true),

    /** The agent sends more messages than a fleet directive lets it; this one was not sent. */
    RATE_LIMITED(1021, 429, true),

    /** No token or a token that does not verify. */
    UNAUTHENTICATED(2001, 401, false),

    /** The token's time is over; get a new one. */
    TOKEN_EXPIRED(2002, 401, false),

    /** The bytes or text are not of the protocol. */
    MALFORMED(3001, 400, false),

    /** Frame or payload above the limit. */
    TOO_LARGE(3002, 413, false),

    /** The address or pattern breaks the grammar. */
    INVALID_ADDRESS(3003, 400, false),

    /** A field has a value that is not allowed. */
    INVALID_ARGUMENT(3004, 400, false),

    /** The identity may not do this. */
    FORBIDDEN(3005, 403, false),

    /** There is no such thing. */
    NOT_FOUND(3006, 404, false),

    /** The thing exists with other content or is in a state that forbids it. */
    CONFLICT(3007, 409, false),

    /** The content breaks the schema declared for it. */
    SCHEMA_INVALID(3008, 422, false),

    /** The idempotency key was used for another request. */
    KEY_REUSED(3009, 422, false),

    /** This version does not do that. */
    UNSUPPORTED(3010, 501, false),

    /** Nobody is subscribed to the address. */
    NO_ROUTE(3011, 404, false),

    /** The entry is not allowed in this state of the connection. */
    UNEXPECTED_ENTRY(3012, 400, false),

    /** No connected agent has the skill in the wanted range. */
    NO_SUCH_SKILL(3101, 409, false),

    /** Every agent with the skill works at its limit. */
    ALL_BUSY(3102, 409, false),

    /** A failed attempt; the next one waits for its time. */
    BACKING_OFF(3103, 409, false),

    /** The assignment was given to another agent; this token is dead. */
    TOKEN_SUPERSEDED(3104, 409, false),

    /** The assignment was not renewed in time. */
    LEASE_EXPIRED(3105, 409, false),

    /** The task was cancelled. */
    TASK_CANCELLED(3106, 409, false),

    /** The task's deadline has passed. */
    DEADLINE_EXCEEDED(3107, 409, false),

    /** The task failed as often as it may. */
    ATTEMPTS_EXHAUSTED(3108, 409, false),

    /** The agent that had the task is gone. */
    AGENT_LOST(3109, 409, false),

    /** The agent reported a failure. */
    AGENT_FAILED(3110, 409, false),

    /** The task has ended already. */
    TASK_ENDED(3111, 409, false),

    /** The agent was attached anew since; this registration is dead. */
    STALE_GENERATION(3112, 409, false),

    /** The message's time-to-live is over. */
    EXPIRED(3113, 409, false),

    /** The receiver will never be able to handle the message. */
    REJECTED(3114, 409, false),

    /** A fleet directive ended the agent; it may not attach while that stands. */
    KILLED(3121, 409, false),

    /** A fleet directive keeps the agent from sending; replies and outcomes pass. */
    QUARANTINED(3122, 403, false),

    /** The task waits for its time. */
    NOT_YET(3131, 409, false),

    /** The task waits for the end of other tasks. */
    AWAITS_TASKS(3132, 409, false),

    /** Somebody has to approve of the task. */
    AWAITS_APPROVAL(3133, 409, false),

    /** A task that this one needs did not succeed. */
    REQUIREMENT_LOST(3134, 409, false),

    /** Somebody refused to approve of the task. */
    APPROVAL_REFUSED(3135, 409, false),

    /** The task or the tree that it belongs to may use no more. */
    BUDGET_EXHAUSTED(3136, 409, false),

    /** Close: the node drains; reconnect after the given delay. */
    GOING_AWAY(4001, 0, true),

    /** Close: the client reads too slowly; reconnect. */
    SLOW_CONSUMER(4002, 0, true),

    /** Close: nothing was heard for three heartbeats; reconnect. */
    HEARTBEAT_MISSED(4003, 0, true),

    /** Close: no Hello in time; reconnect. */
    CLOSE_HELLO_TIMEOUT(4004, 0, true),

    /** Close: authenticate again with a new token. */
    CLOSE_UNAUTHENTICATED(4201, 0, false),

    /** Close: the client broke the protocol; do not reconnect unchanged. */
    CLOSE_PROTOCOL_ERROR(4401, 0, false),

    /** Close: another connection resumed this session. */
    SESSION_TAKEN_OVER(4402, 0, false);

    private static final Map<Integer, Code> BY_NUMBER =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Code::number, Function.identity()));

    private final int number;
    private final int httpStatus;
    private final boolean retry;

    Code(int number, int httpStatus, boolean retry) {
        this.number = number;
        this.httpStatus = httpStatus;
        this.retry = retry;
    }

    public int number() {
        return number;
    }

    /** Status of the HTTP answer that carries this code; 0 for close codes. */
    public int httpStatus() {
        return httpStatus;
    }

    /** Whether the same request can succeed later. */
    public boolean retry() {
        return retry;
    }

    public static Optional<Code> of(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
