package io.signalbox.verticles.locking;

import io.signalbox.bus.redis.RedisFailure;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.verticles.postgres.StoreException;
import io.vertx.core.Future;
import java.time.Duration;

/** What the one who asked is told when a store fails. */
final class Failures {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private Failures() {}

    static <T> Future<T> refused(Throwable cause) {
        return Future.failedFuture(
                switch (cause) {
                    case StoreException failure -> failure.refusal();
                    case RedisFailure failure -> refusal(failure);
                    default -> cause;
                });
    }

    private static ServiceException refusal(RedisFailure failure) {
        return switch (failure.reason()) {
            case UNKNOWN ->
                new ServiceException(
                        Code.TIMEOUT, "the store of locks did not answer; repeat the request", RETRY_AFTER);
            case NOT_SENT ->
                new ServiceException(
                        Code.UNAVAILABLE, "the store of locks is away; nothing was done, try again", RETRY_AFTER);
            case REFUSED, UNREPLICATED ->
                new ServiceException(
                        Code.UNAVAILABLE, "the store of locks refused: " + failure.getMessage(), RETRY_AFTER);
        };
    }

    static ServiceException invalid(String message) {
        return new ServiceException(Code.INVALID_ARGUMENT, message);
    }

    /** Names are user's texts that become parts of keys, of addresses and of paths. */
    static String checkName(String name) {
        if (name.isEmpty() || name.length() > 200 || name.chars().anyMatch(c -> c < 32 || c == '+' || c == '#')) {
            throw invalid("a name has 1 to 200 characters, none of them +, # or a control character");
        }
        return name;
    }

    /** Who within an agent. */
    static String checkPart(String part) {
        if (part.length() > 200 || part.indexOf('\0') >= 0) {
            throw invalid("a holder's or party's name has up to 200 characters, no NUL");
        }
        return part;
    }
}
