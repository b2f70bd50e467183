package io.signalbox.bus.mailbox;

import io.signalbox.bus.redis.RedisFailure;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.vertx.core.Future;
import java.time.Duration;

/** What the one who asked is told when mailboxes fail. */
public final class MailboxFailures {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private MailboxFailures() {}

    /** A failure of {@link MailboxStore} as a {@link ServiceException}; any other as it is. */
    public static <T> Future<T> refused(Throwable cause) {
        return Future.failedFuture(
                switch (cause) {
                    case MailboxFullException full ->
                        new ServiceException(Code.MAILBOX_FULL, full.getMessage(), RETRY_AFTER);
                    case RedisFailure failure -> refusal(failure);
                    default -> cause;
                });
    }

    private static ServiceException refusal(RedisFailure failure) {
        return switch (failure.reason()) {
            case NOT_SENT ->
                new ServiceException(
                        Code.UNAVAILABLE, "the store of mailboxes is away; nothing was done, try again", RETRY_AFTER);
            case UNKNOWN ->
                new ServiceException(
                        Code.TIMEOUT, "the store of mailboxes did not answer; repeat the request", RETRY_AFTER);
            case REFUSED ->
                new ServiceException(
                        Code.UNAVAILABLE, "the store of mailboxes refused: " + failure.getMessage(), RETRY_AFTER);
            case UNREPLICATED -> new ServiceException(Code.UNREPLICATED, failure.getMessage(), RETRY_AFTER);
        };
    }
}
